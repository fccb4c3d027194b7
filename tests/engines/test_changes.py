"""Changes applied to a table, without history and with it."""

import json

import dltflow
import pytest
from rows import rows

pytestmark = pytest.mark.only("spark", reason="files have no MERGE, so Spark's pipelines apply no changes to them")

METHODS = """
def changes(self):
    schema = "id int, name string, city string, at int, op string"
    return self.spark.readStream.schema(schema).json(self.FOLDER + "/changes")
def more(self):
    schema = "id int, name string, city string, at int, op string"
    return self.spark.readStream.schema(schema).json(self.FOLDER + "/more")
"""
OPTIONS = {
    "target": "people",
    "keys": ["id"],
    "sequence_by": "at",
    "apply_as_deletes": "op = 'D'",
    "except_column_list": ["op", "at"],
}


def entry(**options):
    return {"func_name": "changes", "kind": "table", "apply_cdc_config": {**OPTIONS, **options}}


def put(project, *changes, folder="changes"):
    """A change is `id name city at op`, where `-` is NULL."""
    names = ("id", "name", "city", "at", "op")
    found = [dict(zip(names, [None if part == "-" else part for part in change.split()])) for change in changes]
    numbers = [{**item, **{key: item[key] and int(item[key]) for key in ("id", "at")}} for item in found]
    project.changes(folder, [json.dumps(item) for item in numbers])


# options, the files of changes, what the target has after the last of them
CURRENT = {
    "insert, update, delete": ({}, [["1 a x 1 U", "2 b x 1 U"], ["1 c x 2 U", "2 - - 2 D"]], [(1, "c", "x")]),
    "out of order": ({}, [["1 c x 3 U", "1 a x 1 U"], ["1 b x 2 U"]], [(1, "c", "x")]),
    "a delete that came before its insert": ({}, [["1 - - 2 D"], ["1 a x 1 U"]], []),
    "back after a delete": ({}, [["1 a x 1 U", "1 - - 2 D"], ["1 b x 3 U"]], [(1, "b", "x")]),
    "the same sequence twice": ({}, [["1 a x 1 U", "1 a x 1 U"], ["1 b x 1 U"]], [(1, "b", "x")]),
    "a delete at the same sequence": ({}, [["1 - - 1 D"], ["1 z z 1 U"]], []),
    "truncated": (
        {"apply_as_truncates": "op = 'T'"},
        [["1 a x 1 U", "2 b x 3 U"], ["- - - 2 T"], ["3 c x 1 U"]],
        [(2, "b", "x")],
    ),
    "listed columns": (
        {"column_list": ["id", "city"], "except_column_list": None},
        [["1 a x 1 U"], ["1 b y 2 U"]],
        [(1, "y")],
    ),
    "NULL leaves what is there": (
        {"ignore_null_updates": True},
        [["1 a x 1 U", "1 - y 2 U"], ["1 b - 3 U"], ["2 c x 1 U", "2 - - 2 D", "2 d - 3 U"]],
        [(1, "b", "y"), (2, "d", None)],
    ),
    "NULL leaves one column": (
        {"ignore_null_updates_column_list": ["city"]},
        [["1 a x 1 U"], ["1 - - 2 U"]],
        [(1, None, "x")],
    ),
    "NULL leaves all but one column": (
        {"ignore_null_updates_except_column_list": ["city"]},
        [["1 a x 1 U"], ["1 - - 2 U"]],
        [(1, "a", None)],
    ),
    "some of them": ({"where": "id < 2"}, [["1 a x 1 U", "2 b x 1 U"]], [(1, "a", "x")]),
}
HISTORY = {
    "insert, update, delete": (
        {},
        [["1 a x 1 U", "2 b x 1 U"], ["1 c x 2 U", "2 - - 3 D"]],
        [(1, "a", "x", 1, 2), (1, "c", "x", 2, None), (2, "b", "x", 1, 3)],
    ),
    "out of order": (
        {},
        [["1 c x 5 U", "1 a x 1 U"], ["1 b x 3 U", "1 b x 3 U"]],
        [(1, "a", "x", 1, 3), (1, "b", "x", 3, 5), (1, "c", "x", 5, None)],
    ),
    "a delete that came before its insert": ({}, [["1 - - 4 D"], ["1 a x 1 U"]], [(1, "a", "x", 1, 4)]),
    "back after a delete": (
        {},
        [["1 a x 1 U", "1 - - 2 D", "1 a x 4 U"]],
        [(1, "a", "x", 1, 2), (1, "a", "x", 4, None)],
    ),
    "columns with history": (
        {"track_history_column_list": ["city"]},
        [["1 a x 1 U", "1 b x 2 U"], ["1 c y 3 U", "1 d y 4 U"]],
        [(1, "b", "x", 1, 3), (1, "d", "y", 3, None)],
    ),
    "columns without": (
        {"track_history_except_column_list": ["name"]},
        [["1 a x 1 U", "1 b - 2 U"], ["1 c - 3 U"]],
        [(1, "a", "x", 1, 2), (1, "c", None, 2, None)],
    ),
    "NULL leaves what is there": (
        {"ignore_null_updates": True},
        [["1 a x 1 U"], ["1 - y 3 U"], ["1 b - 2 U"]],
        [(1, "a", "x", 1, 2), (1, "b", "x", 2, 3), (1, "b", "y", 3, None)],
    ),
}


@pytest.mark.case(27, 39)
@pytest.mark.parametrize("kind, name", [(1, name) for name in CURRENT] + [(2, name) for name in HISTORY])
def test_changes_are_applied_in_the_order_of_their_sequence(project, kind, name):
    options, files, expected = (CURRENT if kind == 1 else HISTORY)[name]
    options = {key: value for key, value in {**OPTIONS, **options}.items() if value is not None}
    described = {"func_name": "changes", "kind": "table", "apply_cdc_config": {**options, "stored_as_scd_type": kind}}
    for changes in files[:-1]:
        put(project, *changes)
    if len(files) > 1:
        project.run(METHODS, described)
    put(project, *files[-1])
    report = project.run(METHODS, described)
    assert rows(report, "people") == sorted(expected, key=repr)
    assert report.dataset("people").rows == len(expected)
    if kind == 2:
        assert report.read("people").columns[-2:] == ["__START_AT", "__END_AT"]


@pytest.mark.case(27, 43)
def test_expectations_of_changes_are_those_of_their_source(project):
    described = {**entry(), "expectations": {"named": "name is not null"}, "expectation_action": "drop"}
    put(project, "1 a x 1 U", "1 - x 2 U")
    report = project.run(METHODS, described)
    source = report.dataset("people__source")
    assert (rows(report, "people"), source.rows, source.dropped) == ([(1, "a", "x")], 1, 1)


@pytest.mark.case(27)
def test_several_sources_of_changes_have_one_order(project):
    flows = [OPTIONS, {**OPTIONS, "func_name": "more"}]
    put(project, "1 a x 1 U", "2 b x 5 U")
    put(project, "1 c y 2 U", "2 d y 4 U", folder="more")
    report = project.run(METHODS, {"func_name": "changes", "kind": "table", "apply_cdc_config": flows})
    assert rows(report, "people") == [(1, "c", "y"), (2, "b", "x")]


@pytest.mark.case(27)
def test_a_change_without_sequence_stops_the_table_until_it_is_fixed(project):
    put(project, "1 a x 1 U")
    before = project.run(METHODS, entry())
    put(project, "1 b x - U", "2 c x 3 U")
    with pytest.raises(Exception, match="sequence_by: `at` is NULL"):
        project.run(METHODS, entry())
    assert rows(before, "people") == [(1, "a", "x")]
    fixed = METHODS.replace('"/changes")', '"/changes").na.fill(2, ["at"])')
    assert rows(project.run(fixed, entry()), "people") == [(1, "b", "x"), (2, "c", "x")]


@pytest.mark.case(24, 27)
def test_changes_that_are_taken_once_come_before_those_of_a_stream(project):
    methods = METHODS + (
        "def backfill(self):\n"
        '    rows = [(1, "old", "x", 0, "U"), (3, "old", "x", 0, "U")]\n'
        '    return self.spark.createDataFrame(rows, "id int, name string, city string, at int, op string")\n'
    )
    flows = [OPTIONS, {**OPTIONS, "func_name": "backfill", "once": True}]
    described = {"func_name": "changes", "kind": "table", "apply_cdc_config": flows}
    put(project, "1 a x 1 U")
    assert rows(project.run(methods, described), "people") == [(1, "a", "x"), (3, "old", "x")]
    put(project, "3 - - 2 D")
    later = methods.replace('(3, "old"', '(4, "old"')
    assert rows(project.run(later, described), "people") == [(1, "a", "x")]


@pytest.mark.parametrize(
    "options, problem",
    [
        ({"columns_to_update": ["name"]}, r"apply_cdc_config.columns_to_update: only Databricks supports"),
        ({"apply_as_truncates": "op = 'T'", "stored_as_scd_type": 2}, "apply_as_truncates: a table with history"),
    ],
)
def test_what_cannot_be_applied_is_refused(project, options, problem):
    put(project, "1 a x 1 U")
    with pytest.raises(dltflow.ConfigError, match=problem):
        project.run(METHODS, entry(**options))
