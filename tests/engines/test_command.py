"""`python -m dltflow run`: what it prints, and how it ends."""

import json

import pytest
from dltflow import __main__ as command

SOURCE = """
import sys
from dltflow.quality import DLTMetaMixin

class Pipeline(DLTMetaMixin):
    def a(self):
        print("an author's print")
        return self.spark.createDataFrame([(int(number),) for number in sys.argv[1:]], "x int")
    def broken(self):
        raise KeyError("no such key")
"""
A = {"func_name": "a", "kind": "table", "expectations": {"small": "x < 3"}}


@pytest.fixture
def run(project, capsys, tmp_path):
    project.write("a_module.py", SOURCE)

    def run(entry, *more, output="json"):
        path = project.write("config.json", json.dumps({"dlt": entry}))
        arguments = ["run", "--module", "a_module", "--config", path, "--folder", str(tmp_path / "runs")]
        code = command.main([*arguments, "--output", output, *more])
        return code, *capsys.readouterr()

    return run


@pytest.mark.case(2, 3, 43)
@pytest.mark.parametrize("action, code, kept", [("drop", 0, 1), ("fail", 3, None)])
def test_the_report_stands_alone_on_standard_output(run, action, code, kept):
    ended, printed, log = run({**A, "expectation_action": action}, "--parameter=1", "--parameter", "5")
    report = json.loads(printed)
    assert (ended, report["datasets"][0]["rows"]) == (code, kept)
    assert report["datasets"][0]["expectations"] == [{"name": "small", "action": action, "passed": 1, "failed": 1}]
    found = {"dataset": "a", "expectation": "small", "record": '{"x":5}', "count": 1}
    assert report["failed"] == ([found] if action == "fail" else [])
    assert "an author's print" in log and ("error: dataset `a`: a row fails" in log) == (action == "fail")


@pytest.mark.parametrize(
    "entry, code, told",
    [
        ({**A, "kind": "tabel"}, 2, "dlt.kind: must be one of"),
        ({**A, "expectations": {"small": "y < 3"}}, 1, "error: config.json: dlt: dataset `a`, expectation `small`"),
        ({"func_name": "broken", "kind": "table"}, 1, "KeyError: 'no such key'"),
    ],
)
def test_what_went_wrong_is_in_the_exit_code(run, tmp_path, entry, code, told):
    ended, printed, log = run(entry)
    assert (ended, printed) == (code, "")
    assert told in log.replace(f"{tmp_path}/", "")


def test_people_read_lines(run):
    entry = {**A, "expectations": [{"name": "small", "constraint": "x < 3", "action": "quarantine"}]}
    printed = run(entry, "--parameter=1", "--parameter=5", output="text")[1]
    lines = [line.rpartition(", ")[0] or line for line in printed.splitlines()]
    assert lines[0] == "a: completed, 1 rows, 1 dropped (1 in quarantine)"
    assert printed.splitlines()[1] == "  small (quarantine): 1 passed, 1 failed"
