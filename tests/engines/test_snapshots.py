"""Whole tables compared with the last ones: what is new, changed and gone."""

import datetime
import json
import shutil
from decimal import Decimal

import dltflow
import pytest
from rows import rows

pytestmark = pytest.mark.only("spark", reason="Spark's pipelines compare no snapshots")

METHODS = """
def people(self):
    return self.spark.read.schema("id int, name string, city string").json(f"{self.FOLDER}/people.json")
def versions(self, last):
    for version, rows in json.load(open(f"{self.FOLDER}/versions.json")):
        if last is None or version > last:
            return self.spark.createDataFrame(rows, "id int, name string, city string"), version
"""
A, B, C = [1, "a", "x"], [2, "b", "x"], [3, "c", "x"]
TRACKED = {"stored_as_scd_type": 2, "track_history_column_list": ["city"]}


def entry(func_name="versions", **options):
    inner = {"target": "kept", "keys": ["id"], **options}
    inner.update({"versioned": True} if func_name == "versions" else {})
    return {"func_name": func_name, "kind": "table", "apply_snapshot_config": inner}


def put(project, versions):
    project.write("versions.json", json.dumps(versions))


def people(project, *found):
    lines = [json.dumps(dict(zip(("id", "name", "city"), row))) for row in found]
    project.write("people.json", "\n".join(lines))


# options, the snapshots of each run, what the target has after the last of them
VERSIONS = {
    "new, changed, gone": ({}, [[(1, [A, B])], [(2, [[1, "z", "x"], C])]], [(1, "z", "x"), (3, "c", "x")]),
    "gone and back": ({}, [[(1, [A, B]), (2, [B])], [(3, [A, B])]], [(1, "a", "x"), (2, "b", "x")]),
    "none is left": ({}, [[(1, [A, B])], [(2, [])]], []),
    "one key twice": ({}, [[(1, [A, [1, "b", "x"]])]], [(1, "b", "x")]),
    "a key that is NULL": ({}, [[(1, [[None, "a", "x"]])], [(2, [[None, "b", "x"]])]], [(None, "b", "x")]),
    "history": (
        {"stored_as_scd_type": 2},
        [[(1, [A, B])], [(2, [A, B]), (3, [[1, "z", "x"]])], [(5, [[1, "z", "x"], B])]],
        [(1, "a", "x", 1, 3), (1, "z", "x", 3, None), (2, "b", "x", 1, 3), (2, "b", "x", 5, None)],
    ),
    "history of one column": (
        TRACKED,
        [[(1, [A])], [(2, [[1, "b", "x"]])], [(3, [[1, "c", "y"]])]],
        [(1, "b", "x", 1, 3), (1, "c", "y", 3, None)],
    ),
    "versions that are text": (
        {"stored_as_scd_type": 2},
        [[("2026-01", [A])], [("2026-02", [])]],
        [(1, "a", "x", "2026-01", "2026-02")],
    ),
}


@pytest.mark.case(27)
@pytest.mark.parametrize("name", VERSIONS)
def test_versions_are_compared_one_after_the_other(project, name):
    options, runs, expected = VERSIONS[name]
    for i in range(len(runs)):
        put(project, sum(runs[: i + 1], []))
        report = project.run(METHODS, entry(**options))
    assert rows(report, "kept") == sorted(expected, key=repr)
    assert report.dataset("kept").rows == len(expected)


def test_each_run_takes_a_snapshot_of_a_source_without_versions(project):
    described = entry("people", stored_as_scd_type=2)
    described["expectations"], described["expectation_action"] = {"named": "name is not null"}, "drop"
    for found in ([A, B], [A, B], [A, [2, None, "x"], C]):
        people(project, *found)
        report = project.run(METHODS, described)
    (start,) = {row["__START_AT"] for row in report.read("kept").filter("id = 1").collect()}
    assert isinstance(start, datetime.datetime)
    now = report.read("kept").filter("__END_AT is null")
    assert [row["id"] for row in now.orderBy("id").collect()] == [1, 3]
    gone = report.read("kept").filter("id = 2").collect()
    assert [(row["__START_AT"] == start, row["__END_AT"] > start) for row in gone] == [(True, True)]
    assert report.dataset("kept__snapshot").dropped == 1


@pytest.mark.case(45)
def test_what_was_compared_makes_the_table_again_after_a_run_that_was_killed(project):
    put(project, [(1, [A, B]), (2, [A])])
    project.run(METHODS, entry())
    shutil.rmtree(project.runs / "tables" / "kept")
    assert rows(project.run(METHODS, entry()), "kept") == [(1, "a", "x")]


def test_a_column_that_comes_later_is_null_before(project):
    put(project, [(1, [A, B])])
    project.run(METHODS, entry())
    put(project, [(1, []), (2, [[*A, 7], [*B, None]])])
    more = METHODS.replace('"id int, name string, city string"), v', '"id int, name string, city string, age int"), v')
    report = project.run(more, entry())
    assert rows(report, "kept", "id", "age") == [(1, 7), (2, None)]


@pytest.mark.parametrize(
    "versions, problem",
    [
        ([], "apply_snapshot_config: method `versions` returns no snapshot, so the columns of `kept` are unknown"),
        ([(True, [A])], "apply_snapshot_config: a version must be one of `int`, .*, not `bool`"),
        ([(None, [A])], "apply_snapshot_config: a version must be one of `int`, .*, not `NoneType`"),
    ],
)
def test_versions_that_cannot_be_are_refused(project, versions, problem):
    put(project, versions)
    with pytest.raises(dltflow.DefinitionError, match=problem):
        project.run(METHODS, entry())


@pytest.mark.parametrize(
    "second, problem", [(1, "comes after 1: versions must ascend"), ("b", "the type `int`, not `str`")]
)
def test_versions_must_ascend(project, second, problem):
    methods = f"""
    def versions(self, last):
        return self.spark.range(3), 1 if last is None else {second!r}
    """
    with pytest.raises(dltflow.DefinitionError, match=problem):
        project.run(methods, entry())
    with pytest.raises(dltflow.DefinitionError, match=problem):
        project.run(methods, entry())


@pytest.mark.parametrize(
    "version",
    [7, 0.5, "v", b"\x00v", Decimal("1.50"), datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5, 6)],
)
def test_a_version_is_the_same_when_it_is_read_again(version, tmp_path):
    from dltflow.local.spark import snapshots

    for i in range(2):
        folder = snapshots.Compared(tmp_path).next()
        folder.mkdir()
        (folder / snapshots.VERSION).write_text(snapshots.written(version), encoding="utf-8")
        assert (folder.name, snapshots.Compared(tmp_path).last()) == (f"{i:08}", version)
