"""Changes applied to a table: its rows are computed from all changes so far, so that their order, their number and the
runs that read them make no difference.

Of several changes with the same key and sequence, a delete wins, else the one that is greatest as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from ...expectations import ok
from ...errors import ConfigError
from ...graph import Flow, Options

SEQUENCE, DELETED, TRUNCATES = "__dltflow_sequence", "__dltflow_deleted", "__dltflow_truncates"
START, END = "__START_AT", "__END_AT"


def check(flow: Flow) -> None:
    """Refuses options that this engine does not support."""
    if flow.options.get("columns_to_update"):
        problem = "only Databricks supports this: leave it out for plain Spark"
        raise ConfigError(f"{flow.at}.columns_to_update", problem)
    if flow.options["stored_as_scd_type"] == 2 and "apply_as_truncates" in flow.options:
        problem = "a table with history cannot be truncated, nor on Databricks: leave it out, or use SCD type 1"
        raise ConfigError(f"{flow.at}.apply_as_truncates", problem)


def sequenced(frame: Any, flow: Flow) -> Any:
    """The changes, refusing one without a sequence before it is stored, so that the source can be fixed."""
    from pyspark.sql import functions as F

    lacks = ok(flow.options.get("where", "true")) & F.expr(flow.options["sequence_by"]).isNull()
    problem = F.lit(f"{flow.at}.sequence_by: `{flow.options['sequence_by']}` is NULL")
    return frame.filter(F.when(lacks, F.raise_error(problem).cast("boolean")).otherwise(F.lit(True)))


def prepared(frame: Any, flow: Flow) -> Any:
    """The changes with their sequence and their kind, for `applied`."""
    from pyspark.sql import functions as F

    return frame.filter(ok(flow.options.get("where", "true"))).select(
        "*",
        F.expr(flow.options["sequence_by"]).alias(SEQUENCE),
        ok(flow.options.get("apply_as_deletes", "false")).alias(DELETED),
        ok(flow.options.get("apply_as_truncates", "false")).alias(TRUNCATES),
    )


def applied(changes: Any, flow: Flow) -> Any:
    """The table after all `changes`, which are `prepared`, with history or without."""
    from pyspark.sql import functions as F
    from pyspark.sql.window import Window

    keys = [quoted(key) for key in flow.options["keys"]]
    columns = [name for name in changes.columns if name not in (SEQUENCE, DELETED, TRUNCATES)]
    truncated = changes.filter(F.col(TRUNCATES)).agg(F.max(SEQUENCE).alias("__dltflow_truncated"))
    changes = changes.filter(~F.col(TRUNCATES)).crossJoin(F.broadcast(truncated))
    changes = changes.filter(F.coalesce(F.col(SEQUENCE) > F.col("__dltflow_truncated"), F.lit(True)))
    values = F.to_json(F.struct(*[F.col(quoted(name)) for name in columns]), {"ignoreNullFields": "false"})
    same = Window.partitionBy(*keys, SEQUENCE).orderBy(F.col(DELETED).desc(), values.desc())
    changes = changes.withColumn("__dltflow_rank", F.row_number().over(same)).filter("__dltflow_rank = 1")
    ordered = Window.partitionBy(*keys).orderBy(SEQUENCE)
    changes = _filled(changes, flow.options, keys, columns, ordered)
    stored = _selected(columns, flow.options.get("column_list"), flow.options.get("except_column_list"))
    return (_history if flow.options["stored_as_scd_type"] == 2 else _current)(
        changes, flow.options, keys, stored, ordered
    )


def union(changes: Iterable[Any]) -> Any:
    """The changes of several flows."""
    return reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), changes)


def quoted(name: str) -> str:
    """The name of a column in backticks."""
    return name if name.startswith("`") else f"`{name}`"


def _selected(columns: list[str], only: Any, without: Any) -> list[str]:
    """Those of `columns` that are in `only`, or not in `without`, regardless of case."""
    listed = {name.strip("`").lower() for name in only or without or ()}
    return [name for name in columns if not listed or (name.lower() in listed) == bool(only)]


def _filled(changes: Any, options: Options, keys: list[str], columns: list[str], ordered: Any) -> Any:
    """Replaces NULL by the previous value in columns where updates ignore NULL; a delete discards previous values."""
    from pyspark.sql import functions as F
    from pyspark.sql.window import Window

    only = options.get("ignore_null_updates_column_list")
    without = options.get("ignore_null_updates_except_column_list")
    if not (options.get("ignore_null_updates") or only or without):
        return changes
    before = Window.unboundedPreceding
    changes = changes.withColumn("__dltflow_life", F.sum(F.col(DELETED).cast("int")).over(ordered))
    life = Window.partitionBy(*keys, "__dltflow_life", DELETED).orderBy(SEQUENCE).rowsBetween(before, 0)
    for name in _selected(columns, only, without):
        changes = changes.withColumn(name, F.last(F.col(quoted(name)), ignorenulls=True).over(life))
    return changes


def _current(changes: Any, options: Options, keys: list[str], stored: list[str], ordered: Any) -> Any:
    """The last state of each key, unless it is deleted."""
    from pyspark.sql import functions as F

    changes = changes.withColumn("__dltflow_next", F.lead(SEQUENCE).over(ordered))
    last = changes.filter(F.col("__dltflow_next").isNull() & ~F.col(DELETED))
    return last.select(*map(quoted, stored))


def _history(changes: Any, options: Options, keys: list[str], stored: list[str], ordered: Any) -> Any:
    """All states of each key: a new one starts when a tracked column changes; other columns are of its last change."""
    from pyspark.sql import functions as F
    from pyspark.sql.window import Window

    only, without = options.get("track_history_column_list"), options.get("track_history_except_column_list")
    tracked = F.struct(F.lit(0), *[F.col(quoted(name)) for name in _selected(stored, only, without)])
    before, deleted = F.lag(F.struct(tracked.alias("of"))).over(ordered), F.lag(DELETED).over(ordered)
    same = before.isNotNull() & before["of"].eqNullSafe(tracked) & ~deleted & ~F.col(DELETED)
    changes = changes.withColumn("__dltflow_starts", (~F.coalesce(same, F.lit(False))).cast("int"))
    changes = changes.withColumn("__dltflow_state", F.sum("__dltflow_starts").over(ordered))
    state = Window.partitionBy(*keys, "__dltflow_state").orderBy(SEQUENCE)
    changes = changes.withColumn(START, F.min(SEQUENCE).over(state.rowsBetween(*_all(Window))))
    changes = changes.withColumn("__dltflow_later", F.lead(SEQUENCE).over(state))
    lasts = changes.filter(F.col("__dltflow_later").isNull()).withColumn(END, F.lead(START).over(ordered))
    return lasts.filter(~F.col(DELETED)).select(*map(quoted, stored), START, END)


def _all(window: Any) -> tuple[int, int]:
    return window.unboundedPreceding, window.unboundedFollowing
