"""A session in which the names of a graph are its datasets, and all other names are those of the catalog."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from functools import partial
from typing import Any, Callable, Optional

from ...errors import DefinitionError
from ..input import not_found

Lookup = Callable[[str, bool], Optional[Any]]


class Names:
    """The datasets that can be read at the moment; `lookup` gives the rows of one, as a stream or not, or `None`.

    Without `rows`, datasets are only defined, and SQL sees empty tables.
    """

    def __init__(self) -> None:
        self.lookup: Lookup = lambda name, stream: None
        self.rows = False
        self.published: dict[str, Callable[[], Any]] = {}

    def publish(self, text: str, error: Exception) -> bool:
        """Publishes the dataset that SQL failed with `error` for lack of; whether there was one."""
        name = not_found(error, text.replace("`", ""))
        frame = self.lookup(name, False) if name and name not in self.published else None
        if frame is None:
            return False
        schema, _, table = name.rpartition(".")
        if schema:
            self._store(frame if self.rows else frame.limit(0), schema, table)
        else:
            frame.createOrReplaceTempView(table)
            self.published[name] = partial(frame.sparkSession.catalog.dropTempView, table)
        return True

    def _store(self, frame: Any, schema: str, table: str) -> None:
        """Copies the rows to a table, as only a table can be in a schema; a persistent catalog is left alone."""
        spark, name = frame.sparkSession, f"{schema}.{table}"
        kept = spark.conf.get("spark.sql.catalogImplementation") != "in-memory"
        if kept or "." in schema or frame.isStreaming:
            hint = f'read it by `spark.table("{name}")`, or by `spark.readStream.table("{name}")`'
            raise DefinitionError(f"`{name}` is not a table of the catalog, where SQL text looks for it: {hint}")
        folder = tempfile.mkdtemp(prefix="dltflow-sql-")
        self.published[f"{name} files"] = partial(shutil.rmtree, folder, ignore_errors=True)
        if not spark.catalog.databaseExists(schema):
            spark.sql(f"CREATE DATABASE `{schema}` LOCATION '{folder}/schema'")
            self.published[f"{schema} schema"] = partial(spark.sql, f"DROP DATABASE IF EXISTS `{schema}` CASCADE")
        writer = frame.write.format("parquet").option("compression", "uncompressed").option("path", f"{folder}/table")
        writer.saveAsTable(f"`{schema}`.`{table}`")
        self.published[name] = partial(spark.sql, f"DROP TABLE IF EXISTS `{schema}`.`{table}`")

    def forget(self) -> None:
        """Removes the datasets from the catalog, in reverse order."""
        while self.published:
            self.published.popitem()[1]()


def scoped(spark: Any, names: Names) -> Any:
    """A copy of the session `spark` whose `table`, `read.table`, `readStream.table` and `sql` know `names`."""
    kind = type(spark)

    class Scoped(kind):  # a subclass, to pass for a session of this kind everywhere
        @property
        def read(self) -> Any:
            return _resolving(kind.read.fget(self), names, False)

        @property
        def readStream(self) -> Any:
            return _resolving(kind.readStream.fget(self), names, True)

        def table(self, tableName: str) -> Any:
            return self.read.table(tableName)

        def sql(self, sqlQuery: str, *args: Any, **kwargs: Any) -> Any:
            while True:
                try:
                    found = kind.sql(self, sqlQuery, *args, **kwargs)
                    with contextlib.suppress(AttributeError):
                        found.schema  # noqa: B018  makes Spark Connect look for the tables
                    return found
                except Exception as error:  # its class differs between versions of Spark
                    if not names.publish(sqlQuery, error):
                        raise

        def __del__(self) -> None:
            """Leaves the connection open, as it belongs to the original session."""

    Scoped.__name__, Scoped.__qualname__ = kind.__name__, kind.__qualname__
    made = object.__new__(Scoped)
    made.__dict__.update(spark.__dict__)
    return made


def _resolving(reader: Any, names: Names, stream: bool) -> Any:
    catalog = reader.table

    def table(name: str, *args: Any, **kwargs: Any) -> Any:
        found = names.lookup(name, stream)
        return catalog(name, *args, **kwargs) if found is None else found

    reader.table = table
    return reader
