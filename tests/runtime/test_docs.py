"""The pages for authors, as far as they need no Spark: keys, graphs, and what older forms become or say."""

import contextlib
import importlib
import io
import json
import re
import sys

import documents
import dltflow
import pytest
from dltflow import schema

AUTHORING = documents.sections("authoring.md")
MIGRATION = documents.sections("migration.md")
PLACES = {
    "Entry": "entry",
    "`expectations`": "expectation",
    "`append_config`": "append",
    "`apply_cdc_config`": "changes",
    "`apply_snapshot_config`": "snapshots",
    "`sink`": "sink",
    "`write_opts`": "write_opts",
    "`table_properties`": "table_properties",
    "`quarantine`": "quarantine",
    "`inputs`": "input",
}
OLDER = {"database": "name", "tablename": "name"}  # two keys that make one value together
BEFORE = [title for title, parts in MIGRATION.items() if any(part.lead == "Before:" for part in parts)]


def keys_of(definition):
    """Each key of the schema with its older names."""
    properties = definition["properties"]
    alias_of = {key: item["x-alias-of"] for key, item in properties.items() if "x-alias-of" in item}
    alias_of.update({key: name for key, name in OLDER.items() if properties.get(key, {}).get("deprecated")})
    keys = {*alias_of.values(), *properties} - alias_of.keys()
    return {key: {older for older, name in alias_of.items() if name == key} for key in keys}


def test_every_key_of_the_schema_has_its_line():
    tables = {title: parts[-1] for title, parts in documents.sections("authoring.md", 3).items() if title in PLACES}
    assert set(tables) == set(PLACES)
    definitions = schema.load()["$defs"]
    assert {name for name, item in definitions.items() if "properties" in item} == set(PLACES.values())
    for title, name in PLACES.items():
        lines = {cells[0]: set(re.findall(r"`([^`]+)`", cells[1])) for cells in tables[title].rows}
        written = {key.strip("`"): older for key, older in lines.items() if key.startswith("`")}
        assert written == keys_of(definitions[name]), title


def test_what_is_required_is_said_to_be():
    tables = documents.sections("authoring.md", 3)
    for title, name in PLACES.items():
        definition = schema.load()["$defs"][name]
        required = {*definition.get("required", ()), *definition.get("x-required", ())}
        said = {cells[0].strip("`") for cells in tables[title][-1].rows if "Required" in cells[-1]}
        assert said == required, title


def test_every_action_has_its_line():
    actions = set(schema.load()["$defs"]["action"]["enum"])
    tables = [*AUTHORING["Expectations"], *AUTHORING["What runs where"]]
    shown = [table for table in tables if table.header[:1] == ["action"]]
    assert len(shown) == 2
    for table in shown:
        assert {cells[0].strip("`") for cells in table.rows} == actions


CONFIGURATIONS = [
    part
    for parts in AUTHORING.values()
    for part in parts
    if part.kind == "json" or (part.kind == "file" and part.name.startswith("conf/"))
]


@pytest.mark.parametrize("part", CONFIGURATIONS, ids=lambda part: part.name or "sinks")
def test_configurations_use_current_names(part):
    graph = dltflow.plan(json.loads(part.text))
    assert graph.datasets
    assert graph.warnings == ()


class Form:
    """A way to write a pipeline: `result` is what it asks of the engine, `messages` is what it says."""

    def __init__(self, project, parts, caplog):
        self.project, self.result, self.messages = project, None, []
        caplog.clear()
        source = next((part.text for part in parts if part.kind == "python"), "")
        config = next((part.text for part in parts if part.kind == "json"), "")
        project.write("conf/bikes.json", config)
        project.write("rentals/bikes.py", source)
        try:
            self.result = self.launched() if "class " in source else self.printed(source) if source else self.described()
        except Exception as error:
            self.messages = [str(error)]
        self.messages += [record.getMessage() for record in caplog.records]
        self.messages = [message.replace(f"{project.folder}/", "") for message in self.messages]

    def described(self):
        found = dltflow.plan("conf/bikes.json").to_json()
        self.messages = found.pop("warnings")
        return found

    def launched(self):
        engine = self.project.engine
        engine.calls.clear()
        engine.queries.clear()
        for name in ("rentals", "rentals.bikes"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        dltflow.launch("rentals.bikes", config="conf/bikes.json")
        rows = {name: query().rows for name, query in engine.queries.items()}
        return list(engine.calls), rows

    def printed(self, source):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(source, {})
        self.messages = out.getvalue().splitlines()
        return self.messages


def forms(parts):
    """`(before, says, now)` of a section; what is under `With:` belongs to each."""
    shared, found = [], []
    for part in parts:
        if part.lead == "With:":
            shared = [part]
        elif part.lead == "Before:":
            found.append({"Before:": [part, *shared]})
        else:
            found[-1][part.lead] = [part, *shared]
    return found


@pytest.mark.case(11, 20, 25)
@pytest.mark.parametrize("title", BEFORE)
def test_older_forms_mean_the_same_as_new_ones_or_say_what_to_write(project, title, caplog, monkeypatch):
    monkeypatch.chdir(project.folder)
    for form in forms(MIGRATION[title]):
        before = Form(project, form["Before:"], caplog)
        assert before.messages == form["It says:"][0].text.splitlines()
        if "Now:" in form:
            now = Form(project, form["Now:"], caplog)
            assert now.result, now.messages
            assert now.messages == [] or now.messages == now.result
            assert before.result in (None, now.result)
