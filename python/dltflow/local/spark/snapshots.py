"""The changes between snapshots of a table: rows that are new or have other values, and keys that are gone.

Databricks documents this for AUTO CDC FROM SNAPSHOT, and that versions ascend and that the method is called for the
next snapshot until there is none. Not documented, so a choice of this engine: of several rows with the same key in a
snapshot, the one that is greatest as JSON counts, and a snapshot without a version has the time at which it is read.
"""

from __future__ import annotations

import datetime
import decimal
import json
import pathlib
from typing import Any

from ...errors import DefinitionError
from .changes import DELETED, SEQUENCE, TRUNCATES, quoted

TYPES = {
    int: "LongType",
    float: "DoubleType",
    str: "StringType",
    bytes: "BinaryType",
    datetime.datetime: "TimestampType",
    datetime.date: "DateType",
    decimal.Decimal: "DecimalType",
}
READ = {
    "bytes": bytes.fromhex,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "Decimal": decimal.Decimal,
}
VERSION = "_version.json"


class Compared:
    """The snapshots of a table that were compared, in a folder: the changes and the version of each."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.folders = sorted(item for item in path.glob("[0-9]*") if (item / VERSION).exists())

    def last(self) -> Any:
        """The version of the last snapshot; `None` before the first."""
        return _read((self.folders[-1] / VERSION).read_text(encoding="utf-8")) if self.folders else None

    def next(self) -> pathlib.Path:
        """Where the changes of the next snapshot go."""
        return self.path / f"{len(self.folders):08}"

    def changes(self, spark: Any, columns: Any, version: Any) -> Any:
        """The changes of all snapshots, for `changes.applied`; `columns` are those of the rows."""
        found = schema(columns, version)
        if not self.folders:
            return spark.createDataFrame([], found)
        return spark.read.schema(found).parquet(*map(str, self.folders))


def checked(version: Any, last: Any, where: str) -> Any:
    """The `version`, if it has a type that Spark has and comes after the last one."""
    if type(version) not in TYPES:
        kinds = ", ".join(f"`{kind.__name__}`" for kind in TYPES)
        raise DefinitionError(f"{where}: a version must be one of {kinds}, not `{type(version).__name__}`")
    if last is None:
        return version
    if type(version) is not type(last):
        kinds = f"`{type(last).__name__}`, not `{type(version).__name__}`"
        raise DefinitionError(f"{where}: previous versions are of the type {kinds}")
    if version <= last:
        raise DefinitionError(f"{where}: the version {version!r} comes after {last!r}: versions must ascend")
    return version


def now(last: Any) -> datetime.datetime:
    """The version of a snapshot that has none: the current time, and later than that of the last one."""
    time = datetime.datetime.now(datetime.timezone.utc)
    return time if last is None else max(time, last + datetime.timedelta(microseconds=1))


def written(version: Any) -> str:
    """A version as JSON, for `Compared`."""
    kind = type(version).__name__
    if kind not in READ:
        return json.dumps(version)
    return json.dumps({kind: version.hex() if kind == "bytes" else str(version)})


def _read(text: str) -> Any:
    found = json.loads(text)
    if not isinstance(found, dict):
        return found
    kind, value = next(iter(found.items()))
    return READ[kind](value)


def differences(before: Any, snapshot: Any, keys: list[str], version: Any) -> Any:
    """The changes that turn the rows `before` into those of `snapshot`, which has the same columns."""
    from pyspark.sql import functions as F
    from pyspark.sql.window import Window

    names = before.columns
    new, values, place = "__dltflow_new", "__dltflow_values", "__dltflow_place"
    both = before.withColumn(new, F.lit(False)).unionByName(snapshot.withColumn(new, F.lit(True)))
    row = F.to_json(F.struct(*[F.col(quoted(name)) for name in names]), {"ignoreNullFields": "false"})
    key = list(map(quoted, keys))
    each = Window.partitionBy(*key, new).orderBy(F.col(values).desc())
    both = both.withColumn(values, row).withColumn(place, F.row_number().over(each)).filter(F.col(place) == 1)
    pair = Window.partitionBy(*key)
    both = both.withColumn("__dltflow_stays", F.max(new).over(pair))
    both = both.withColumn("__dltflow_other", F.min(values).over(pair) != F.max(values).over(pair))
    both = both.withColumn("__dltflow_first", F.min(new).over(pair))
    changed = both.filter(f"if({new}, __dltflow_first or __dltflow_other, not __dltflow_stays)")
    return changed.select(
        *map(quoted, names),
        F.lit(version).cast(_type(version)).alias(SEQUENCE),
        (~F.col(new)).alias(DELETED),
        F.lit(False).alias(TRUNCATES),
    )


def schema(columns: Any, version: Any) -> Any:
    """The columns of `differences` between rows that have `columns`."""
    from pyspark.sql.types import BooleanType, StructType

    found = StructType(list(columns)).add(SEQUENCE, _type(version))
    return found.add(DELETED, BooleanType()).add(TRUNCATES, BooleanType())


def _type(version: Any) -> Any:
    from pyspark.sql import types

    kind = getattr(types, TYPES[type(version)])
    return kind(38, 18) if kind is types.DecimalType else kind()
