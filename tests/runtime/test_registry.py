"""What the real `pyspark.pipelines` of each version of Spark registers.

Each lies in a folder of its version below `target/spark` (`SPARK_VERSIONS` names another place), put there by pip with
`--no-deps --target`: `pyspark-client` is enough where there is one, `pyspark` needs `py4j` beside it. Without them
these tests do not run.
"""

import functools
import json
import os
import pathlib
import subprocess
import sys

import pytest
from conftest import ROOT

VERSIONS = pathlib.Path(os.environ.get("SPARK_VERSIONS", ROOT / "target" / "spark"))
INSTALLED = sorted(path.name for path in VERSIONS.glob("4.*")) if sys.version_info >= (3, 11) else []

A = {"func_name": "a", "kind": "table"}
B = {"func_name": "b", "kind": "table"}
VIEW = {"func_name": "b", "kind": "view"}
OK = [{"name": "ok", "constraint": "x > 0"}]
STREAM = {"is_streaming_table": True}
CHANGES = {"target": "t", "keys": ["x"], "sequence_by": "n"}
DELTA = {"write_opts": {"format": "delta"}}
RAW, METRICS, VIOLATIONS = "a__dltflow_raw", "a__dltflow_metrics", "a__dltflow_violations"

# Entries; the outputs; the flows as (name, target) beside those that fill outputs of their own name.
GRAPHS = {
    "table": (A, ["MaterializedView a"], []),
    "view before table": ([A, VIEW], ["MaterializedView a", "TemporaryView b"], []),
    "stream": ({**A, **STREAM}, ["StreamingTable a"], []),
    "expectations": (
        {**A, "expectations": OK, "expectation_action": "drop"},
        [f"TemporaryView {RAW}", f"MaterializedView {METRICS}", "MaterializedView a"],
        [],
    ),
    "expectations of a view": (
        {**VIEW, "expectations": OK},
        ["TemporaryView b__dltflow_raw", "MaterializedView b__dltflow_metrics", "TemporaryView b"],
        [],
    ),
    "expectations of a stream": (
        {**A, **STREAM, "expectations": OK, "name": "s.a"},
        ["TemporaryView s_a__dltflow_raw", "StreamingTable s.a__dltflow_violations", "StreamingTable s.a"],
        [],
    ),
    "quarantine": (
        {**A, "expectations": OK, "expectation_action": "quarantine"},
        [f"TemporaryView {RAW}", f"MaterializedView {METRICS}", "MaterializedView a__quarantine", "MaterializedView a"],
        [],
    ),
    "one append": ({**A, "append_config": {"target": "t"}}, ["StreamingTable t"], [("a", "t")]),
    "two appends into files are one flow": (
        [{**A, "append_config": {"target": "t"}}, {**B, "append_config": {"target": "T"}}],
        ["StreamingTable t"],
        [("t", "t")],
    ),
    "two appends into delta stay two flows": (
        [{**A, **DELTA, "append_config": {"target": "t"}}, {**B, "append_config": {"target": "t"}}],
        ["StreamingTable t"],
        [("a", "t"), ("b", "t")],
    ),
    "two appends with expectations share one view": (
        [{**A, "append_config": {"target": "t"}, "expectations": OK}, {**B, "append_config": {"target": "t"}}],
        ["StreamingTable t", "TemporaryView t__dltflow_raw", "StreamingTable t__dltflow_violations"],
        [("t", "t")],
    ),
    "sink": (
        [
            {**A, "sink": {"name": "o", "format": "noop"}},
            {**B, "append_config": {"target": "o", "create_target": False}},
        ],
        ["Sink o"],
        [("a", "o"), ("b", "o")],
    ),
}

# Entries; the error; the version that accepts them.
REFUSALS = {
    "once": ({**A, "append_config": {"target": "t", "once": True}}, "dlt.append_config.once: open-source Spark", None),
    "snapshots": ({**A, "apply_snapshot_config": {"target": "t", "keys": ["x"]}}, "does not compare snapshots", None),
    "changes into files": ({**A, "apply_cdc_config": CHANGES}, "needs MERGE, and `parquet` has none", None),
    "changes": ({**A, **DELTA, "apply_cdc_config": CHANGES}, "applying changes needs Spark 4.2 or newer", "4.2"),
    "history": (
        {**A, **DELTA, "apply_cdc_config": {**CHANGES, "stored_as_scd_type": 2}},
        "keeping history needs Spark 4.3 or newer",
        "4.3",
    ),
    "where": ({**A, **DELTA, "apply_cdc_config": {**CHANGES, "where": "x"}}, "apply_cdc_config.where: `create_", None),
    "spark_conf that differs": (
        [
            {**A, "append_config": {"target": "t", "spark_conf": {"k": "1"}}},
            {**B, "append_config": {"target": "t", "spark_conf": {"k": "2"}}},
        ],
        "dlt[1].append_config.spark_conf.k: flows into `t` become one",
        None,
    ),
}
OTHERS = {
    "options": {**A, "write_opts": {"comment": "c", "row_filter": "f", "private": True, "partition_cols": ["x"]}},
    "deletes": {**A, **DELTA, "apply_cdc_config": {**CHANGES, "apply_as_deletes": "op = 'D'", "name": "f"}},
    "fail": {**A, "expectations": OK, "expectation_action": "fail"},
}


@functools.lru_cache(maxsize=None)
def run(version, companions="on"):
    cases = {name: case[0] for name, case in {**GRAPHS, **REFUSALS}.items()}
    paths = [str(VERSIONS / version), str(ROOT / "python")]
    environment = {"PYTHONPATH": os.pathsep.join(paths), "PATH": "", "DLTFLOW_COMPANIONS": companions}
    command = [sys.executable, "-B", "-W", "ignore", str(pathlib.Path(__file__).with_name("registry.py"))]
    asked = json.dumps({**cases, **OTHERS})
    ran = subprocess.run(command, input=asked, capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_version_of_spark_is_installed():
    if not INSTALLED:
        pytest.skip(f"no version of Spark in {VERSIONS}, or a Python that it does not take")
    assert {version[:3] for version in INSTALLED} >= {"4.1", "4.2", "4.3"}


@pytest.mark.case(1, 6, 7, 9, 18, 22, 23, 32)
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("version", INSTALLED)
def test_entries_become_outputs_and_flows(version, name):
    found = run(version)[name]
    _, outputs, flows = GRAPHS[name]
    assert found["error"] is None
    assert sorted(" ".join(output[:2]) for output in found["outputs"]) == sorted(outputs)
    targets = {target for _, target in flows}
    own = [(name, name) for _, name, _ in found["outputs"] if name not in targets]
    assert sorted(tuple(flow[:2]) for flow in found["flows"]) == sorted([*own, *flows])


@pytest.mark.case(24, 29)
@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("version", INSTALLED)
def test_what_would_lose_rows_is_refused_before_anything_is_registered(version, name):
    found, (_, said, since) = run(version)[name], REFUSALS[name]
    if since and version >= since:
        assert found["error"] is None
        assert found["flows"][-1][1] == "t"
    else:
        too_old = version < "4.2" and name in ("changes into files", "history", "where")
        assert ("needs Spark 4.2 or newer" if too_old else said) in found["error"]
        assert (found["outputs"], found["flows"]) == ([], [])


@pytest.mark.case(33)
@pytest.mark.parametrize("version", INSTALLED)
def test_options_without_effect_cause_warnings(version):
    found = run(version)["options"]
    assert found["outputs"] == [["MaterializedView", "a", {"comment": "c", "partition_cols": ["x"]}]]
    no_option = "has no effect: `materialized_view` of this engine has no such option"
    assert found["warnings"] == [f"config: dlt.write_opts.{name}: {no_option}" for name in ("row_filter", "private")]


@pytest.mark.case(26)
@pytest.mark.parametrize("version", [version for version in INSTALLED if version >= "4.2"])
def test_changes_are_handed_over_as_they_are_written(version):
    expected = {"source": "t__source", "keys": ["x"], "sequence_by": "n", "apply_as_deletes": "op = 'D'"}
    assert run(version)["deletes"]["flows"][-1] == ["f", "t", {**expected, "stored_as_scd_type": 1}]


@pytest.mark.case(42)
@pytest.mark.parametrize("version", INSTALLED)
def test_a_table_that_a_failure_would_empty_causes_a_warning(version):
    assert "when a row fails, open-source Spark leaves `a` empty" in run(version)["fail"]["warnings"][0]


@pytest.mark.parametrize("version", INSTALLED)
def test_companions_can_be_left_out(version):
    found = run(version, companions="off")
    assert [output[1] for output in found["expectations"]["outputs"]] == [RAW, "a"]
    assert VIOLATIONS not in json.dumps(found)


@pytest.mark.case(41)
@pytest.mark.parametrize("version", INSTALLED)
def test_outside_a_pipeline_the_launch_says_so(version):
    code = (
        "import dltflow\nfrom dltflow.quality import DLTMetaMixin\nclass P(DLTMetaMixin):\n def a(self): ...\n"
        "dltflow.launch(P, spark=1, config={'dlt': {'func_name': 'a', 'kind': 'table'}})"
    )
    environment = {"PYTHONPATH": os.pathsep.join([str(VERSIONS / version), str(ROOT / "python")]), "PATH": ""}
    ran = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, env=environment)
    said = ran.stderr.strip().splitlines()[-1]
    assert "no engine to register a pipeline in: `pyspark.pipelines` is the open-source one" in said
    assert said.endswith("but no pipeline is being defined: run it with `spark-pipelines`")
