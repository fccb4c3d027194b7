"""What Databricks' two modules are asked for each construct, exactly and in order."""

import logging

import dltflow
import pytest
from sources import METHODS

A = {"func_name": "a", "kind": "table"}
OK = [{"name": "ok", "constraint": "x > 0"}]
MIXED = [*OK, {"name": "y", "constraint": "y", "action": "fail"}, {"name": "z", "constraint": "z", "action": "drop"}]
ALL = {"expect_all": {"ok": "x > 0"}, "expect_all_or_fail": {"y": "y"}, "expect_all_or_drop": {"z": "z"}}
CHANGES = {"target": "t", "keys": ["x"], "sequence_by": "n"}

# The names of the two modules, by the keys that the cases below use.
DLT = {
    "batch": "table",
    "stream": "table",
    "view": "view",
    "changes": "apply_changes",
    "snapshots": "apply_changes_from_snapshot",
    "flow_name": "flow_name",
    "private": "temporary",
}
DP = {
    "batch": "materialized_view",
    "stream": "table",
    "view": "temporary_view",
    "changes": "create_auto_cdc_flow",
    "snapshots": "create_auto_cdc_from_snapshot_flow",
    "flow_name": "name",
    "private": "private",
}

CASES = {
    "table": (A, [("batch", "a", {}, {})]),
    "table with options": (
        {
            **A,
            "write_opts": {"comment": "c", "partition_cols": ["x"], "private": True, "format": "delta", "path": "/p"},
        },
        [("batch", "a", {"comment": "c", "partition_cols": ["x"], "private": True, "path": "/p"}, {})],
    ),
    "streaming table with mixed actions": (
        {**A, "is_streaming": True, "expectations": MIXED, "write_opts": {"database": "s", "tablename": "t"}},
        [("stream", "s.t", {}, ALL)],
    ),
    "view, then table": (
        [{"func_name": "b", "kind": "view", "expectations": OK, "expectation_action": "drop"}, A],
        [("view", "b", {}, {"expect_all_or_drop": {"ok": "x > 0"}}), ("batch", "a", {}, {})],
    ),
    "two datasets of one method": (
        [{**A, "name": "one"}, {**A, "name": "two"}],
        [("batch", "one", {}, {}), ("batch", "two", {}, {})],
    ),
    "two flows into one target": (
        [
            {**A, "append_config": {"target": "t"}, "expectations": MIXED, "write_opts": {"comment": "both"}},
            {**A, "func_name": "b", "append_config": {"target": "t", "name": "late", "once": True, "comment": "c"}},
        ],
        [
            ("create_streaming_table", "t", {"comment": "both", **ALL}, {}),
            ("append_flow", "a", {"target": "t"}, {}),
            ("append_flow", "late", {"target": "t", "once": True, "comment": "c"}, {}),
        ],
    ),
    "changes": (
        {
            **A,
            "expectations": OK,
            "apply_chg_config": {
                **CHANGES,
                "apply_as_deletes": "op = 'D'",
                "stored_as_scd_type": "2",
                "track_history_column_list": ["x"],
                "name": "f",
            },
        },
        [
            ("view", "t__source", {}, {"expect_all": {"ok": "x > 0"}}),
            ("create_streaming_table", "t", {}, {}),
            (
                "changes",
                "t",
                {
                    "target": "t",
                    "source": "t__source",
                    "keys": ["x"],
                    "sequence_by": "n",
                    "apply_as_deletes": "op = 'D'",
                    "stored_as_scd_type": 2,
                    "track_history_column_list": ["x"],
                    "flow_name": "f",
                },
                {},
            ),
        ],
    ),
    "changes of two sources": (
        {**A, "apply_cdc_config": [CHANGES, {**CHANGES, "func_name": "b", "source": "more"}]},
        [
            ("view", "t__source", {}, {}),
            ("view", "more", {}, {}),
            ("create_streaming_table", "t", {}, {}),
            ("changes", "t", {**CHANGES, "source": "t__source", "stored_as_scd_type": 1, "flow_name": "t__source"}, {}),
            ("changes", "t", {**CHANGES, "source": "more", "stored_as_scd_type": 1, "flow_name": "more"}, {}),
        ],
    ),
    "snapshots": (
        {**A, "apply_snapshot_config": {"target": "t", "keys": ["x"], "scd_type": 2}},
        [
            ("view", "t__snapshot", {}, {}),
            ("create_streaming_table", "t", {}, {}),
            ("snapshots", "t", {"target": "t", "source": "t__snapshot", "keys": ["x"], "stored_as_scd_type": 2}, {}),
        ],
    ),
    "sink": (
        {**A, "sink": {"name": "out", "format": "kafka", "options": {"topic": "o"}}},
        [
            ("create_sink", "out", {"format": "kafka", "options": {"topic": "o"}}, {}),
            ("append_flow", "a", {"target": "out"}, {}),
        ],
    ),
    "quarantine": (
        {
            **A,
            "expectations": [*MIXED, {"name": "q", "constraint": "q", "action": "quarantine"}],
            "quarantine": {"table": "bad", "comment": "c"},
        },
        [
            ("view", "a__dltflow_raw", {}, {}),
            ("batch", "a", {}, {**ALL, "expect_all_or_drop": {"z": "z", "q": "q"}}),
            ("batch", "bad", {"comment": "c"}, {}),
        ],
    ),
    "quarantine of a stream": (
        {**A, "expectations": OK, "expectation_action": "quarantine", "is_streaming_table": True},
        [
            ("view", "a__dltflow_raw", {}, {}),
            ("stream", "a", {}, {"expect_all_or_drop": {"ok": "x > 0"}}),
            ("stream", "a__quarantine", {}, {}),
        ],
    ),
}


def renamed(calls, names):
    def options(found):
        return {names.get(key, key): value for key, value in found.items()}

    return [(names.get(kind, kind), name, options(given), held) for kind, name, given, held in calls]


@pytest.mark.case(7, 10, 15, 20, 22, 23, 24, 25, 26, 33)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("names", [DLT, DP], ids=["dlt", "dp"])
def test_the_engine_is_asked(name, names, request):
    project = request.getfixturevalue("project" if names is DLT else "dp_project")
    entries, calls = CASES[name]
    expected = renamed(calls, names)
    assert project.launch(METHODS, entries) == expected
    assert project.launch(METHODS, entries) == expected, "a launch leaves nothing behind"


def test_a_versioned_snapshot_is_asked_of_the_method(project):
    config = {"target": "t", "keys": ["x"], "versioned": True}
    calls = project.launch(METHODS, {**A, "func_name": "since", "apply_snapshot_config": config})
    assert [call[0] for call in calls] == ["create_streaming_table", "apply_changes_from_snapshot"]
    source = calls[1][2]["source"]
    assert source(None)[1] == 1 and source(1) is None


@pytest.mark.case(32)
def test_what_is_quarantined_is_what_fails(project):
    project.launch(METHODS, {**A, "expectations": OK, "expectation_action": "quarantine"})
    queries = project.engine.queries
    assert [row for row in queries["a__dltflow_raw"]().rows] == [(1,)]
    assert queries["a"]().asked == (("dlt.read", "a__dltflow_raw"),)
    read, kept, named = queries["a__quarantine"]().asked
    fails = "~F.call_function(if, F.expr(x > 0), F.lit(True), F.lit(False))"
    assert read == ("dlt.read", "a__dltflow_raw")
    assert (kept[0], str(kept[1])) == ("filter", f"(F.lit(False) | {fails})")
    assert (named[1], f"F.when({fails}, F.lit(ok))" in str(named[2])) == ("_failed_expectations", True)


@pytest.mark.case(33)
def test_an_option_that_the_engine_lacks_is_an_error_before_anything_is_registered(project):
    for entry, said in [
        ({"write_opts": {"cluster_by_auto": True}}, "dlt[1].write_opts.cluster_by_auto: `table` of this engine has no"),
        ({"write_opts": {"format": "parquet"}}, "dlt[1].write_opts.format: tables on Databricks are `delta`"),
    ]:
        with pytest.raises(dltflow.ConfigError) as caught:
            project.launch(METHODS, [{**A, "name": "first"}, {**A, **entry}])
        assert said in str(caught.value)
        assert project.engine.calls == []


def test_a_function_that_the_runtime_lacks_is_named(project):
    del project.engine.create_sink
    with pytest.raises(dltflow.DLTFlowError, match="dlt.sink: `dlt` of this runtime has no `create_sink`"):
        project.launch(METHODS, {**A, "sink": {"format": "kafka"}})


def test_inputs_are_read_as_the_module_reads_datasets_and_tables(project, dp_project):
    source = """
        from dltflow.quality import DLTMetaMixin

        class Pipeline(DLTMetaMixin):
            SEEN = {}
            def a(self, one, two, three=None):
                self.SEEN.update(one=one.asked, two=two.asked)
                return one
            def b(self):
                return self.spark.createDataFrame([], [])
    """
    inputs = {"one": "b", "two": {"dataset": "s.t", "stream": True}}
    entries = [{**A, "inputs": inputs}, {"func_name": "b", "kind": "view"}]
    for engine, expected in [("dlt", "dlt.read"), ("dp", "read")]:
        here = project if engine == "dlt" else dp_project
        here.launch(source, entries, backend=engine)
        assert here.engine.queries["a"]().asked == ((expected, "b"),)
        import the_module

        assert the_module.Pipeline.SEEN["two"] == (("readStream", "s.t"),)


def test_warnings_of_the_configuration_are_logged(project, caplog):
    with caplog.at_level(logging.WARNING, "dltflow"):
        project.launch(METHODS, {**A, "is_streaming": True})
    assert "config: dlt: `is_streaming` is an older name of `is_streaming_table`: write that" in caplog.text
