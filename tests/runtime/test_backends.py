"""The choice of a backend: modules are recognised by what they have, not by their names."""

import subprocess
import sys

import dltflow
import pytest
from conftest import ROOT
from sources import METHODS

A = {"func_name": "a", "kind": "table"}


@pytest.mark.case(41)
def test_databricks_pipelines_come_before_dlt_and_both_can_be_forced(project, dp_project, monkeypatch):
    assert dp_project.launch(METHODS, A)[0][0] == "materialized_view"
    assert project.launch(METHODS, A, backend="dlt")[0][0] == "table"
    monkeypatch.setenv("DLTFLOW_BACKEND", "dlt")
    assert project.launch(METHODS, A)[0][0] == "table"
    assert dp_project.launch(METHODS, A, backend="dp")[0][0] == "materialized_view"
    for name, said in [("spark3", "unknown backend `spark3`: use one of `auto`, `dp`"), ("dpp", "did you mean `dp`?")]:
        with pytest.raises(dltflow.DLTFlowError) as caught:
            project.launch(METHODS, A, backend=name)
        assert said in str(caught.value)


@pytest.mark.case(40)
def test_other_packages_named_dlt_are_recognised(project, monkeypatch):
    project.engine.enable_local_execution = lambda: None
    with pytest.raises(dltflow.DLTFlowError, match="is the stub `databricks-dlt`, which registers nothing"):
        project.launch(METHODS, A)
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    assert len(project.launch(METHODS, A)) == 1
    del project.engine.expect_all
    with pytest.raises(dltflow.DLTFlowError, match="is not the one of Databricks: it has no `expect_all`"):
        project.launch(METHODS, A)
    del sys.modules["dlt"]
    project.write("dlt.py", "raise RuntimeError('data load tool')")
    with pytest.raises(dltflow.DLTFlowError, match=r"`dlt` cannot be imported \(data load tool\)"):
        project.launch(METHODS, A)


@pytest.mark.case(40)
def test_importing_needs_the_standard_library_alone():
    code = "import dltflow.quality.exceptions, sys; print(sorted({'pyspark', 'dlt', 'yaml'} & set(sys.modules)))"
    command = [sys.executable, "-S", "-B", "-c", code]
    printed = subprocess.run(command, cwd=ROOT / "python", capture_output=True, text=True)
    assert (printed.stdout, printed.stderr) == ("[]\n", "")


@pytest.mark.case(39)
def test_nothing_of_the_runtime_reaches_below_spark_connect():
    package = ROOT / "python" / "dltflow"
    for path in {*package.rglob("*.py")} - {package / "local" / "sdp" / "server.py"}:  # which starts what is below
        text = path.read_text(encoding="utf-8")
        assert not [word for word in ("_jvm", ".rdd", "sparkContext") if word in text], path
        # Plain Spark has sessions that can be set; those of pipelines cannot.
        assert "conf.set(" not in text or path == package / "local" / "spark" / "warehouse.py", path
