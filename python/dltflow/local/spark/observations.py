"""Counts rows while they are written, and finds a row that fails a `fail` expectation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ... import expectations
from ...errors import ExpectationFailed
from ...expectations import FAILED
from ...graph import Dataset, Expectation
from ..report import DatasetReport
from . import flags
from .changes import quoted

ASIDE = "__dltflow_aside"


def observation(frame: Any) -> Any:
    """An observation for `frame`; Spark 3.5 has a class for each kind of session."""
    if type(frame).__module__.startswith("pyspark.sql.connect"):
        from pyspark.sql.connect.observation import Observation
    else:
        from pyspark.sql import Observation
    return Observation()


def watched(frame: Any, dataset: Dataset, by: Any) -> Any:
    """The rows that stay; `by`, an observation or its name, counts all rows on the way."""
    tallied = flags.flagged(frame, dataset).observe(by, *flags.tallies(dataset))
    return flags.unflagged(tallied, dataset)


def divided(frame: Any, dataset: Dataset, by: Any) -> Any:
    """The rows that stay and those that are quarantined, which have `ASIDE` and the names of what they fail."""
    from pyspark.sql import functions as F

    conditions = dataset.expecting("quarantine")
    aside = expectations.fails(conditions)
    # Rows that come from another quarantine have a column of that name, which those that stay keep.
    own = F.col(quoted(FAILED)) if FAILED in map(str.lower, frame.columns) else F.lit(None)
    tallied = flags.flagged(frame, dataset).observe(by, *flags.tallies(dataset)).drop(*flags.names(dataset))
    either = tallied.filter(aside | ~expectations.fails(dataset.expecting("drop"))).withColumn(ASIDE, aside)
    return either.withColumn(FAILED, F.when(aside, expectations.failed(conditions)).otherwise(own))


def count(entry: DatasetReport, dataset: Dataset, tallied: Mapping[str, Any], frame: Any) -> None:
    """Adds the counts to the report; raises, before any row is committed, if a `fail` expectation failed."""
    found = flags.tally(dataset, tallied)
    entry.count(dataset, found)
    for item, failed in zip(dataset.expectations, found.failed):
        if item.action == "fail" and failed:
            entry.rows = None
            raise ExpectationFailed(dataset.name, item.name, _least(frame, item), failed)


def _least(frame: Any, failed: Expectation) -> str:
    """The least row, as JSON, that fails. It is only searched when there is one, as JSON costs more than counting."""
    from pyspark.sql import functions as F

    columns = [F.col(quoted(name)) for name in frame.columns]
    record = F.to_json(F.struct(*columns), {"ignoreNullFields": "false"})
    least = frame.filter(~expectations.ok(failed.constraint)).agg(F.min(record)).first()[0]
    return least or "null"  # a query can give other rows each time


def enforced(frame: Any, dataset: Dataset) -> Any:
    """A stream that counts its rows, and fails at a row that fails a `fail` expectation."""
    guarded = expectations.guarded(frame, dataset, [quoted(name) for name in frame.columns])
    return watched(guarded, dataset, metric(dataset.name))


def metric(name: str) -> str:
    """The name of a dataset's counts in the progress of a stream."""
    return f"{expectations.raw(name)}_counts"


def by_batch(query: Any) -> dict[int, dict[str, Mapping[str, Any]]]:
    """The observations in a stream's progress, by batch and name; in Spark 3.5 these are mappings, later objects."""
    found: dict[int, dict[str, Mapping[str, Any]]] = {}
    for progress in query.recentProgress:
        plain = type(progress) is dict
        batch = progress["batchId"] if plain else progress.batchId
        rows = (progress.get("observedMetrics") if plain else progress.observedMetrics) or {}
        found.setdefault(batch, {}).update({name: _values(row) for name, row in rows.items()})
    return found


def _values(row: Any) -> Mapping[str, Any]:
    """A row by column name; Spark Connect sends the names beside the values."""
    named: Mapping[str, Any] = row if isinstance(row, dict) else row.asDict()
    if set(named) == {"values", "schema"}:
        return {field["name"]: value for field, value in zip(named["schema"]["fields"], named["values"])}
    return named


def failure(error: BaseException) -> Optional[ExpectationFailed]:
    """The failed expectation behind an `error` of Spark, if `expectations.guarded` raised it."""
    seen: Optional[BaseException] = error
    while seen is not None:
        found = expectations.raised_in(str(seen))
        if found:
            return found
        seen = seen.__cause__ or seen.__context__
    return None
