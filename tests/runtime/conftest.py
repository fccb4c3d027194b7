"""What every test of the runtime starts from: the package beside it, and a project on `sys.path`."""

import importlib
import os
import pathlib
import sys
import textwrap

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Modules of one name and size that are written within a second would be taken for one another.
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "python"), str(pathlib.Path(__file__).parent)]

import dltflow  # noqa: E402
import fakes  # noqa: E402
import seed  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "case(*numbers): the cases of `cases.py` that a test covers")


def pytest_terminal_summary(terminalreporter):
    """Leaves a line for the table that `scripts/test` ends with."""
    if "TALLY" in os.environ:
        passed = [report.nodeid for report in terminalreporter.stats.get("passed", [])]
        golden = sum("test_golden.py::test_a_configuration" in name for name in passed)
        registry = sum("test_registry.py" in name for name in passed)
        line = f"{golden} configurations and what they mean, {registry} registrations in real pyspark.pipelines\n"
        folder = pathlib.Path(os.environ["TALLY"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "authoring").write_text(line, encoding="utf-8")
        first = "the document's own class and configuration" if seed.theirs() else f"not run: {seed.NOT_THEIRS} instead"
        (folder / "seed").write_text(f"{first}\n", encoding="utf-8")


class Project:
    """A folder on `sys.path`, and stand-ins in place of the engine's modules."""

    def __init__(self, folder, engine):
        self.folder, self.engine = folder, engine

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content), encoding="utf-8")
        return str(path)

    def launch(self, source, entries=None, module="the_module", **options):
        """Launches `source` as a module; gives what the engine was asked."""
        sys.modules.pop(module, None)
        self.write(f"{module}.py", source)
        if entries is not None:
            options["config"] = {"dlt": entries}
        self.engine.calls.clear()
        dltflow.launch(module, **options)
        return self.engine.calls


def _project(engine, folder, monkeypatch):
    before = dict(sys.modules)
    monkeypatch.syspath_prepend(str(folder))
    for name in ("DLTFLOW_BACKEND", "DATABRICKS_RUNTIME_VERSION", "DLTFLOW_COMPANIONS"):
        monkeypatch.delenv(name, raising=False)
    installed = fakes.install(engine)
    importlib.invalidate_caches()
    yield Project(folder, installed)
    for name in set(sys.modules) - set(before):
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with Databricks' `dlt`."""
    yield from _project("dlt", tmp_path, monkeypatch)


@pytest.fixture
def dp_project(tmp_path, monkeypatch):
    """A project with Databricks' `pyspark.pipelines`."""
    yield from _project("dp", tmp_path, monkeypatch)
