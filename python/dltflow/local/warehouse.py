"""The folder of a local run: a table is a folder of Parquet files, or one for each flow that adds to it.

    tables/<name>/<version>/…     what the file `current` beside it names
    flows/<name>/<flow>/…         written by a stream, which keeps a log of what belongs to it
    checkpoints/<name>/<flow>/…   how far that stream came
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import uuid
from dataclasses import dataclass
from functools import reduce
from typing import Any, Union
from urllib.parse import quote

WRITING = {"compression": "uncompressed"}  # codecs of native code are not on every machine


@dataclass(frozen=True)
class Staged:
    """A version of a table that nobody reads yet."""

    path: pathlib.Path

    def commit(self) -> None:
        """Makes it the table, at once for all who read that from now on, and removes the one before."""
        current = self.path.parent / "current"
        before = current.read_text(encoding="utf-8") if current.exists() else ""
        written = self.path.parent / f"{self.path.name}.current"
        written.write_text(self.path.name, encoding="utf-8")
        os.replace(written, current)
        if before:
            shutil.rmtree(self.path.parent / before, ignore_errors=True)

    def move(self, path: pathlib.Path) -> None:
        """Makes it what a flow has written, instead of its table."""
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        os.replace(self.path, path)

    def discard(self) -> None:
        """Removes it."""
        shutil.rmtree(self.path, ignore_errors=True)


class Warehouse:
    """Tables below `folder`."""

    def __init__(self, spark: Any, folder: Union[str, os.PathLike[str]]) -> None:
        self.spark, self.folder = spark, pathlib.Path(folder).absolute()

    def stage(self, name: str, frame: Any) -> Staged:
        """Writes `frame` as the next version of a table."""
        staged = Staged(self._place("tables", name) / uuid.uuid4().hex)
        try:
            frame.write.options(**WRITING).parquet(str(staged.path))
        except BaseException:
            staged.discard()
            raise
        return staged

    def table(self, name: str, schema: Any) -> Any:
        """The rows of the current version; none before the first."""
        current = self._place("tables", name) / "current"
        with contextlib.suppress(FileNotFoundError):
            version = current.read_text(encoding="utf-8")
            return self.spark.read.schema(schema).parquet(str(current.parent / version))
        return self.spark.createDataFrame([], schema)

    def flow(self, name: str, flow: str) -> pathlib.Path:
        """Where the rows of a flow go, or are."""
        return self._place("flows", name, flow)

    def checkpoint(self, name: str, flow: str) -> pathlib.Path:
        """Where a stream keeps how far it came."""
        return self._place("checkpoints", name, flow)

    def flows(self, name: str, flows: list[str], schema: Any, stream: bool = False) -> Any:
        """What the flows have written, as a stream or not."""
        reader = (self.spark.readStream if stream else self.spark.read).schema(schema)
        paths = [self.flow(name, flow) for flow in flows]
        for path in paths:
            path.mkdir(parents=True, exist_ok=True)
        return reduce(lambda one, other: one.unionByName(other), [reader.parquet(str(path)) for path in paths])

    def _place(self, *parts: str) -> pathlib.Path:
        """Names are compared without regard to case, and none leads out of the folder."""
        names = [quote(part.lower(), safe="").replace(".", "%2E") for part in parts[1:]]
        return self.folder.joinpath(parts[0], *names)
