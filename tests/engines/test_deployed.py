"""What the action deployed, taken from the workspace again and run: the notebook, and the wheel that it installs."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
import seed

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

import stage  # noqa: E402

PROJECT = """
dltflow: {name: dltflow-samples}
include: {code: {name: samples}, conf: {name: conf}, workflows: {name: conf/dlt}}
targets: {dev: {workspace: {root_path: /Shared/.dltflow/samples}, deploy: {branches: [main]}}}
"""
CONFIG = "conf/pipeline-code-config.json"
KEPT = {"allow": 3, "drop": 2, "fail": None}


def _program(name, variable):
    path = pathlib.Path(os.environ.get(variable, ROOT / "target" / "debug" / name))
    if not path.exists():
        pytest.skip(f"{path} is not built: what it deploys is not run")
    return path


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """For each action the driver, with the release that it belongs to around it, and the checkout that was deployed."""
    text = seed.document()
    folder = tmp_path_factory.mktemp("deployed")
    origin = stage.Repo(folder / "origin")
    files = {
        "dltflow.yml": PROJECT,
        "samples/pipelines/simple-dltflow-pipeline.py": seed.block("simple-dltflow-pipeline.py", text),
        CONFIG: seed.block("pipeline-code-config.json", text),
        "conf/dlt/test.json": next(block for block in seed.blocks("json", text) if "workflows" in block),
    }
    for name, content in files.items():
        path = origin.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    origin.git("init", "--quiet", "--initial-branch=main")
    origin.commit("first")
    drivers = {}
    with stage.sandbox(_program("sandbox", "SANDBOX_BIN")) as (github, workspace):
        github.register(origin)
        runner = stage.Runner(_program("dltflow", "DLTFLOW_BIN"), github, origin, folder)
        for action in KEPT:
            if action != "allow":
                origin.replace(CONFIG, f'"{before}"', f'"{action}"')
                origin.commit(action)
            before = action
            runner.on_push("refs/heads/main", workspace).ended("deployed")
            checkout = shutil.copytree(origin.path, folder / f"{action}-checkout")
            drivers[action] = workspace.download("dlflow-example-pipeline", folder / action), checkout
    return drivers


@pytest.mark.case(1, 2, 3, 44)
@pytest.mark.parametrize("action", KEPT)
def test_the_first_class_and_configuration_give_their_rows(deployed, engine, installed, tmp_path, action):
    ran = stage.run_driver(sys.executable, deployed[action][0], engine, tmp_path / "runs", installed)
    is_right(ran, action)


@pytest.mark.case(1, 2, 3)
@pytest.mark.parametrize("action", KEPT)
def test_so_they_do_before_anything_is_deployed(deployed, engine, installed, action):
    command = [_program("dltflow", "DLTFLOW_BIN"), "run-local", "--workflow", "dlflow-example-pipeline"]
    command += ["--engine", engine, "--python", sys.executable, "--output", "json"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    ran = subprocess.run(command, cwd=deployed[action][1], env=environment, capture_output=True, text=True)
    is_right(ran, action)


def is_right(ran, action):
    """Whether a run made what the document says."""
    assert ran.returncode == (3 if action == "fail" else 0), ran.stderr
    report = json.loads(ran.stdout)
    [dataset] = report["datasets"]
    assert dataset["name"] == "orchestrate" and dataset["rows"] == KEPT[action]
    assert dataset["dropped"] == (1 if action == "drop" else 0)
    assert dataset["expectations"] == [{"name": "check_addition", "action": action, "passed": 2, "failed": 1}]
    records = [json.loads(failed["record"]) for failed in report["failed"]]
    assert records == ([{"col1": 5, "col2": 8, "result": 13}] if action == "fail" else [])
