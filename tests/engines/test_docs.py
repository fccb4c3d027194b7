"""What `docs/authoring.md` shows: its files are run, and its rows, counts and errors are those that came out."""

import argparse
import contextlib
import runpy
import shlex
import sys

import documents
import dltflow
import pytest
from dltflow import __main__ as command

PAGE = documents.sections("authoring.md")
RUN = [title for title, parts in PAGE.items() if any(part.kind in ("rows", "found") for part in parts)]
# What Spark's own pipelines say of a section that they cannot run.
REFUSED = {"Changes": "applying changes needs {}", "Snapshots": "does not compare snapshots"}


class Walk:
    """Someone who reads the page and does what it says; what changed since the last run is run first."""

    def __init__(self, project, title):
        self.project, self.lake = project, str(project.folder / "lake")
        self.runs = project.folder / "runs" / title
        self.module = self.config = self.report = None
        self.parameters = []

    def write(self, part):
        name = part.name.replace("/lake", "lake", 1)
        self.project.write(name, part.text.replace("/lake", self.lake))
        if part.name.endswith(".py") and not part.name.startswith("tests/"):
            self.module = part.name[:-3].replace("/", ".")
        elif part.name.startswith("conf/"):
            self.config, self.parameters = str(self.project.folder / name), []
        self.report = None

    def command(self, part):
        given = arguments(part.text)
        self.module, self.config = given.module, str(self.project.folder / given.config)
        self.parameters = given.parameter

    def ran(self):
        if self.report is None:
            options = {"parameters": self.parameters, "folder": self.runs}
            server = getattr(self.project, "server", None)
            run, place = (pipelines(), server) if server else (dltflow.run_local, self.project.spark)
            try:
                self.report = run(self.module, self.config, place, **options)
            except dltflow.ExpectationFailed as error:
                self.report = error.report
        return self.report


def pipelines():
    """The run on Spark's own pipelines."""
    from dltflow.local import sdp

    return sdp.run_local


def arguments(line):
    """What follows `python -m dltflow run`."""
    assert line.startswith("python -m dltflow run ")
    parser = argparse.ArgumentParser()
    for name in ("--module", "--config"):
        parser.add_argument(name)
    parser.add_argument("--parameter", action="append", default=[])
    return parser.parse_args(shlex.split(line)[4:])


@pytest.fixture
def walk(project, monkeypatch):
    """A walk that starts with all files of the sections before."""

    def start(title):
        started = Walk(project, title)
        for before in list(PAGE)[: list(PAGE).index(title)]:
            for part in PAGE[before]:
                if part.kind == "file" and not part.name.startswith("/lake"):
                    started.write(part)
        return started

    yield start
    for name in [name for name in sys.modules if name.partition(".")[0] == "rentals"]:
        del sys.modules[name]


@pytest.mark.case(2, 3, 9, 11, 15, 22, 23, 27, 32)
@pytest.mark.parametrize("title", RUN)
def test_what_a_page_shows_is_what_came_out(walk, title):
    reader = walk(title)
    lacking = "Spark 4.2" if sys.modules["pyspark"].__version__.startswith("4.1.") else "MERGE"
    refused = REFUSED[title].format(lacking) if reader.project.server and title in REFUSED else None
    with pytest.raises(dltflow.ConfigError, match=refused) if refused else contextlib.nullcontext():
        follow(reader, PAGE[title])


def follow(reader, parts):
    for part in parts:
        if part.kind == "file":
            reader.write(part)
        elif part.kind == "sh":
            reader.command(part)
        elif part.kind == "text":
            assert [f"{error}\n" for error in reader.ran().failed] == [part.text]
        elif part.kind == "rows":
            frame = reader.ran().read(part.name)
            assert frame.columns == part.header
            assert sorted([documents.shown(value) for value in row] for row in frame.collect()) == sorted(part.rows)
        elif part.kind == "found":
            assert found(reader.ran(), part.header) == part.rows


def found(report, header):
    """What the expectations of a run found, as the page shows it."""
    names = {"expectation": "name"}
    lines = []
    for dataset in report.datasets:
        for item in dataset.expectations:
            of = {**vars(dataset), **vars(item), "dataset": f"`{dataset.name}`"}
            lines.append([documents.shown(of[names.get(column, column)]) for column in header])
    return lines


def test_a_method_is_tested_without_a_pipeline(walk):
    reader = walk("Testing a method")
    (part,) = PAGE["Testing a method"]
    reader.write(part)
    tests = runpy.run_path(str(reader.project.folder / part.name))
    called = [test() for name, test in tests.items() if name.startswith("test_")]
    assert called == [None]


def test_the_command_that_is_shown_runs(walk, monkeypatch, capsys):
    reader = walk("Running it here")
    monkeypatch.chdir(reader.project.folder)
    (line,) = [part.text for part in PAGE["Running it here"] if part.text.startswith("python -m dltflow run ")]
    assert arguments(line).module == "rentals.trips"
    assert command.main([*shlex.split(line)[3:], "--folder", "runs"]) == 0
    assert "trips" in capsys.readouterr().out
