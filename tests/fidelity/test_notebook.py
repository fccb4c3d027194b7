"""The notebook that was deployed, as a definition file of real open-source pipelines: one source for both.

Open-source Spark imports such a file under its bare name; Databricks runs its cells. Nothing here needs Java: the
pipeline that is being defined only records.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from databricks.sdk.service.workspace import ExportFormat

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = pathlib.Path(os.environ.get("SPARK_VERSIONS", ROOT / "target" / "spark"))
INSTALLED = sorted(path.name for path in VERSIONS.glob("4.*")) if sys.version_info >= (3, 11) else []

DEFINE = """
import importlib.util, json, sys
import dltflow, registry
from pyspark.sql import SparkSession

SparkSession.getActiveSession = staticmethod(lambda: "session")
recorder = registry.Recorder()
spec = importlib.util.spec_from_file_location("orders", sys.argv[1])
with registry.graph_element_registration_context(recorder):
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
found = [" ".join(output[:2]) for output in recorder.outputs]
print(json.dumps({"package": dltflow.__file__, "outputs": found, "arguments": sys.argv[1:]}))
"""


@pytest.fixture
def deployed(workspace, sandbox, tmp_path):
    """The notebook of the example, and a folder with what its wheel holds."""
    project, site = tmp_path / "project", tmp_path / "site"
    shutil.copytree(ROOT / "examples" / "shop", project)
    program = os.environ.get("DLTFLOW_BIN", ROOT / "target" / "debug" / "dltflow")
    command = [program, "deploy-py-dlt", "--environment", "dev", "--deployment-file", "workflows/orders.yml"]
    variables = {"DATABRICKS_HOST": sandbox.databricks, "DATABRICKS_TOKEN": "sandbox-token"}
    done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (row,) = workspace.pipelines.list_pipelines(filter="name LIKE 'shop-orders'")
    (library,) = workspace.pipelines.get(row.pipeline_id).spec.libraries
    notebook = tmp_path / "orders.py"
    exported = workspace.workspace.download(library.notebook.path, format=ExportFormat.SOURCE)
    notebook.write_bytes(exported.read())
    wheel = re.search(r"/Workspace(/\S+\.whl)", notebook.read_text()).group(1)
    (tmp_path / "release.whl").write_bytes(workspace.workspace.download(wheel, format=ExportFormat.AUTO).read())
    zipfile.ZipFile(tmp_path / "release.whl").extractall(site)
    return notebook, site


def test_a_version_of_spark_is_installed():
    if not INSTALLED:
        pytest.skip(f"no version of Spark in {VERSIONS}, or a Python that it does not take")
    assert {version[:3] for version in INSTALLED} >= {"4.1", "4.2", "4.3"}


@pytest.mark.case(44)
@pytest.mark.parametrize("version", INSTALLED)
def test_the_deployed_notebook_defines_a_pipeline_of_open_source_spark(deployed, version):
    notebook, site = deployed
    paths = [site, VERSIONS / version, ROOT / "tests" / "runtime"]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PATH": ""}
    command = [sys.executable, "-B", "-W", "ignore", "-c", DEFINE, notebook]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=site.parent)
    assert ran.returncode == 0, ran.stderr
    name = "orders__dltflow"
    outputs = [f"TemporaryView {name}_raw", f"MaterializedView {name}_metrics", "MaterializedView orders"]
    package = str(site / "dltflow" / "__init__.py")
    assert json.loads(ran.stdout) == {"package": package, "outputs": outputs, "arguments": [str(notebook)]}


def test_its_cells_are_those_of_a_notebook(deployed):
    source = deployed[0].read_text()
    first, *cells = source.split("\n# COMMAND ----------\n")
    assert source.startswith("# Databricks notebook source\n# MAGIC %pip install ")
    assert all(line.startswith("# ") for line in first.splitlines() if line), "a line of pip is alone in its cell"
    assert [cell.count("dltflow.launch(") for cell in cells] == [1]
    for cell in cells:
        compile(cell, "cell", "exec")
