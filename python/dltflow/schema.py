"""Validates a value against its JSON Schema: gives the value under its current names, or an error with its place.

This implements the part of JSON Schema that `config.schema.json` uses; branches of a `oneOf` differ in their type.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import ConfigError

TYPES = {
    "object": ("a mapping", dict),
    "array": ("a list", list),
    "string": ("a string", str),
    "boolean": ("`true` or `false`", bool),
    "integer": ("a whole number", int),
    "number": ("a number", (int, float)),
}


def load() -> dict[str, Any]:
    """The schema of the `dlt` section."""
    with open(os.path.join(os.path.dirname(__file__), "config.schema.json"), encoding="utf-8") as file:
        return json.load(file)


class Reader:
    """Reads values by the schema `root`; `warnings` collects the uses of older names."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.warnings: list[str] = []

    def read(self, value: Any, at: str) -> Any:
        """The value under its current names; `at` is its place."""
        return self._read(value, self.root, at)

    def _read(self, value: Any, schema: Mapping[str, Any], at: str) -> Any:
        schema = self._branch(value, schema, at)
        if "enum" in schema and (isinstance(value, bool) or value not in schema["enum"]):
            allowed = dict.fromkeys(str(item) for item in schema["enum"])
            choices = ", ".join(f"`{item}`" for item in allowed)
            raise ConfigError(at, f"must be one of {choices}, not {shown(value)}{near(value, allowed)}")
        if isinstance(value, dict):
            return self._mapping(value, schema, at)
        if isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                raise ConfigError(at, "must not be empty")
            return [self._read(item, schema["items"], f"{at}[{i}]") for i, item in enumerate(value)]
        if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
            raise ConfigError(at, "must not be empty")
        return _text(value) if schema.get("x-text") else value

    def _branch(self, value: Any, schema: Mapping[str, Any], at: str) -> Mapping[str, Any]:
        """The branch of `schema` for values of this type."""
        branches = [self._followed(branch) for branch in self._followed(schema).get("oneOf", [schema])]
        types = [name for branch in branches for name in _types(branch)]
        for branch in branches:
            if any(_is(value, name) for name in _types(branch)):
                return branch
        expected = " or ".join(dict.fromkeys(TYPES[name][0] for name in types))
        raise ConfigError(at, f"must be {expected}, not {shown(value)}")

    def _followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            target: Any = self.root
            for step in schema["$ref"].split("/")[1:]:
                target = target[step]
            schema = target
        return schema

    def _mapping(self, value: Mapping[Any, Any], schema: Mapping[str, Any], at: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for written, item in value.items():
            inner = self._inner(written, schema, at)
            if item is None:
                continue
            name = inner.get("x-alias-of", written)
            if name in found:
                alias = written if name != written else _alias(name, value, schema)
                raise ConfigError(at, f"`{alias}` is an older name of `{name}`: keep one of the two")
            if name != written:
                self.warnings.append(f"{at}: `{written}` is an older name of `{name}`: write that")
            found[name] = self._read(item, inner, f"{at}.{written}")
        for name in (*schema.get("required", ()), *schema.get("x-required", ())):
            if name not in found:
                raise ConfigError(at, f"`{name}` is missing")
        for group in schema.get("x-excludes", ()):
            both = [name for name in group if name in found]
            if len(both) > 1:
                raise ConfigError(at, f"`{both[0]}` and `{both[1]}` exclude each other")
        return found

    def _inner(self, key: Any, schema: Mapping[str, Any], at: str) -> Mapping[str, Any]:
        """The schema of the value under `key`."""
        if not isinstance(key, str) or not key.strip():
            raise ConfigError(at, f"a key must be a string, not {shown(key)}")
        known = schema.get("properties", {})
        if key in known:
            return known[key]
        if isinstance(schema.get("additionalProperties"), dict):
            return schema["additionalProperties"]
        raise ConfigError(at, f"unknown key `{key}`{near(key, known)}")


def near(written: Any, known: Iterable[str]) -> str:
    """The nearest of `known`, as the end of a message."""
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(str(written).lower(), names, 1)
    return f"; did you mean `{names[found[0]]}`?" if found else ""


def shown(value: Any) -> str:
    """A value as a message quotes it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _types(schema: Mapping[str, Any]) -> list[str]:
    declared = schema["type"]
    return [declared] if isinstance(declared, str) else declared


def _is(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name][1]) and (name == "boolean" or not isinstance(value, bool))


def _alias(name: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    return next(key for key in value if schema["properties"][key].get("x-alias-of") == name)


def _text(value: Any) -> str:
    """The text that Spark takes: `true` and `1` become text as people write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
