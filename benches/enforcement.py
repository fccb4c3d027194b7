"""What expectations cost on plain Spark: the same query written with and without them, interleaved.

    DLTFLOW_SPARK=target/spark/4.3.0 target/engines/bin/python benches/enforcement.py [--rows N …] [--rounds N]

For each number of rows and expectations it prints the median seconds of both, their ratio, and how often the rows of the
source were read. It fails where they are read more than once; never for a time.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "python"), str(ROOT / os.environ.get("DLTFLOW_SPARK", "target/spark/4.3.0"))]

import dltflow  # noqa: E402
from dltflow.local.spark.warehouse import WRITING  # noqa: E402
from dltflow.quality import DLTMetaMixin  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

COLUMNS = ("id", "id % 1000 amount", "id % 7 day", "cast(id as string) name")
ACTIONS = ("allow", "drop", "allow", "fail", "allow")


class Orders(DLTMetaMixin):
    """Reads what was generated before."""

    source = ""

    def orders(self):
        """A light query, so that what is added to it shows."""
        return self.spark.read.parquet(self.source).selectExpr("*", "amount * day total")


def expectations(number, quarantine=False):
    """Conditions of which a few rows fail those that allow, drop or quarantine, and none those that must hold."""
    found = []
    for i in range(number):
        action = "quarantine" if quarantine and i == 0 else ACTIONS[i % len(ACTIONS)]
        constraint = f"amount >= {i % 5} and day <> {10 + i}" if action != "fail" else f"total > -{i + 1}"
        found.append({"name": f"rule_{i}", "constraint": constraint, "action": action})
    return found


def session(folder):
    """A session with the settings that `run_local` gives its own."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.memory": "3g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def rows_read(spark):
    """Rows that all stages so far have read from files."""
    gateway = spark.sparkContext._gateway
    nothing, numbers = gateway.jvm.java.util.ArrayList(), gateway.new_array(gateway.jvm.double, 0)
    stages = spark.sparkContext._jsc.sc().statusStore().stageList(nothing, False, False, numbers, nothing)
    return sum(stages.apply(i).inputRecords() for i in range(stages.size()))


class Bench:
    """A source of some rows, and what is run over it."""

    def __init__(self, spark, folder, rows):
        self.spark, self.folder, self.rows = spark, folder, rows
        Orders.source = str(folder / f"source-{rows}")
        spark.range(rows).selectExpr(*COLUMNS).write.options(**WRITING).parquet(Orders.source)

    def plain(self):
        """Writes the query as it is."""
        start = time.monotonic()
        Orders.spark = self.spark
        Orders().orders().write.options(**WRITING).mode("overwrite").parquet(str(self.folder / "plain"))
        return time.monotonic() - start

    def expecting(self, expectations):
        """Seconds that the dataset took with `expectations`."""
        entry = {"func_name": "orders", "kind": "table", "expectations": expectations}
        report = dltflow.run_local(Orders, {"dlt": entry}, self.spark, folder=self.folder / "run")
        return report.dataset("orders").seconds

    def compare(self, expectations, rounds):
        """Medians of the query without and with `expectations`, and how often each row was read with them."""
        self.plain(), self.expecting(expectations)
        plain, expecting, read = [], [], 0
        for _ in range(rounds):
            plain.append(self.plain())
            before = rows_read(self.spark)
            expecting.append(self.expecting(expectations))
            read += rows_read(self.spark) - before
        return statistics.median(plain), statistics.median(expecting), read / rounds / self.rows


def main():
    """Prints the table; gives 1 where rows were read more than once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    kinds = [(str(number), expectations(number)) for number in (0, 1, 5, 20)]
    kinds.append(("5, one quarantine", expectations(5, quarantine=True)))
    passes = set()
    print(f"{'rows':>10}  {'expectations':<18}{'plain s':>9}{'with s':>9}{'ratio':>8}{'passes':>8}")
    with tempfile.TemporaryDirectory(prefix="dltflow-bench-") as folder:
        spark = session(pathlib.Path(folder))
        for rows in given.rows:
            bench = Bench(spark, pathlib.Path(folder), rows)
            for name, items in kinds:
                plain, expecting, read = bench.compare(items, given.rounds)
                passes.add(round(read, 2))  # of a cache Spark counts each block as a row
                print(f"{rows:>10}  {name:<18}{plain:>9.2f}{expecting:>9.2f}{expecting / plain:>8.2f}{read:>8.2f}")
        spark.stop()
    return 0 if passes == {1.0} else 1


if __name__ == "__main__":
    sys.exit(main())
