"""What `launch` costs for many datasets: reading the configuration, importing the class, registering.

    DLTFLOW_SPARK=target/spark/4.3.0 target/engines/bin/python benches/launch.py [--datasets N …] [--rounds N]

Databricks' `dlt` is the stand-in of the tests; `pyspark.pipelines` is real, with a registry that only records, without
Java. Each line has the median seconds, milliseconds for each dataset, and what was registered. It fails if that is
not what the configuration says; never for a time.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
spark = ROOT / os.environ.get("DLTFLOW_SPARK", "target/spark/4.3.0")
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests" / "runtime"), str(spark)]

import dltflow  # noqa: E402
import fakes  # noqa: E402
from pyspark.pipelines.graph_element_registry import graph_element_registration_context  # noqa: E402
from registry import Recorder  # noqa: E402

MODULE = "many_datasets"
COMPANIONS = 3  # the rows, their counts and what stays: what a table with expectations is on open-source Spark


def project(folder, datasets):
    """A class with that many methods, and its configuration; gives the path of this."""
    methods = "".join(f"    def table_{i}(self):\n        raise AssertionError\n" for i in range(datasets))
    source = f"from dltflow.quality import DLTMetaMixin\nclass Many(DLTMetaMixin):\n{methods}"
    (folder / f"{MODULE}.py").write_text(source, encoding="utf-8")
    expected = [{"name": f"rule_{i}", "constraint": f"x > {i}", "action": "drop"} for i in range(5)]
    entries = [{"func_name": f"table_{i}", "kind": "table", "expectations": expected} for i in range(datasets)]
    path = folder / "many_datasets.json"
    path.write_text(json.dumps({"dlt": entries}), encoding="utf-8")
    return path


def on_dlt(run):
    """Tables that `run` registers in Databricks' `dlt`."""
    module = sys.modules["dlt"] = fakes.engine("dlt", fakes.DLT)
    run("dlt")
    return len(module.calls)


def on_pipelines(run):
    """Tables that `run` registers in open-source `pyspark.pipelines`."""
    recorder = Recorder()
    with graph_element_registration_context(recorder):
        run("sdp")
    return len(recorder.outputs) / COMPANIONS


def measured(register, path, rounds):
    """Median seconds of a launch, and how many tables it registered each time."""
    seconds, tables = [], set()

    def run(backend):
        sys.modules.pop(MODULE, None)
        start = time.monotonic()
        dltflow.launch(MODULE, spark="session", config=path, backend=backend)
        seconds.append(time.monotonic() - start)

    os.environ["DATABRICKS_RUNTIME_VERSION"] = "17.3"
    for _ in range(rounds):
        tables.add(register(run))
    return statistics.median(seconds), tables


def main():
    """Prints the table; gives 1 where something else was registered."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=int, nargs="+", default=[1, 50, 200, 800])
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    wrong = False
    print(f"{'datasets':>8}  {'registered in':<20}{'s':>8}{'ms each':>9}{'tables':>8}")
    for datasets in given.datasets:
        with tempfile.TemporaryDirectory(prefix="dltflow-bench-") as folder, contextlib.ExitStack() as after:
            path = project(pathlib.Path(folder), datasets)
            sys.path.insert(0, folder)
            after.callback(sys.path.remove, folder)
            for name, register in (("dlt", on_dlt), ("pyspark.pipelines", on_pipelines)):
                seconds, tables = measured(register, path, given.rounds)
                wrong |= tables != {datasets}
                shown = ", ".join(f"{count:g}" for count in sorted(tables))
                print(f"{datasets:>8}  {name:<20}{seconds:>8.3f}{seconds / datasets * 1000:>9.2f}{shown:>8}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
