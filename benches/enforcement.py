"""What expectations cost on plain Spark: the same query written with and without them, in turns.

    TMPDIR=/dev/shm DLTFLOW_SPARK=target/spark/4.3.0 target/engines/bin/python benches/enforcement.py [--rows N …] [--rounds N]

The query only reads, multiplies two numbers and writes, so that what is added to it shows; `TMPDIR` keeps the disk out of
it. Each line has the median seconds that a dataset took, the median seconds of processor time that Spark's tasks used,
both also as ratios to the plain query of the same rounds, and how often the rows of the source were read. The last lines
add the parts of five expectations one by one. It fails if rows are read more than once, never because of a time.
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
from dltflow import config  # noqa: E402
from dltflow.local.spark import flags  # noqa: E402
from dltflow.local.spark.warehouse import WRITING  # noqa: E402
from dltflow.quality import DLTMetaMixin  # noqa: E402
from pyspark.sql import Observation, SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

COLUMNS = ("id", "id % 1000 amount", "id % 7 day", "cast(id as string) name")
ACTIONS = ("allow", "drop", "allow", "fail", "allow")
LINE = "{:>10}  {:<34}{:>8.2f}{:>7.2f}{:>8.2f}{:>7.2f}{:>8.2f}"


class Orders(DLTMetaMixin):
    """Reads what was generated before."""

    source = ""

    def orders(self):
        """A light query."""
        return self.spark.read.parquet(self.source).selectExpr("*", "amount * day total")


def entry(number, quarantine=False):
    """With conditions of which a few rows fail those that allow, drop or quarantine, and none those that must hold."""
    found = []
    for i in range(number):
        action = "quarantine" if quarantine and i == 0 else ACTIONS[i % len(ACTIONS)]
        constraint = f"amount >= {i % 5} and day <> {10 + i}" if action != "fail" else f"total > -{i + 1}"
        found.append({"name": f"rule_{i}", "constraint": constraint, "action": action})
    return {"func_name": "orders", "kind": "table", "expectations": found}


def session(folder):
    """A session with the settings that `run_local` gives its own."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
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


def used(spark):
    """Rows that all stages so far have read from files, and the seconds of processor time of their tasks."""
    gateway = spark.sparkContext._gateway
    nothing, numbers = gateway.jvm.java.util.ArrayList(), gateway.new_array(gateway.jvm.double, 0)
    stages = spark.sparkContext._jsc.sc().statusStore().stageList(nothing, False, False, numbers, nothing)
    each = [stages.apply(i) for i in range(stages.size())]
    return sum(stage.inputRecords() for stage in each), sum(stage.executorCpuTime() for stage in each) / 1e9


class Bench:
    """A source of some rows, and what is run over it."""

    def __init__(self, spark, folder, rows):
        self.spark, self.folder, self.rows = spark, folder, rows
        Orders.source, Orders.spark = str(folder / f"source-{rows}"), spark
        spark.range(rows).selectExpr(*COLUMNS).write.options(**WRITING).parquet(Orders.source)

    def written(self, change=lambda frame: frame):
        """Writes the query after a `change`; gives the seconds it took."""

        def run():
            start = time.monotonic()
            change(Orders().orders()).write.options(**WRITING).mode("overwrite").parquet(str(self.folder / "plain"))
            return time.monotonic() - start

        return run

    def expecting(self, entry):
        """Runs the query as a dataset; returns the seconds that this took after the definition."""

        def run():
            report = dltflow.run_local(Orders, {"dlt": entry}, self.spark, folder=self.folder / "run")
            return report.dataset("orders").seconds

        return run

    def kinds(self):
        """What is compared with the plain query, by name."""
        five = config.to_graph({"dlt": entry(5)}).datasets[0]
        found = {f"{number} expectations": self.expecting(entry(number)) for number in (0, 1, 5, 20)}
        found["5 expectations, one quarantine"] = self.expecting(entry(5, quarantine=True))
        one = F.count(F.lit(1)).alias("rows")
        found["any observation"] = self.written(lambda frame: frame.observe(Observation(), one))
        found["flags of 5"] = self.written(lambda frame: flags.unflagged(flags.flagged(frame, five), five))
        between = lambda frame: flags.flagged(frame, five).observe(Observation(), one)  # noqa: E731
        found["any observation between them"] = self.written(lambda frame: flags.unflagged(between(frame), five))
        tallied = lambda frame: flags.flagged(frame, five).observe(Observation(), *flags.tallies(five))  # noqa: E731
        found["tallies of 5 between them"] = self.written(lambda frame: flags.unflagged(tallied(frame), five))
        return found

    def measured(self, run):
        """Seconds, seconds of processor time, and how often each row was read."""
        before = used(self.spark)
        seconds = run()
        rows, busy = (now - then for now, then in zip(used(self.spark), before))
        return seconds, busy, rows / self.rows

    def compare(self, run, rounds):
        """Medians of `measured`: of the plain query, and of `run`."""
        plain = self.written()
        plain(), run()
        pairs = [(self.measured(plain), self.measured(run)) for _ in range(rounds)]
        return [[statistics.median(column) for column in zip(*runs)] for runs in zip(*pairs)]


def main():
    """Prints the table; returns 1 if rows were read more than once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    passes = set()
    print(f"{'rows':>10}  {'what is added':<34}{'s':>8}{'ratio':>7}{'cpu s':>8}{'ratio':>7}{'passes':>8}")
    with tempfile.TemporaryDirectory(prefix="dltflow-bench-") as folder:
        spark = session(pathlib.Path(folder))
        for rows in given.rows:
            bench = Bench(spark, pathlib.Path(folder), rows)
            for name, run in bench.kinds().items():
                plain, found = bench.compare(run, given.rounds)
                passes.add(found[2])
                ratios = found[0] / plain[0], found[1] / plain[1]
                print(LINE.format(rows, name, found[0], ratios[0], found[1], ratios[1], found[2]), flush=True)
        spark.stop()
    return 0 if passes == {1.0} else 1


if __name__ == "__main__":
    sys.exit(main())
