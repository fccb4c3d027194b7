"""A session in which the names of a plan are its datasets, and all other names what they are in the catalog."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Callable, Optional

Lookup = Callable[[str, bool], Optional[Any]]

NOT_FOUND = re.compile(r"TABLE_OR_VIEW_NOT_FOUND.*?((?:`[^`]+`\.)*`[^`]+`)", re.DOTALL)


class Names:
    """Who knows the datasets at the moment; `lookup` gives the rows of one, as a stream or not, or `None`."""

    def __init__(self) -> None:
        self.lookup: Lookup = lambda name, stream: None
        self.published: dict[str, Any] = {}

    def publish(self, error: Exception) -> bool:
        """Whether SQL that failed with `error` lacks a dataset of the plan, which it can read now."""
        missing = NOT_FOUND.search(str(error))
        name = missing.group(1).strip("`") if missing else ""
        if not name or "`" in name or name in self.published:  # a view has no schema in its name
            return False
        frame = self.lookup(name, False)
        if frame is not None:
            frame.createOrReplaceTempView(name)
            self.published[name] = frame.sparkSession
        return frame is not None

    def forget(self) -> None:
        """Takes the datasets away from SQL."""
        for name, session in self.published.items():
            session.catalog.dropTempView(name)
        self.published.clear()


def scoped(spark: Any, names: Names) -> Any:
    """The session `spark`, whose `table`, `read.table`, `readStream.table` and `sql` know `names`."""
    kind = type(spark)

    class Scoped(kind):  # a session of its kind, so that whatever asks for one takes it
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
                        found.schema  # noqa: B018  Spark Connect looks for tables when it is asked for more
                    return found
                except Exception as error:  # its class differs between versions of Spark
                    if not names.publish(error):
                        raise

        def __del__(self) -> None:
            """The connection is that of the session that this one stands for."""

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
