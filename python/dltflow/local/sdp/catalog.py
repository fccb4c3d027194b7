"""The tables of Spark's pipelines, below the folder of the run, which outlives the catalog in memory.

sdp/database              the schema of names that have none, unique to this folder
sdp/tables/<schema>/…     a folder for each table
sdp/storage/…             the checkpoints of streams
sdp/streams.json          how a later run creates the streaming tables again
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import uuid
from collections.abc import Container, Iterable, Sequence
from typing import Any

from ...errors import ConfigError, LocalInputError
from .. import moved
from ..input import LocalInput, Rows, parts_of
from ..nodes import Node


class Catalog:
    """The tables of one folder, in the catalog of `spark`."""

    def __init__(self, spark: Any, folder: str, local_input: LocalInput) -> None:
        self.spark, self.place, self.local_input = spark, pathlib.Path(folder, "sdp").absolute(), local_input
        self.unreadable: dict[str, LocalInputError] = {}
        self.offered: set[str] = set()
        self.kept: set[str] = set()
        self.place.mkdir(parents=True, exist_ok=True)
        moved.follow(pathlib.Path(folder).absolute())
        named = self.place / "database"
        if not named.exists():
            named.write_text(f"dltflow_{uuid.uuid4().hex[:12]}", encoding="utf-8")
        self.database = named.read_text(encoding="utf-8")

    @property
    def storage(self) -> str:
        """Where checkpoints go, as a URI."""
        return (self.place / "storage").as_uri()

    def name(self, name: str) -> str:
        """`schema.table` in lower case, for a name in a graph or an event."""
        parts = name.replace("`", "").lower().split(".")
        return ".".join(parts[-2:] if len(parts) > 1 else [self.database, *parts])

    def prepare(self, nodes: Sequence[Node], companions: Iterable[str]) -> None:
        """Creates the schemas with the streaming tables of earlier runs; all other tables are removed."""
        tables = {self.name(node.name): node for node in nodes if not node.view}
        for name, node in tables.items():
            parts = node.name.replace("`", "").split(".")
            if len(parts) > 2:
                problem = f"there is no catalog `{parts[0]}` here: `{node.name}` can only name a schema"
                raise ConfigError(node.dataset.at, problem)
        expected = {*tables, *map(self.name, companions)}
        for schema in sorted({name.partition(".")[0] for name in expected} | {self.database}):
            self._recreate(schema)
        known = self._streams()
        self.kept = expected & known.keys()
        for name in expected - self.kept:  # also a stream whose first run was interrupted: it starts over
            shutil.rmtree(self._path(name), ignore_errors=True)
            for checkpoints in (self.place / "storage").glob(f"_checkpoints/*/{name.replace('.', '/')}"):
                shutil.rmtree(checkpoints)
        for name in self.kept:
            self.spark.sql(f"{known[name]} LOCATION '{self._path(name).as_uri()}'").collect()
        self.offer_input(except_for={self.name(node.name) for node in nodes})

    def offer_input(self, except_for: Container[str] = ()) -> None:
        """Creates the tables of the local input, whose files stay. One that is wrong fails those who read it."""
        for name in self.local_input.tables():
            if self.name(name) in except_for:
                continue
            try:
                rows = self.local_input.find(name)
                if rows and not self.exists(name):
                    self._link(self.name(name), rows)
            except LocalInputError as error:
                self.unreadable[self.name(name)] = error

    def withdraw_input(self) -> None:
        """Removes these tables again, as another run may share the server; their files stay."""
        with contextlib.suppress(Exception):  # what ended the run counts, not what follows from it
            for name in self.offered:
                self.spark.sql(f"DROP TABLE IF EXISTS {quoted(name)}").collect()

    def missing(self, name: str) -> LocalInputError:
        """The error for a table that a flow reads and that is not there."""
        name = name.removeprefix(f"{self.database}.")
        catalog, *rest = parts_of(name)
        if len(rest) > 1:
            problem = f"there is no catalog `{catalog}` here, so `{name}` cannot be read"
            return LocalInputError(f"{problem}: name only its schema, or take the engine `spark`")
        return self.unreadable.get(self.name(name)) or LocalInputError(self.local_input.missing(name))

    def _link(self, name: str, rows: Rows) -> None:
        path, only = rows.place
        options = ", ".join(f"{key} {_literal(value)}" for key, value in {**rows.options, **only, "path": path}.items())
        self.spark.sql(f"CREATE SCHEMA IF NOT EXISTS `{name.partition('.')[0]}`").collect()
        try:
            self.spark.sql(f"CREATE TABLE {quoted(name)} USING {rows.format} OPTIONS ({options})").collect()
        except Exception as error:  # its class differs between versions of Spark
            raise self.local_input.unreadable(rows, error) from error
        self.offered.add(name)

    def remember(self, streams: Iterable[str]) -> None:
        """Keeps the statements that create those `streams` that are tables."""
        found = {}
        for name in map(self.name, streams):
            if self.exists(name):
                found[name] = self.spark.sql(f"SHOW CREATE TABLE {quoted(name)}").first()[0]
        text = json.dumps({**self._streams(), **{name: _without_location(text) for name, text in found.items()}})
        (self.place / "streams.json").write_text(text, encoding="utf-8")

    def exists(self, name: str) -> bool:
        """Whether there is such a table."""
        return self.spark.catalog.tableExists(quoted(self.name(name)))

    def table(self, name: str) -> Any:
        """The rows of a table."""
        return self.spark.read.table(quoted(self.name(name)))

    def _recreate(self, schema: str) -> None:
        """Creates the schema without tables; those that were in it are dropped, and their files stay."""
        spark, path, aside = self.spark, self.place / "tables" / schema, self.place / f"{schema}.aside"
        path.mkdir(parents=True, exist_ok=True)
        path.rename(aside)
        try:
            spark.sql(f"DROP SCHEMA IF EXISTS `{schema}` CASCADE").collect()
        finally:
            shutil.rmtree(path, ignore_errors=True)
            aside.rename(path)
        spark.sql(f"CREATE SCHEMA `{schema}` LOCATION '{path.as_uri()}'").collect()

    def _streams(self) -> dict[str, str]:
        path = self.place / "streams.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _path(self, name: str) -> pathlib.Path:
        return self.place.joinpath("tables", *name.split("."))


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return ".".join(f"`{part}`" for part in name.split("."))


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _without_location(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("LOCATION "))
