#!/usr/bin/env bash
# A `--` comment of Spark SQL whose line ends in a backslash.
#
# One would guess: as everywhere in SQL, a `--` comment ends with its line.
# What happens (pyspark 4.2.0): a backslash as the last character of a comment continues it, as in C. The next line of the
#   condition, or the next item of a select list, is gone, and no error or warning says so. sqlglot 30.30.0 and sqlfluff
#   4.5.0 end the comment with the line in their dialect `databricks`, so a linter shows code that Spark never runs.
#   A blank after the backslash is enough to end the comment.
# Why it matters here: a comment that names a Windows folder (`-- from C:\in\`) in the `.sql` of a pipeline, or in a
#   condition over several lines, takes the next condition away.
# Run: two to three minutes. Needs Python 3.10 or newer and Java 17.
set -euo pipefail
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv env
env/bin/pip install --quiet sqlglot==30.30.0 sqlfluff==4.5.0 pyspark==4.2.0

cat > look.py <<'E'
import sqlfluff
import sqlglot
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")

for name, text in {
    "comment": "select 1 as a -- from in\n, 2 as b\n",
    "comment, backslash": "select 1 as a -- from in\\\n, 2 as b\n",
    "comment, backslash, blank": "select 1 as a -- from in\\ \n, 2 as b\n",
    "condition": "select true -- not yet\\\n and false as a\n",
}.items():
    frame = spark.sql(text)
    print(f"{name}: Spark {[*frame.first()]};", end=" ")
    print(f"sqlglot {[item.sql(comments=False) for item in sqlglot.parse_one(text, read='databricks').selects]};", end=" ")
    tree = str(sqlfluff.parse(text, dialect="databricks"))
    print("sqlfluff", tree.count("'select_clause_element'"), "item(s), false seen:", "'false'" in tree)
E
SPARK_LOCAL_IP=127.0.0.1 env/bin/python look.py > seen 2> log || { tail -5 log; exit 1; }

cat > recorded <<'E'
comment: Spark [1, 2]; sqlglot ['1 AS a', '2 AS b']; sqlfluff 2 item(s), false seen: False
comment, backslash: Spark [1]; sqlglot ['1 AS a', '2 AS b']; sqlfluff 2 item(s), false seen: False
comment, backslash, blank: Spark [1, 2]; sqlglot ['1 AS a', '2 AS b']; sqlfluff 2 item(s), false seen: False
condition: Spark [True]; sqlglot ['TRUE AND FALSE AS a']; sqlfluff 1 item(s), false seen: True
E
env/bin/pip list 2> /dev/null | grep -E '^(sqlglot|sqlfluff|pyspark) '
cat seen
diff recorded seen || { echo "changed: comments are no longer read as recorded"; exit 1; }
echo "as recorded"
