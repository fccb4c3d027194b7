"""`python -m dltflow run`: what it prints, and how it ends."""

import json

import pytest
from dltflow import __main__ as command

pytestmark = pytest.mark.only("spark", reason="it is the command with plain Spark; test_sdp has the other")
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
def test_standard_output_has_the_report_alone(run, action, code, kept):
    ended, printed, log = run({**A, "expectation_action": action}, "--parameter=1", "--parameter", "5")
    report = json.loads(printed)
    assert (ended, report["datasets"][0]["rows"]) == (code, kept)
    assert report["datasets"][0]["expectations"] == [{"name": "small", "action": action, "passed": 1, "failed": 1}]
    found = {"dataset": "a", "expectation": "small", "record": '{"x":5}', "count": 1}
    assert report["failed"] == ([found] if action == "fail" else [])
    assert "an author's print" in log and ("error: dataset `a`: a row fails" in log) == (action == "fail")


@pytest.mark.parametrize(
    "entry, code, message",
    [
        ({**A, "kind": "tabel"}, 2, "dlt.kind: must be one of"),
        ({**A, "expectations": {"small": "y < 3"}}, 1, "error: config.json: dlt: dataset `a`, expectation `small`"),
        ({"func_name": "broken", "kind": "table"}, 1, "KeyError: 'no such key'"),
    ],
)
def test_what_went_wrong_is_in_the_exit_code(run, tmp_path, entry, code, message):
    ended, printed, log = run(entry)
    assert (ended, printed) == (code, "")
    assert message in log.replace(f"{tmp_path}/", "")


def test_people_read_lines(run):
    entry = {**A, "expectations": [{"name": "small", "constraint": "x < 3", "action": "quarantine"}]}
    printed = run(entry, "--parameter=1", "--parameter=5", output="text")[1]
    lines = [line.rpartition(", ")[0] or line for line in printed.splitlines()]
    assert lines[0] == "a: completed, 1 row, 1 dropped (1 in quarantine)"
    assert printed.splitlines()[1] == "  small (quarantine): 1 passed, 1 failed"


DRIVER = """
# MAGIC %pip install something
import dltflow
dltflow.launch("b_module", parameters=["--of", "b"], config={"dlt": {"func_name": "b", "kind": "table"}})
dltflow.launch("a_module", parameters=["1", "5"], config={"dlt": {"func_name": "a", "kind": "table"}})
dltflow.launch("plain_module", config={}, method="work")
"""
READER = """
import sys
from dltflow.quality import DLTMetaMixin

class Pipeline(DLTMetaMixin):
    def b(self):
        assert sys.argv == ["b_module", "--of", "b"]
        return self.spark.table("a").filter("x > 1")
"""


@pytest.fixture
def driver(project, capsys):
    project.write("a_module.py", SOURCE)
    project.write("b_module.py", READER)
    project.write("plain_module.py", "class Plain:\n    def work(self):\n        print('worked')")

    def run(text):
        arguments = ["--driver", project.write("driver.py", text), "--folder", str(project.runs)]
        return command.main(["run", *arguments, "--output", "json"]), *capsys.readouterr()

    return run


@pytest.mark.case(9)
def test_what_a_driver_launches_is_one_graph(driver):
    code, printed, log = driver(DRIVER)
    made = [(item["name"], item["rows"]) for item in json.loads(printed)["datasets"]]
    assert (code, made) == (0, [("a", 2), ("b", 1)]) and "worked" in log


@pytest.mark.case(10)
def test_two_launches_that_make_one_dataset_are_refused(driver):
    again = DRIVER + 'dltflow.launch("a_module", config={"dlt": [{"func_name": "a", "name": "B", "kind": "table"}]})'
    code, printed, log = driver(again)
    assert (code, printed) == (2, "") and "error: config: dlt[0]: `b` is already made by config: dlt" in log
