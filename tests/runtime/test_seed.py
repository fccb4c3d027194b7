"""The class and the configuration that the project was asked for: word for word where they are there, and in our words."""

import importlib
import json
import sys

import dltflow
import pytest
import seed

MODULE = "samples.simple-dltflow-pipeline"


@pytest.fixture(params=seed.documents())
def written(project, request):
    text = seed.documents()[request.param]
    project.write("samples/simple-dltflow-pipeline.py", seed.block("simple-dltflow-pipeline.py", text))
    project.config = project.write("conf/pipeline.json", seed.block("pipeline-code-config.json", text))
    return project


@pytest.mark.case(1, 2, 3, 6)
def test_it_registers_one_table_with_its_expectation_at_each_launch(written):
    for action, word in [("allow", "expect_all"), ("drop", "expect_all_or_drop"), ("fail", "expect_all_or_fail")]:
        with open(written.config, encoding="utf-8") as file:
            content = json.load(file)
        content["dlt"]["expectation_action"] = action
        path = written.write(f"conf/{action}.json", json.dumps(content))
        for _ in range(2):
            written.engine.calls.clear()
            dltflow.launch(MODULE, parameters=["--conf", path], config=path)
            assert written.engine.calls == [("table", "orchestrate", {}, {word: {"check_addition": "result < 10"}})]
        assert [row[-1] for row in written.engine.queries["orchestrate"]().rows] == [3, 13, 6]


@pytest.mark.case(5)
def test_the_class_works_without_a_launch_before_and_after_one(written):
    session = sys.modules["pyspark.sql"].SparkSession()
    module = importlib.import_module(MODULE)
    assert len(module.MyPipeline(session).orchestrate().rows) == 3
    dltflow.launch(MODULE, config=written.config)
    assert len(module.MyPipeline(session).orchestrate().rows) == 3


@pytest.mark.case(36)
def test_there_are_no_warnings(written):
    """Its `write` calls `saveAsTable`, and no dataset calls `write`."""
    assert dltflow.plan(written.config, MODULE).warnings == ()
