#!/usr/bin/env bash
# Precedence of operators: sqlglot's dialect `databricks` against Spark's own parser.
#
# One would guess: a parser that knows `?::`, `<=>`, `DIV` and `payload:field` of the dialect also knows its precedence.
# What happens (sqlglot 30.30.0, pyspark 4.2.0): `&`, `^` and `|` are one level to sqlglot, from left to right; to Spark
#   `&` binds tighter than `^`, and `^` tighter than `|`. `||` binds looser than `+` to sqlglot; to Spark they are one
#   level. `a = b in (…)` and `a = b between …` test b to sqlglot; to Spark they test whether a = b. The tree does not
#   show in a round trip, which gives the same text; written for another engine (here DuckDB 2.0.1), the value changes,
#   without a warning.
# Why it matters here: conditions of expectations are such expressions. Who judges, simplifies or evaluates them locally
#   by sqlglot gets other rows than the pipeline: flags (`state | 2 & 4`) are the likely case.
# Run: two to three minutes. Needs Python 3.10 or newer and Java 17.
set -euo pipefail
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv env
env/bin/pip install --quiet sqlglot==30.30.0 duckdb==2.0.1 pyspark==4.2.0

cat > look.py <<'E'
import duckdb
import sqlglot
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")


def grouped(node):
    """The tree with all of its brackets."""
    if isinstance(node, sqlglot.exp.Between):
        low, high = node.args["low"], node.args["high"]
        return f"({grouped(node.this)} between {low.sql()} and {high.sql()})"
    if isinstance(node, sqlglot.exp.In):
        return f"({grouped(node.this)} in (...))"
    if isinstance(node, sqlglot.exp.Binary):
        return f"({grouped(node.this)} {type(node).__name__} {grouped(node.expression)})"
    return node.sql()


for written in [
    "5 & 3 | 8",
    "1 | 2 & 4",
    "1 | 6 ^ 3",
    "'1' || 9 + 3",
    "1 = 2 between false and true",
    "1 = 2 in (false)",
]:
    tree = sqlglot.parse_one(written, read="databricks")
    again = tree.sql(dialect="databricks").lower() == written
    on_duckdb = duckdb.sql("select " + tree.sql(dialect="duckdb")).fetchall()[0][0]
    frame = spark.sql(f"select {written}")
    print(f"{written}: Spark {frame.columns[0]} = {frame.first()[0]}; sqlglot {grouped(tree)},", end=" ")
    print(f"same text again: {again}, on DuckDB {on_duckdb}")
E
SPARK_LOCAL_IP=127.0.0.1 env/bin/python look.py > seen 2> log || { tail -5 log; exit 1; }

cat > recorded <<'E'
5 & 3 | 8: Spark ((5 & 3) | 8) = 9; sqlglot ((5 BitwiseAnd 3) BitwiseOr 8), same text again: True, on DuckDB 9
1 | 2 & 4: Spark (1 | (2 & 4)) = 1; sqlglot ((1 BitwiseOr 2) BitwiseAnd 4), same text again: True, on DuckDB 0
1 | 6 ^ 3: Spark (1 | (6 ^ 3)) = 5; sqlglot ((1 BitwiseOr 6) BitwiseXor 3), same text again: True, on DuckDB 4
'1' || 9 + 3: Spark (concat(1, 9) + 3) = 22; sqlglot ('1' DPipe (9 Add 3)), same text again: True, on DuckDB 112
1 = 2 between false and true: Spark between((1 = 2), false, true) = True; sqlglot (1 EQ (2 between FALSE and TRUE)), same text again: True, on DuckDB False
1 = 2 in (false): Spark ((1 = 2) IN (false)) = True; sqlglot (1 EQ (2 in (...))), same text again: True, on DuckDB False
E
env/bin/pip list 2> /dev/null | grep -E '^(sqlglot|duckdb|pyspark) '
cat seen
diff recorded seen || { echo "changed: the parsers no longer differ as recorded"; exit 1; }
echo "as recorded"
