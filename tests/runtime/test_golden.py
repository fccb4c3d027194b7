"""Configurations and their graphs as files: `golden/<case>/config.json` or `config.yml` with `graph.json` or `error.txt`.

Whatever else reads configurations is tested with the same files. `BLESS=1` writes the expected files.
"""

import json
import os
import pathlib

import pytest
from dltflow import ConfigError, config

GOLDEN = pathlib.Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir())


def content_of(case):
    """What the configuration holds, and its name."""
    (path,) = (GOLDEN / case).glob("config.*")
    return config.read(path), path.name


def outcome(case):
    try:
        return "graph.json", json.dumps(config.to_graph(*content_of(case)).to_json(), indent=2) + "\n"
    except ConfigError as error:
        return "error.txt", f"{error}\n"


@pytest.mark.case(12, 13, 20, 25, 28, 30, 31)
@pytest.mark.parametrize("case", CASES)
def test_a_configuration_means_what_its_file_says(case):
    folder = GOLDEN / case
    name, text = outcome(case)
    if os.environ.get("BLESS"):
        for other in ("graph.json", "error.txt"):
            (folder / other).unlink(missing_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert (folder / name).is_file(), f"{name}: {text}"
    assert text == (folder / name).read_text(encoding="utf-8")
    assert len(list(folder.iterdir())) == 2


def graph_of(case):
    return json.loads((GOLDEN / case / "graph.json").read_text(encoding="utf-8"))


def test_forms_that_mean_the_same_have_the_same_graph():
    for one, other in [
        ("expectations_as_list", "expectations_as_mapping"),
        ("table", "expectations_empty"),
        ("table", "no_value_is_left_out"),
        ("changes_history", "changes_older_names"),
    ]:
        assert {**graph_of(one), "warnings": []} == {**graph_of(other), "warnings": []}


@pytest.mark.case(9)
def test_the_order_of_entries_does_not_change_the_graph():
    for case in ("list_of_two", "changes_of_another_dataset"):
        content, name = content_of(case)
        content["dlt"].reverse()
        turned = config.to_graph(content, name).to_json()
        expected = graph_of(case)
        assert (turned["datasets"], turned["flows"]) == (expected["datasets"], expected["flows"])
