"""What only Spark's own pipelines show: their errors in the words of the configuration, and the command on them."""

import json
import os
import subprocess
import sys
import textwrap

import dltflow
import pytest
from dltflow.errors import LocalInputError
from rows import counts, expectations, rows

pytestmark = pytest.mark.only("sdp", reason="it is of Spark's own pipelines")

SOURCE = """
def source(self):
    return self.spark.createDataFrame([(1, "a"), (2, "b"), (3, None)], ["x", "y"])
"""


def table(name, **more):
    return {"func_name": name, "kind": "table", **more}


@pytest.mark.case(42)
def test_a_failure_loses_what_was_there_and_makes_the_others(project, caplog):
    methods = SOURCE + (
        'def reader(self):\n    return self.spark.table("source")\ndef other(self):\n    return self.source()'
    )
    entries = [table("source"), table("reader"), table("other")]
    assert rows(project.run(methods, entries), "reader", "x") == [(1,), (2,), (3,)]
    entries[0]["expectations"] = expectations(("f", "x < 3", "fail"), ("d", "x <> 1", "drop"))
    report = project.run(methods, entries)
    assert "when a row fails, open-source Spark leaves `source` empty" in caplog.text
    assert [(item.expectation, item.record, item.count) for item in report.failed] == [("f", '{"x":3,"y":null}', 1)]
    assert counts(report, "source") == {"f": (2, 1), "d": (2, 1)}
    outcomes = {item.name: item.outcome for item in report.datasets}
    assert outcomes == {"source": "failed", "reader": "skipped", "other": "completed"}
    assert rows(report, "source") == []
    entries[0]["expectations"] = []
    assert rows(project.run(methods, entries), "reader", "x") == [(1,), (2,), (3,)]


@pytest.mark.case(36)
@pytest.mark.parametrize(
    "action",
    ["collect()", "count()", "toPandas()", "write.saveAsTable('t')", "columns"],
)
def test_a_method_that_runs_its_query_is_named_with_its_line(project, action):
    methods = SOURCE + f"def a(self):\n    frame = self.source()\n    frame.{action}\n    return frame"
    with pytest.raises(dltflow.DefinitionError, match=r"dataset `a`, method `a` \(.*\), line 12: runs or analyses"):
        project.run(methods, [table("source"), table("a")])


@pytest.mark.case(34)
def test_a_catalog_that_is_not_there_is_named(project):
    with pytest.raises(dltflow.ConfigError, match="config: dlt: there is no catalog `main` here"):
        project.run(SOURCE, {**table("source"), "name": "main.silver.source"})


@pytest.mark.case(34)
def test_a_table_that_is_not_there_is_named_with_who_reads_it(project):
    methods = 'def a(self):\n    return self.spark.table("bronze.nowhere")'
    with pytest.raises(LocalInputError, match=r"dataset `a`, method `a` \(.*: there is no table `bronze.nowhere`"):
        project.run(methods, table("a"))


@pytest.mark.case(35)
def test_partition_columns_may_be_anywhere(project):
    entry = table("source", write_opts={"partition_cols": ["x"]}, expectations=expectations(("d", "x < 3", "drop")))
    for _ in range(2):
        report = project.run(SOURCE, entry)
        assert rows(report, "source") == [("a", 1), ("b", 2)]


@pytest.mark.case(23)
def test_flows_of_two_launches_into_one_target_are_refused(project):
    methods = "def one(self):\n    return self.spark.readStream.schema('x int').json(self.FOLDER)"
    append = {"func_name": "one", "kind": "table", "append_config": {"target": "all", "name": "one"}}
    more = {**append, "append_config": {"target": "all", "name": "two", "create_target": False}}
    project.module(methods)
    driver = "".join(f"dltflow.launch('the_module', config={{'dlt': {entry}}})\n" for entry in (append, more))
    from dltflow.local import sdp

    with pytest.raises(dltflow.ConfigError, match="another launch appends to `all` too"):
        sdp.run_driver(project.write("driver.py", f"import dltflow\n{driver}"), project.server, folder=project.runs)


@pytest.mark.case(22, 45)
def test_a_stream_whose_first_run_was_interrupted_starts_over(project):
    methods = "def one(self):\n    return self.spark.readStream.schema('x int').json(self.FOLDER + '/one')"
    entry = table("one", is_streaming_table=True, expectations=expectations(("d", "x < 9", "drop")))
    project.changes("one", ['{"x": 1}', '{"x": 10}'])
    for _ in range(2):
        report = project.run(methods, entry)
        assert (rows(report, "one"), report.dataset("one").rows, counts(report, "one")) == ([(1,)], 1, {"d": (1, 1)})
        (project.runs / "sdp" / "streams.json").unlink()  # which is written last


MODULE = """
import sys
from pyspark.sql import functions as F
from dltflow.quality import DLTMetaMixin

class Pipeline(DLTMetaMixin):
    def some(self):
        print("an author's print")
        return self.spark.readStream.schema("x int").json(sys.argv[1])
    def total(self):
        return self.spark.table("some").agg(F.sum("x").alias("total"))
"""
DRIVER = """
# Databricks notebook source
# MAGIC %pip install something
import dltflow
dltflow.launch("a_module", parameters=[{place!r}], config={{"dlt": [
    {{"func_name": "total", "kind": "table"}},
    {{"func_name": "some", "kind": "table", "is_streaming_table": True,
      "expectations": {{"small": "x < 9"}}, "expectation_action": {action!r}}},
]}})
"""


@pytest.fixture
def command(tmp_path, installed):
    """Starts the command in a process of its own, in a folder."""
    (tmp_path / "a_module.py").write_text(textwrap.dedent(MODULE), encoding="utf-8")
    root = os.path.dirname(os.path.dirname(dltflow.__file__))
    path = os.pathsep.join([root, str(tmp_path), *([str(installed)] if installed else [])])
    left = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_", "DLTFLOW_"))}
    left["SPARK_SUBMIT_OPTS"] = os.environ["SPARK_SUBMIT_OPTS"]

    def start(folder, action="drop"):
        place = tmp_path / f"{folder}.in"
        place.mkdir(exist_ok=True)
        driver = tmp_path / f"{folder}.py"
        driver.write_text(DRIVER.format(place=str(place), action=action), encoding="utf-8")
        arguments = ["run", "--driver", str(driver), "--engine", "sdp", "--folder", str(tmp_path / folder)]
        return subprocess.Popen(
            [sys.executable, "-m", "dltflow", *arguments, "--output", "json"],
            env={**left, "PYTHONPATH": path}, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


def put(tmp_path, folder, *numbers):
    place = tmp_path / f"{folder}.in"
    place.mkdir(exist_ok=True)
    text = "\n".join(json.dumps({"x": number}) for number in numbers)
    (place / f"{len(list(place.iterdir()))}.json").write_text(text, encoding="utf-8")


def ended(process):
    printed, log = process.communicate(timeout=240)
    return process.returncode, printed, log


@pytest.mark.case(22, 39, 44, 45)
def test_the_command_twice_at_once_and_again_in_its_folder(command, tmp_path):
    put(tmp_path, "one", 1, 2, 10)
    put(tmp_path, "two", 5)
    both = [command(folder) for folder in ("one", "two")]
    results = [ended(process) for process in both]
    for code, printed, log in results:
        assert code == 0, log
        assert json.loads(printed)["engine"] == "sdp" and "an author's print" in log and "some: completed" in log
    one, two = ({item["name"]: item for item in json.loads(printed)["datasets"]} for _, printed, _ in results)
    assert (one["some"]["rows"], one["some"]["dropped"], one["total"]["rows"], two["some"]["rows"]) == (2, 1, 1, 1)
    put(tmp_path, "one", 4, 11)
    code, printed, log = ended(command("one"))
    assert code == 0, log
    again = {item["name"]: item for item in json.loads(printed)["datasets"]}
    assert (again["some"]["rows"], again["some"]["dropped"]) == (1, 1)
    assert again["some"]["expectations"] == [{"name": "small", "action": "drop", "passed": 1, "failed": 1}]
    assert {path.name for path in (tmp_path / "one").iterdir()} <= {".lock", "sdp", "spark.log", "warehouse"}
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} - {"__pycache__"} == {
        "one", "one.in", "two", "two.in",
    }  # fmt: skip


@pytest.mark.case(3)
def test_the_command_ends_with_three_where_a_stream_fails(command, tmp_path):
    put(tmp_path, "one", 1, 10)
    code, printed, log = ended(command("one", "fail"))
    assert code == 3, log
    assert json.loads(printed)["failed"] == [
        {"dataset": "some", "expectation": "small", "record": '{"x":10}', "count": None}
    ]
    assert "error: dataset `some`: a row fails the expectation `small`" in log
