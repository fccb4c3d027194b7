"""Streaming tables: each run appends what is new."""

import json
import shutil

import dltflow
import pytest
from dltflow.local.input import LocalInput
from dltflow.local.spark.define import Definitions
from dltflow.local.spark.warehouse import Warehouse
from rows import counts, expectations, rows

SOURCE = """
def files(self, name):
    return self.spark.readStream.schema("x int, y string").json(f"{self.FOLDER}/{name}")
def one(self):
    return self.files("one")
def two(self):
    return self.files("two")
def batch(self):
    return self.spark.createDataFrame([(7, "once")], ["x", "y"]).selectExpr("int(x) x", "y")
"""
STREAM = {"kind": "table", "is_streaming_table": True}


def append(name, target="all", **more):
    inner = {key: more.pop(key) for key in ("once",) if key in more}
    return {"func_name": name, "kind": "table", "append_config": {"target": target, **inner}, **more}


def put(project, folder, *numbers):
    project.changes(folder, [json.dumps({"x": x, "y": f"{folder}{x}"}) for x in numbers])


@pytest.mark.parametrize("gone", [False, True], ids=["copied", "moved"])
def test_a_folder_in_another_place_keeps_its_rows_and_doubles_none(project, gone):
    put(project, "one", 1, 2)
    assert rows(project.run(SOURCE, append("one")), "all", "x") == [(1,), (2,)]
    elsewhere = project.folder / "elsewhere" / "its runs"
    shutil.copytree(project.runs, elsewhere)
    if gone:
        shutil.rmtree(project.runs)
    put(project, "one", 3)
    assert rows(project.run(SOURCE, append("one"), elsewhere), "all", "x") == [(1,), (2,), (3,)]


@pytest.mark.case(22, 39)
def test_a_second_run_takes_what_is_new(project):
    put(project, "one", 1, 2)
    entry = append("one", expectations=expectations(("d", "x <> 2", "drop"), ("w", "x < 3", "allow")))
    first = project.run(SOURCE, entry)
    assert (rows(first, "all", "x"), counts(first, "all")) == ([(1,)], {"d": (1, 1), "w": (2, 0)})
    put(project, "one", 3, 4)
    second = project.run(SOURCE, entry)
    made = second.dataset("all")
    assert (rows(second, "all", "x"), made.rows, made.dropped) == ([(1,), (3,), (4,)], 2, 0)
    assert counts(second, "all") == {"d": (2, 0), "w": (0, 2)}
    third = project.run(SOURCE, entry).dataset("all")
    assert (third.rows, [item.failed for item in third.expectations]) == (0, [0, 0])


@pytest.mark.case(23, 24)
@pytest.mark.parametrize(
    "once", [[], pytest.param([(7,)], marks=pytest.mark.only("spark", reason="pipelines of Spark refuse `once`"))]
)
def test_several_flows_into_one_target_lose_nothing_and_one_runs_once(project, once):
    put(project, "one", 1, 2)
    put(project, "two", 3)
    entries = [append("one"), append("two"), *(append("batch", once=True) for _ in once)]
    first = project.run(SOURCE, entries)
    assert (rows(first, "all", "x"), first.dataset("all").rows) == ([(1,), (2,), (3,), *once], 3 + len(once))
    put(project, "two", 4)
    second = project.run(SOURCE, entries)
    assert (rows(second, "all", "x"), second.dataset("all").rows) == ([(1,), (2,), (3,), (4,), *once], 1)


@pytest.mark.case(24)
@pytest.mark.only("sdp", reason="plain Spark runs it once")
def test_what_runs_once_is_refused(project):
    with pytest.raises(dltflow.ConfigError, match="config: dlt.append_config.once: open-source Spark has no flow"):
        project.run(SOURCE, append("batch", once=True))


@pytest.mark.case(23)
@pytest.mark.only("spark", reason="Spark's pipelines have no flow that runs once")
def test_flows_with_numbers_of_different_length_have_the_longer_in_their_table(project):
    put(project, "one", 1)
    methods = SOURCE.replace("[(7,", "[(2**40,").replace("int(x) x", "x")
    report = project.run(methods, [append("one"), append("batch", once=True)])
    assert rows(report, "all", "x") == [(1,), (2**40,)]


@pytest.mark.case(9, 22, 32)
def test_a_stream_passes_views_and_tables_to_the_next(project):
    methods = SOURCE + (
        'def through(self):\n    return self.spark.readStream.table("raw")\n'
        'def last(self):\n    return self.spark.readStream.table("through").filter("x < 9")\n'
        'def total(self):\n    return self.spark.table("last").agg(F.sum("x").alias("total"))'
    )
    quarantined = expectations(("q", "x <> 2", "quarantine"))
    counted = expectations(("v", "x <> 3", "drop"))
    entries = [
        {"func_name": "total", "kind": "table"},
        {"func_name": "last", **STREAM},
        {"func_name": "through", "kind": "view", "is_streaming_table": True, "expectations": counted},
        {"func_name": "one", "name": "raw", **STREAM, "expectations": quarantined},
    ]
    put(project, "one", 1, 2, 3)
    first = project.run(methods, entries)
    assert [rows(first, name, "x") for name in ("raw", "last")] == [[(1,), (3,)], [(1,)]]
    assert (rows(first, "raw__quarantine"), rows(first, "total")) == ([(2, "one2", ["q"])], [(1,)])
    counted = counts(first, "through")
    assert (first.dataset("raw").quarantined, counted) == (1, {} if project.server else {"v": (1, 1)})
    put(project, "one", 4, 2)
    second = project.run(methods, entries)
    assert (rows(second, "total"), second.dataset("last").rows) == ([(5,)], 1)
    assert counts(second, "through") == ({} if project.server else {"v": (1, 0)})
    assert (second.dataset("raw__quarantine").rows, len(rows(second, "raw__quarantine"))) == (1, 2)


@pytest.mark.case(3, 42)
@pytest.mark.parametrize("where", ["table", "view"])
def test_a_stream_that_fails_adds_nothing(project, where):
    must = expectations(("f", "x < 3", "fail"))
    methods = SOURCE + 'def last(self):\n    return self.spark.readStream.table("one").filter("x < 3")'
    entries = [
        {"func_name": "one", "is_streaming_table": True, "kind": where, "expectations": must},
        {"func_name": "last", **STREAM},
    ]
    put(project, "one", 1)
    assert project.run(methods, entries).failed == []
    put(project, "one", 2, 3)
    report = project.run(methods, entries)
    assert [(item.dataset, item.expectation, item.record) for item in report.failed] == [
        ("one", "f", '{"x":3,"y":"one3"}')
    ]
    assert rows(report, "last", "x") == [(1,)] and report.dataset("last").outcome == "skipped"


@pytest.mark.case(21)
@pytest.mark.parametrize(
    "entry, problem",
    [
        ({"func_name": "batch", **STREAM}, "dlt.is_streaming_table: is set, but `batch` does not return a stream"),
        ({"func_name": "one", "kind": "table"}, "dlt.is_streaming_table: is not set, but `one` returns a stream"),
        (append("batch"), "dlt.append_config: method `batch` does not return a stream"),
        pytest.param(
            append("one", once=True),
            "dlt.append_config: method `one` returns a stream, but `once`",
            marks=pytest.mark.only("spark", reason="pipelines of Spark have no flow that runs once"),
        ),
    ],
)
def test_a_stream_is_one_where_the_configuration_says_so(project, entry, problem):
    put(project, "one", 1)
    with pytest.raises(dltflow.DefinitionError, match=problem):
        project.run(SOURCE, entry)


@pytest.mark.only("spark", reason="pipelines of Spark let a stream read any table")
def test_a_table_that_is_rewritten_cannot_be_read_as_a_stream(project):
    methods = SOURCE + 'def last(self):\n    return self.spark.readStream.table("batch")'
    with pytest.raises(dltflow.DefinitionError, match="`batch` is read as a stream but is not one: set"):
        project.run(methods, [{"func_name": "last", **STREAM}, {"func_name": "batch", "kind": "table"}])


@pytest.mark.only("spark", reason="pipelines of Spark write to the sink, for which they need its connector")
def test_what_goes_to_a_sink_stays_in_the_folder(project, caplog):
    put(project, "one", 1)
    entry = {"func_name": "one", "kind": "table", "sink": {"format": "kafka", "options": {"topic": "t"}}}
    report = project.run(SOURCE, entry)
    assert (report.dataset("one").kind, report.dataset("one").rows, rows(report, "one", "x")) == ("sink", 1, [(1,)])
    assert "the rows of the sink `one` stay in the folder" in caplog.text


@pytest.mark.case(39)
def test_streams_through_connect_are_refused_where_spark_comes_without_its_server():
    session = type("SparkSession", (), {"version": "3.5.9", "__module__": "pyspark.sql.connect.session"})()
    graph = dltflow.plan({"dlt": {"func_name": "one", **STREAM}})
    with pytest.raises(dltflow.ConfigError, match="dlt: `one` is a stream, .*: use a classic session, or Spark 4"):
        Definitions(graph, None, Warehouse(session, "runs"), LocalInput(None))
