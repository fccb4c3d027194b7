"""One folder, run after run: what failed, was killed or has changed in between loses no row and doubles none."""

import shutil

import dltflow
import pytest
from rows import counts, expectations, rows
from test_streams import SOURCE, STREAM, append, put

pytestmark = pytest.mark.only("spark", reason="how plain Spark's tables are kept: `test_sdp.py` runs again elsewhere")

QUARANTINED = "raw__quarantine"


def stream(name, *items, **more):
    return {"func_name": "one", "name": name, **STREAM, "expectations": expectations(*items), **more}


@pytest.mark.case(22, 42)
def test_a_batch_that_failed_is_read_again(project):
    must, later = ("f", "x < 3", "fail"), ("f", "x < 3", "drop")
    kept = ("q", "x <> 2", "quarantine")
    put(project, "one", 1)
    project.run(SOURCE, stream("raw", must, kept))
    put(project, "one", 2, 3)
    failed = project.run(SOURCE, stream("raw", must, kept))
    assert [item.expectation for item in failed.failed] == ["f"] and rows(failed, QUARANTINED) == []
    put(project, "one", 4, 0)
    report = project.run(SOURCE, stream("raw", later, kept))
    assert rows(report, "raw", "x") == [(0,), (1,)] and rows(report, QUARANTINED, "x") == [(2,)]
    assert counts(report, "raw") == {"f": (2, 2), "q": (3, 1)}


@pytest.mark.case(22, 32)
def test_a_stream_reads_the_quarantine_of_another(project):
    methods = SOURCE + f'def bad(self):\n    return self.spark.readStream.table("{QUARANTINED}").drop("y")'
    entries = [{"func_name": "bad", **STREAM}, stream("raw", ("q", "x < 3", "quarantine"))]
    for numbers, expected in [((1, 3), [3]), ((4, 2, 5), [3, 4, 5]), ((), [3, 4, 5])]:
        if numbers:
            put(project, "one", *numbers)
        report = project.run(methods, entries)
        assert rows(report, "bad") == [(x, ["q"]) for x in expected]


@pytest.mark.case(22, 23)
def test_flows_come_and_go_and_their_rows_stay_and_are_passed_on_once(project):
    methods = SOURCE + 'def last(self):\n    return self.spark.readStream.table("all").select("x")'
    last = {"func_name": "last", **STREAM}
    put(project, "one", 1)
    put(project, "two", 2)
    for entries, more, expected in [
        ([append("one")], 3, [1]),
        ([append("one"), append("two")], 4, [1, 2, 3]),
        ([append("two"), append("batch", once=True)], 5, [1, 2, 3, 7]),
        ([append("one")], 6, [1, 2, 3, 4, 5, 7]),
    ]:
        report = project.run(methods, [last, *entries])
        assert [rows(report, name, "x") for name in ("all", "last")] == [[(x,) for x in expected]] * 2
        put(project, "one", more)


@pytest.mark.case(45)
def test_what_a_killed_run_has_left_is_not_part_of_a_table(project):
    entries = [append("one"), {"func_name": "batch", "kind": "table"}]
    put(project, "one", 1, 2)
    before = project.run(SOURCE, entries)
    added, table = project.runs / "rows" / "all", project.runs / "tables" / "batch"
    (file,) = added.glob("part-*")
    shutil.copy(file, project.runs / "flows" / "all" / "one" / "part-of-a-batch-that-never-ended.parquet")
    shutil.copy(file, added / "_part-half.parquet")
    file.unlink()  # the stream has noted its files, but has not published them
    shutil.copytree(next(path for path in table.iterdir() if path.is_dir()), table / "a-version-that-never-was")
    (table / "a-version-that-never-was.current").write_text("a-version-that-never-was")
    report = project.run(SOURCE, entries)
    for name in ("all", "batch"):
        assert rows(report, name) == rows(before, name) and len(rows(report, name)) == (2 if name == "all" else 1)
    assert sorted(path.is_dir() for path in table.iterdir()) == [False, True]


@pytest.mark.case(45)
def test_columns_come_and_go(project):
    put(project, "one", 1)
    last = SOURCE + 'def last(self):\n    return self.spark.readStream.table("raw")'
    entries = [stream("raw"), {"func_name": "last", **STREAM}]
    project.run(last, entries)
    put(project, "one", 2)
    more = project.run(last.replace('self.files("one")', 'self.files("one").withColumn("z", F.col("x") * 10)'), entries)
    assert rows(more, "raw", "x", "y", "z") == [(1, "one1", None), (2, "one2", 20)]
    put(project, "one", 3)
    less = project.run(last.replace('"x int, y string")', '"x int")'), entries)
    for name in ("raw", "last"):
        found = [(1, "one1", None), (2, "one2", 20), (3, None, None)]
        assert rows(less, name, "x", "y", "z") == found


@pytest.mark.parametrize("target", ["raw", "people"])
def test_a_column_that_has_another_type_is_named(project, target):
    put(project, "one", 1)
    changes = {"target": target, "keys": ["x"], "sequence_by": "x"}
    entry = stream(target) if target == "raw" else {"func_name": "one", "kind": "table", "apply_cdc_config": changes}
    before = project.run(SOURCE, entry)
    put(project, "one", 2)
    with pytest.raises(dltflow.DefinitionError, match=r"dlt.*: `x` is `string`, and `int` in the rows before: cast it"):
        project.run(SOURCE.replace("x int", "x string"), entry)
    assert rows(before, target, "x") == [(1,)]
    assert rows(project.run(SOURCE, entry), target, "x") == [(1,), (2,)]


def test_a_name_that_is_gone_keeps_its_rows_for_when_it_is_back(project):
    put(project, "one", 1)
    project.run(SOURCE, stream("silver.raw"))
    put(project, "one", 2)
    assert rows(project.run(SOURCE, stream("other")), "other", "x") == [(1,), (2,)]
    report = project.run(SOURCE, stream("silver.raw"))
    assert (rows(report, "silver.raw", "x"), report.dataset("silver.raw").rows) == ([(1,), (2,)], 1)
