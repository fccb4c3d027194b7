"""Real Spark: `DLTFLOW_SPARK` names an installation of pyspark, as `target/spark/3.5.9`; else the newest is taken.

`DLTFLOW_CONNECT=1` runs the same tests through Spark Connect, `DLTFLOW_ENGINE=sdp` on Spark's own pipelines. Runs on
several engines or versions share nothing, so they can be started at the same time.
"""

import importlib
import os
import pathlib
import shutil
import sys
import textwrap

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests" / "runtime")]

import dltflow  # noqa: E402
from cases import CASES  # noqa: E402
from dltflow.local import sdp  # noqa: E402
from dltflow.local.sdp.server import Server  # noqa: E402

ENGINE = os.environ.get("DLTFLOW_ENGINE", "spark")

# Options of every JVM here, and of those that tests start. Each lives for a few small queries, where optimised code costs
# more than it saves; `SPARK_SUBMIT_OPTS` reaches them through `spark-submit`, as no other variable does silently.
JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

FASTER = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def pytest_configure(config):
    config.addinivalue_line("markers", "case(*numbers): the cases of `cases.py` that a test covers")
    config.addinivalue_line("markers", "only(engine, reason): what the other engine cannot show")


def pytest_collection_modifyitems(config, items):
    config.items = items
    for item in items:
        for mark in item.iter_markers("only"):
            if mark.args != (ENGINE,):
                item.add_marker(pytest.mark.skip(reason=mark.kwargs["reason"]))


def pytest_terminal_summary(terminalreporter):
    """Leaves a line for the table that `scripts/test` ends with."""
    passed = {report.nodeid for report in terminalreporter.stats.get("passed", [])}
    version = getattr(sys.modules.get("pyspark"), "__version__", None)
    if "TALLY" in os.environ and version:
        items = [item for item in terminalreporter.config.items if item.nodeid in passed]
        cases = {number for item in items for mark in item.iter_markers("case") for number in mark.args}
        folder = pathlib.Path(os.environ["TALLY"])
        folder.mkdir(parents=True, exist_ok=True)
        line = f"{len(passed)} tests, {len(cases)} of the {len(CASES)} cases\n"
        (folder / f"engines-{ENGINE}-{version}").write_text(line, encoding="utf-8")


def _installed():
    named = os.environ.get("DLTFLOW_SPARK")
    if named:
        return ROOT / named
    found = [path for path in (ROOT / "target" / "spark").glob("*") if (path / "pyspark" / "jars").is_dir()]
    return max(found, key=lambda path: [int(part) for part in path.name.split(".")], default=None)


@pytest.fixture
def engine():
    """Which engine the tests are run on."""
    return ENGINE


@pytest.fixture(scope="session")
def installed():
    """The Python of the tests finds the pyspark that they are to run on."""
    if not shutil.which("java"):
        pytest.skip("no Java on this machine: not tested on Spark")
    path = _installed()
    if path:
        sys.path.insert(0, str(path))
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        pytest.skip(f"no pyspark in target/spark, nor in this Python ({error}): not tested on Spark")
    os.environ.pop("SPARK_HOME", None)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_SUBMIT_OPTS", JVM)
    return path


@pytest.fixture(scope="session")
def server(installed, tmp_path_factory):
    """That of Spark's own pipelines, for all tests."""
    if ENGINE != "sdp":
        yield None
        return
    for module in ("grpc", "pandas", "pyarrow"):
        pytest.importorskip(module, reason="Spark Connect needs it: not tested on Spark's own pipelines")
    server = Server(str(tmp_path_factory.mktemp("server")))
    server.context.setLogLevel("OFF")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def spark(installed, server, tmp_path_factory):
    if server:
        yield server.session()
        return
    from pyspark.sql import SparkSession

    connect = os.environ.get("DLTFLOW_CONNECT") == "1"
    builder = SparkSession.builder.remote("local[2]") if connect else SparkSession.builder.master("local[2]")
    place = tmp_path_factory.mktemp("spark")
    for key, value in {**FASTER, "spark.sql.warehouse.dir": str(place)}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    if not connect:
        session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


class Project:
    """A folder on `sys.path`, with a module that is run there."""

    def __init__(self, folder, spark, server):
        self.folder, self.spark, self.server = folder, spark, server
        self.runs = folder / "runs"

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content), encoding="utf-8")
        return str(path)

    def run(self, methods, entries, folder=None):
        """Runs a class with `methods` as `entries` describe it; a failed expectation is in the report."""
        self.module(methods)
        return self.run_module("the_module", {"dlt": entries}, folder)

    def module(self, methods):
        """Writes `the_module`."""
        sys.modules.pop("the_module", None)
        header = (
            "import json\nfrom pyspark.sql import functions as F\nfrom dltflow.quality import DLTMetaMixin\n\n"
            "class Pipeline(DLTMetaMixin):\n"
            f"    FOLDER = {str(self.folder)!r}\n"
        )
        self.write("the_module.py", header + textwrap.indent(textwrap.dedent(methods), "    "))
        importlib.invalidate_caches()

    def run_module(self, module, config, folder=None):
        try:
            if self.server:
                return sdp.run_local(module, config, self.server, **self.places(folder))
            return dltflow.run_local(module, config, self.spark, **self.places(folder))
        except dltflow.ExpectationFailed as error:
            assert error.report.failed[0] is error
            return error.report

    def places(self, folder):
        return {"folder": folder or self.runs, "local_input": self.folder / "local"}

    def changes(self, folder, rows):
        """Puts a file of rows where `changes` of a test reads a stream."""
        place = self.folder / folder
        place.mkdir(exist_ok=True)
        text = "\n".join(rows)
        (place / f"{len(list(place.iterdir())):03}.json").write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch, spark, server):
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Project(tmp_path, spark, server)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
