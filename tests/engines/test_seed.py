"""The class and the configuration that the project was asked for, on real rows: its own, or in our words."""

import importlib
import json

import dltflow
import pytest
import seed
from rows import counts, rows

MODULE = "samples.simple-dltflow-pipeline"
ALL = [(1, 2, 3), (1, 5, 6), (5, 8, 13)]


@pytest.fixture
def written(project):
    pytest.importorskip("yaml", reason="the seed's module imports a YAML reader: not tested against it")
    text = seed.document()
    project.write("samples/simple-dltflow-pipeline.py", seed.block("simple-dltflow-pipeline.py", text))
    project.content = json.loads(seed.block("pipeline-code-config.json", text))
    return project


def config(project, action, suffix):
    import yaml

    content = json.loads(json.dumps(project.content))
    content["dlt"]["expectation_action"] = action
    text = json.dumps(content) if suffix == "json" else yaml.safe_dump(content)
    return project.write(f"conf/{action}.{suffix}", text)


@pytest.mark.case(1, 2, 4)
@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("action, kept, dropped", [("allow", ALL, 0), ("drop", ALL[:2], 1)])
def test_rows_are_kept_or_dropped_and_counted(written, suffix, action, kept, dropped):
    report = written.run_module(MODULE, config(written, action, suffix))
    assert rows(report, "orchestrate") == kept
    made = report.to_json()["datasets"]
    assert [item.pop("seconds") > 0 for item in made] == [True]
    expectation = {"name": "check_addition", "action": action, "passed": 2, "failed": 1}
    common = {"name": "orchestrate", "kind": "materialized_view", "outcome": "completed", "quarantined": 0}
    assert made == [{**common, "rows": len(kept), "dropped": dropped, "expectations": [expectation]}]
    assert report.to_json()["failed"] == []


@pytest.mark.case(3, 4, 42)
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_row_that_fails_is_named_and_the_table_before_stays_or_is_lost(written, suffix):
    assert written.run_module(MODULE, config(written, "drop", suffix)).failed == []
    report = written.run_module(MODULE, config(written, "fail", suffix))
    record = '{"col1":5,"col2":8,"result":13}'
    failed = {"dataset": "orchestrate", "expectation": "check_addition", "record": record, "count": 1}
    assert report.to_json()["failed"] == [failed]
    assert counts(report, "orchestrate") == {"check_addition": (2, 1)}
    assert (report.dataset("orchestrate").outcome, report.dataset("orchestrate").rows) == ("failed", None)
    assert rows(report, "orchestrate") == ([] if written.server else ALL[:2]), "Spark's pipelines lose it"
    assert record in str(report.failed[0]) and "check_addition" in str(report.failed[0])


@pytest.mark.case(5)
@pytest.mark.only("spark", reason="it has no launch but that of plain Spark")
def test_the_class_works_without_a_launch_before_and_after_one(written, spark):
    path = config(written, "drop", "json")
    module = importlib.import_module(MODULE)
    assert module.MyPipeline(spark).orchestrate().count() == 3
    dltflow.run_local(MODULE, path, spark, folder=written.runs)
    assert module.MyPipeline(spark).orchestrate().count() == 3
