#!/usr/bin/env bash
# CHECK constraints of a Delta table, as delta-rs (Python package deltalake) stores them.
#
# One would guess: the expression is stored as it is written, since the protocol has it as text for every writer to run.
# What happens (deltalake 1.6.6, pyspark 4.2.0): what is stored is the plan of DataFusion after optimisation, as text.
#   `day <= current_date()` becomes a comparison with the date of the day on which the constraint was added, so it
#   refuses tomorrow's rows; one that is always true becomes `true`; a cast becomes `arrow_cast`, which Spark does not
#   have, so Spark can no longer write to the table; a cast of a quotient to int is dropped, as `/` divides integers to
#   integers in DataFusion, and the rest means something else to Spark.
# Why it matters here: tables that a small job writes with delta-rs and a pipeline on Spark writes or reads; and whoever
#   thinks of delta-rs to evaluate expectations locally: its SQL is not Spark's.
# Run: two to three minutes. Needs Python 3.10 or newer and Java 17.
set -euo pipefail
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv env
env/bin/pip install --quiet deltalake==1.6.6 pyarrow==26.0.1 pyspark==4.2.0

cat > look.py <<'E'
import datetime

import pyarrow
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession

COLUMNS = {"day": pyarrow.date32(), "qty": pyarrow.int32(), "name": pyarrow.string()}
CONSTRAINTS = [
    "qty > 0",
    "day <= current_date()",
    "date'2020-01-01' < current_date()",
    "cast(name as int) > 0",
    "cast(qty / 2 as int) = 2",
]

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
row = spark.sql("select date'2020-05-05' as day, 5 as qty, '5' as name")


def on_spark(condition):
    try:
        return row.selectExpr(f"({condition}) as holds").first().holds
    except Exception as error:
        return error.getCondition()


for number, written in enumerate(CONSTRAINTS):
    table = f"table{number}"
    before = datetime.datetime.now(datetime.timezone.utc).date()
    write_deltalake(table, pyarrow.schema(COLUMNS).empty_table())
    DeltaTable(table).alter.add_constraint({"rule": written})
    stored = DeltaTable(table).metadata().configuration["delta.constraints.rule"]
    for today in {before, datetime.datetime.now(datetime.timezone.utc).date()}:
        shown = stored.replace(str(today), "TODAY")
        stored = shown
    print(f"{written}  ->  {shown}  | Spark on the row (2020-05-05, 5, '5'): ", end="")
    print(on_spark(written), "->", on_spark(shown.replace("TODAY", str(before))))
E
SPARK_LOCAL_IP=127.0.0.1 env/bin/python look.py > seen 2> log || { tail -5 log; exit 1; }

cat > recorded <<'E'
qty > 0  ->  qty > 0  | Spark on the row (2020-05-05, 5, '5'): True -> True
day <= current_date()  ->  day <= 'TODAY'::date  | Spark on the row (2020-05-05, 5, '5'): True -> True
date'2020-01-01' < current_date()  ->  true  | Spark on the row (2020-05-05, 5, '5'): True -> True
cast(name as int) > 0  ->  arrow_cast(name, 'Int32') > 0  | Spark on the row (2020-05-05, 5, '5'): True -> UNRESOLVED_ROUTINE
cast(qty / 2 as int) = 2  ->  qty / 2 = 2  | Spark on the row (2020-05-05, 5, '5'): True -> False
E
env/bin/pip list 2> /dev/null | grep -E '^(deltalake|pyspark) '
cat seen
diff recorded seen || { echo "changed: delta-rs no longer stores what is recorded"; exit 1; }
echo "as recorded"
