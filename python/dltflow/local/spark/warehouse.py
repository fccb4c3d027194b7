"""The folder of a local run: a table is a folder of Parquet files.

    tables/<name>/<version>/…     the file `current` beside it names the current version
    flows/<name>/<flow>/…         written by a stream, which keeps a log of the files that count
    rows/<name>/…                 the files of all flows that ever appended to a table: this is what is read
    checkpoints/<name>/<flow>/…   the progress of that stream

The files of a name stay after the configuration stops naming it, as its rows and progress would be lost with them.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Union
from urllib.parse import quote, unquote, urlsplit

from ...errors import DefinitionError
from .. import moved

WRITING = {"compression": "uncompressed"}  # codecs of native code are not on every machine
OPEN_FILES = "spark.sql.maxConcurrentOutputFileWriters"
SCHEMA = "_schema.json"  # Spark ignores files whose names start with `_`


@dataclass(frozen=True)
class Staged:
    """A version of a table that is not read yet."""

    path: pathlib.Path

    def commit(self) -> None:
        """Makes it the current version atomically, and removes the previous one."""
        current = self.path.parent / "current"
        before = current.read_text(encoding="utf-8") if current.exists() else ""
        written = self.path.parent / f"{self.path.name}.current"
        written.write_text(self.path.name, encoding="utf-8")
        os.replace(written, current)
        if before:
            shutil.rmtree(self.path.parent / before, ignore_errors=True)

    def move(self, path: pathlib.Path) -> None:
        """Makes it the rows of a flow at `path`, instead of a version of the table."""
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        os.replace(self.path, path)

    def discard(self) -> None:
        """Removes it."""
        shutil.rmtree(self.path, ignore_errors=True)

    @contextlib.contextmanager
    def discarded_on_error(self) -> Iterator[None]:
        """Removes it if the body of the `with` fails."""
        try:
            yield
        except BaseException:
            self.discard()
            raise


class Warehouse:
    """Tables below `folder`, which one run at a time writes to."""

    def __init__(self, spark: Any, folder: Union[str, os.PathLike[str]]) -> None:
        self.spark, self.folder = spark, pathlib.Path(folder).absolute()
        moved.follow(self.folder)

    def stage(self, name: str, frame: Any) -> Staged:
        """Writes `frame` as the next version of a table, and removes the remains of runs that were killed."""
        place = self._place("tables", name)
        self._sweep(place)
        staged = Staged(place / uuid.uuid4().hex)
        with staged.discarded_on_error():
            frame.write.options(**WRITING).parquet(str(staged.path))
        return staged

    def divide(self, names: tuple[str, str], frame: Any, by: str) -> list[Staged]:
        """Writes `frame` in one pass into two tables: the first has the rows for which `by` is false."""
        whole = Staged(self._place("tables", names[0]) / uuid.uuid4().hex)
        with whole.discarded_on_error(), _unsorted(self.spark):
            for name in names:
                self._sweep(self._place("tables", name))
            frame.write.options(**WRITING).partitionBy(by).parquet(str(whole.path))
            staged = []
            for name, value in zip(names, ("false", "true")):
                (whole.path / f"{by}={value}").mkdir(exist_ok=True)  # there is none where there are no rows
                staged.append(Staged(self._place("tables", name) / uuid.uuid4().hex))
                Staged(whole.path / f"{by}={value}").move(staged[-1].path)
        whole.discard()
        return staged

    def table(self, name: str, schema: Any) -> Any:
        """The rows of the current version; none if there is no version yet."""
        current = self._place("tables", name) / "current"
        with contextlib.suppress(FileNotFoundError):
            version = current.read_text(encoding="utf-8")
            return self.spark.read.schema(schema).parquet(str(current.parent / version))
        return self.spark.createDataFrame([], schema)

    def flow(self, name: str, flow: str) -> pathlib.Path:
        """Where the rows of a flow are."""
        return self._place("flows", name, flow)

    def checkpoint(self, name: str, flow: str) -> pathlib.Path:
        """Where a stream keeps its progress."""
        return self._place("checkpoints", name, flow)

    def written(self, path: pathlib.Path, schema: Any) -> Any:
        """The rows at `path`; none if nothing was written yet."""
        path.mkdir(parents=True, exist_ok=True)
        return self.spark.read.schema(schema).parquet(str(path))

    def rows(self, name: str, schema: Any, stream: bool = False) -> Any:
        """The published rows of a table's flows, as a stream or not."""
        path = self.published(name)
        path.mkdir(parents=True, exist_ok=True)
        return (self.spark.readStream if stream else self.spark.read).schema(schema).parquet(str(path))

    def published(self, name: str) -> pathlib.Path:
        """Where the rows of all flows of a table are."""
        return self._place("rows", name)

    def publish(self, name: str, schema: Any) -> None:
        """Publishes what flows have appended to the readers of the table, in one folder, so that flows can come and go.

        Spark's log of a flow lists its complete files: those of a stream that was stopped do not count.
        """
        path, flows = self.published(name), self._place("flows", name)
        path.mkdir(parents=True, exist_ok=True)
        for flow in flows.iterdir() if flows.exists() else ():
            for file in self.written(flow, schema).inputFiles():
                source = pathlib.Path(unquote(urlsplit(file).path))
                if not (path / source.name).exists():
                    _link(source, path / source.name)
        self.remember(path, schema)

    def remember(self, path: pathlib.Path, schema: Any) -> None:
        """Stores the columns of the rows at `path` for `columns`."""
        temporary = path / f"{SCHEMA}.new"
        temporary.write_text(schema.json(), encoding="utf-8")
        os.replace(temporary, path / SCHEMA)

    def columns(self, path: pathlib.Path, schema: Any, what: str) -> Any:
        """The columns of new rows and those that only earlier rows at `path` had, which are NULL in new rows.

        Raises `DefinitionError` if a type has changed; `what` names the rows.
        """
        from pyspark.sql.types import StructType

        try:
            before = StructType.fromJson(json.loads((path / SCHEMA).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return schema
        types = {field.name.lower(): field.dataType.simpleString() for field in schema}
        for field in before:
            kept = field.dataType.simpleString()
            now = types.get(field.name.lower(), kept)
            if now != kept:
                hint = "cast it to that in the method, or run in another folder"
                raise DefinitionError(f"{what}: `{field.name}` is `{now}`, and `{kept}` in the rows before: {hint}")
        return StructType([*schema, *(field for field in before if field.name.lower() not in types)])

    def _sweep(self, place: pathlib.Path) -> None:
        """Removes all versions of a table but the current one."""
        with contextlib.suppress(FileNotFoundError):
            current = place / "current"
            kept = {"current", current.read_text(encoding="utf-8") if current.exists() else ""}
            for path in place.iterdir():
                if path.name not in kept:
                    path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)

    def _place(self, *parts: str) -> pathlib.Path:
        """The path of a name: names are compared regardless of case, and none leads out of the folder."""
        names = [quote(part.lower(), safe="").replace(".", "%2E") for part in parts[1:]]
        return self.folder.joinpath(parts[0], *names)


@contextlib.contextmanager
def _unsorted(spark: Any) -> Iterator[None]:
    """Lets Spark have a file open for each folder, as otherwise it sorts the rows before it writes them."""
    before = spark.conf.get(OPEN_FILES)
    spark.conf.set(OPEN_FILES, "2")
    try:
        yield
    finally:
        spark.conf.set(OPEN_FILES, before)


def _link(source: pathlib.Path, target: pathlib.Path) -> None:
    """Gives a file a second name atomically; copies it if the file system has no hard links."""
    temporary = target.with_name(f"_{target.name}")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        shutil.copyfile(source, temporary)
    os.replace(temporary, target)
