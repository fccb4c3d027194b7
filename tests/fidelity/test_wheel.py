"""The wheel of a release, as the workspace holds it: the same bytes each time, for every Python that runs pipelines."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

import stage  # noqa: E402

VERSIONS = [f"3.{minor}" for minor in range(9, 14)]
SCRIPT = """
import dltflow, glob, sys
import dltflow.quality
[config] = glob.glob("_dltflow_data/**/returns.json", recursive=True)
graph = dltflow.plan(dltflow.shipped(config))
assert [dataset.name for dataset in graph.datasets] == ["returns"], graph
assert not {"pyspark", "dlt", "yaml"} & sys.modules.keys(), sorted(sys.modules)
"""


def interpreter(version):
    """A Python of that version, on the path or where version managers and hosted runners have theirs."""
    places = [pathlib.Path.home() / ".pyenv" / "versions", pathlib.Path("/opt/hostedtoolcache/Python")]
    found = [str(path) for place in places for path in sorted(place.glob(f"{version}.*/**/bin/python{version}"))]
    for path in [shutil.which(f"python{version}"), *found]:
        if path and subprocess.run([path, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return path
    pytest.skip(f"there is no Python {version} with pip on this machine: the wheel is not installed on it")


def deploy(folder):
    """Deploys the example from a new clone into a new workspace; gives the wheel's name and bytes."""
    origin = stage.Repo(folder / "origin")
    shutil.copytree(ROOT / "examples" / "shop", origin.path, ignore=shutil.ignore_patterns("__pycache__"))
    origin.git("init", "--quiet", "--initial-branch=main")
    origin.commit("first")
    with stage.sandbox(os.environ["SANDBOX_BIN"]) as (github, workspace):
        github.register(origin)
        stage.Runner(os.environ["DLTFLOW_BIN"], github, origin, folder).on_push("refs/heads/main", workspace)
        [path] = [path for path in workspace.objects(".dltflow") if path.endswith(".whl")]
        return pathlib.PurePosixPath(path).name, workspace.exported(path)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    name, content = deploy(tmp_path_factory.mktemp("one"))
    path = tmp_path_factory.mktemp("wheel") / name
    path.write_bytes(content)
    return path


def test_two_deployments_of_one_commit_have_the_same_bytes(wheel, tmp_path):
    assert deploy(tmp_path) == (wheel.name, wheel.read_bytes())


@pytest.mark.parametrize("version", VERSIONS)
def test_pip_installs_it_and_it_plans_without_spark(wheel, tmp_path, version):
    python = interpreter(version)
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    installed = subprocess.run([*install, "--target", tmp_path, wheel], capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr
    alone = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    described = subprocess.run([python, "-s", "-c", SCRIPT], env=alone, cwd=tmp_path, capture_output=True, text=True)
    assert described.returncode == 0, described.stderr
    if "TALLY" in os.environ:
        folder = pathlib.Path(os.environ["TALLY"])
        folder.mkdir(parents=True, exist_ok=True)
        line = f"{wheel.stat().st_size} bytes, installed and used by Python {version}\n"
        (folder / f"wheel {version}").write_text(line)
