"""Local input: the rows of tables that a pipeline reads and nobody makes.

They are in `local/<schema>/<table>.csv`, `.json` or `.parquet`; a folder of such files ends the same way. Names are
compared regardless of case.
"""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from ..errors import LocalInputError

FOLDER = "local"
FORMATS = ("csv", "json", "parquet")

PARTS = "REQUIRES_SINGLE_PART_NAMESPACE"
NOT_FOUND = re.compile(rf"(?:TABLE_OR_VIEW_NOT_FOUND|{PARTS}).*?((?:`[^`]+`\.)*`[^`]+`)", re.DOTALL)
PART = re.compile(r"`([^`]+)`|([^.`]+)")


@dataclass(frozen=True)
class Rows:
    """A file or folder of rows."""

    path: pathlib.Path

    @property
    def format(self) -> str:
        """The data source that reads it."""
        return self.path.suffix[1:].lower()

    @property
    def options(self) -> dict[str, str]:
        """Its options: the first line of CSV has the columns, and JSON has an object a line, or one array."""
        if self.format == "csv":
            return {"header": "true", "inferSchema": "true"}
        return {"multiLine": "true"} if self.format == "json" and self._is_array() else {}

    @property
    def place(self) -> tuple[str, dict[str, str]]:
        """The folder, and the option that takes one file of it: a stream reads no file by its own path."""
        if self.path.is_dir():
            return str(self.path), {}
        return str(self.path.parent), {"pathGlobFilter": re.sub(r"([][*?{}\\])", r"\\\1", self.path.name)}

    def _is_array(self) -> bool:
        files = sorted(self.path.glob("[!._]*")) if self.path.is_dir() else [self.path]
        if not files:
            return False
        with files[0].open("rb") as file:
            return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


class LocalInput:
    """The local input below `folder`, which may be missing."""

    def __init__(self, folder: Union[str, os.PathLike[str], None] = None) -> None:
        self.shown = os.fspath(folder or FOLDER)
        self.folder = pathlib.Path(self.shown).absolute()

    def find(self, name: str) -> Optional[Rows]:
        """The rows of a table; without a folder of its catalog, those of its schema."""
        parts = parts_of(name)
        for among in (parts, parts[1:]) if len(parts) == 3 else (parts,):
            found = list(self._at(among))
            if len(found) > 1:
                shown = " and ".join(f"`{self._shown(rows.path)}`" for rows in found)
                raise LocalInputError(f"the rows of `{name}` are in {shown}: keep one")
            if found:
                return found[0]
        return None

    def read(self, spark: Any, name: str, stream: bool = False) -> Optional[Any]:
        """The rows of a table, as a stream or not; `None` if there are none."""
        rows = self.find(name)
        if rows is None:
            return None
        try:
            frame = spark.read.format(rows.format).options(**rows.options).load(str(rows.path))
            schema = frame.schema
        except Exception as error:  # its class differs between versions of Spark
            raise self.unreadable(rows, error) from error
        if not stream:
            return frame
        path, only = rows.place
        return spark.readStream.format(rows.format).schema(schema).options(**rows.options, **only).load(path)

    def tables(self) -> Iterator[str]:
        """The names of all tables without a catalog."""
        for path in _entries(self.folder):
            if _is_rows(path):
                yield path.stem
            elif path.is_dir():
                yield from (f"{path.name}.{inner.stem}" for inner in _entries(path) if _is_rows(inner))

    def missing(self, name: str) -> str:
        """What to do about a table that is not there."""
        *folders, table = parts_of(name)[-2:]
        file = "/".join([self.shown, *folders, f"{table}.csv"])
        rows = f"its rows belong in `{file}` (`.json`, `.parquet`)"
        return f"there is no table `{name}`, and nothing here makes it: {rows}"

    def unreadable(self, rows: Rows, error: Exception) -> LocalInputError:
        """The error for rows that Spark cannot read."""
        return LocalInputError(f"`{self._shown(rows.path)}` cannot be read: {str(error).strip().splitlines()[0]}")

    def _at(self, parts: Sequence[str]) -> Iterator[Rows]:
        *folders, table = parts
        places = [self.folder]
        for folder in folders:
            inner = [path for place in places for path in _entries(place)]
            places = [path for path in inner if path.name.lower() == folder and path.is_dir()]
        for path in (path for place in places for path in _entries(place)):
            if path.stem.lower() == table and _is_rows(path):
                yield Rows(path)

    def _shown(self, path: pathlib.Path) -> str:
        return "/".join([self.shown, *path.relative_to(self.folder).parts])


def parts_of(name: str) -> list[str]:
    """The parts of a name in lower case, as engines compare them."""
    return [(quoted or plain).lower() for quoted, plain in PART.findall(name)]


def not_found(error: object, text: str = "") -> str:
    """The name of the table that Spark failed for lack of, else `""`.

    For one with a catalog, Spark 3.5 reports only catalog and schema; the table is in the `text` of the query.
    """
    found = NOT_FOUND.search(str(error))
    name = found.group(1).replace("`", "") if found else ""
    name = name.removeprefix("spark_catalog.")
    if PARTS in str(error) and name.count(".") == 1:
        longer = re.search(rf"\b{re.escape(name)}\.\w+", text, re.IGNORECASE)
        return longer.group(0) if longer else f"{name}.<table>"
    return name


def _entries(folder: pathlib.Path) -> list[pathlib.Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "_")))


def _is_rows(path: pathlib.Path) -> bool:
    return path.suffix[1:].lower() in FORMATS
