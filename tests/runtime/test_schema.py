"""The schema is one that any validator can use, and this package's reader agrees with such a one."""

import pytest
from dltflow import ConfigError, schema
from test_golden import CASES, content_of

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = schema.load()

# Accepted by the standard keywords: what these say is ours, in `x-…` keywords.
OURS = ["alias_and_name", "exclude each other", "`constraint` is missing", "is an older name of", "a key must be a string"]


def without_values_left_out(value):
    if isinstance(value, dict):
        return {key: without_values_left_out(item) for key, item in value.items() if item is not None}
    return [without_values_left_out(item) for item in value] if isinstance(value, list) else value


def refusal(section):
    try:
        schema.Reader(SCHEMA).read(section, "dlt")
    except ConfigError as error:
        return str(error)
    return None


def test_it_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("case", CASES)
def test_a_standard_validator_agrees(case):
    content, _ = content_of(case)
    section = without_values_left_out(content.get("dlt") if isinstance(content, dict) else content)
    refused = refusal(section)
    standard = jsonschema.Draft202012Validator(SCHEMA).is_valid(section)
    if refused and any(said in refused for said in OURS):
        assert standard
    else:
        assert standard == (refused is None), refused


def test_every_keyword_is_one_that_is_read():
    known = {"$ref", "$schema", "$defs", "oneOf", "type", "enum", "properties", "additionalProperties", "required"}
    known |= {"items", "minItems", "pattern", "default", "deprecated", "description", "title"}
    known |= {"x-alias-of", "x-excludes", "x-required", "x-text"}

    def walk(node):
        assert set(node) <= known, set(node) - known
        inner = [*node.get("properties", {}).values(), *node.get("$defs", {}).values(), *node.get("oneOf", [])]
        inner += [node[key] for key in ("items", "additionalProperties") if isinstance(node.get(key), dict)]
        for item in inner:
            walk(item)

    walk(SCHEMA)
