"""What is counted of rows while they are written, and where a row that must not be there is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ... import enforce
from ...enforce import FAILED
from ...errors import ExpectationFailed
from ...plan import Dataset, Expectation
from ..report import DatasetReport
from . import marks
from .changes import quoted

ASIDE = "__dltflow_aside"


def observation(frame: Any) -> Any:
    """Takes the counts of `frame`; Spark 3.5 has one for each kind of session."""
    if type(frame).__module__.startswith("pyspark.sql.connect"):
        from pyspark.sql.connect.observation import Observation
    else:
        from pyspark.sql import Observation
    return Observation()


def watched(frame: Any, dataset: Dataset, by: Any) -> Any:
    """The rows that stay; `by`, an observation or its name, counts all of them on the way."""
    tallied = marks.marked(frame, dataset).observe(by, *marks.tallies(dataset))
    return marks.unmarked(tallied, dataset)


def divided(frame: Any, dataset: Dataset, by: Any) -> Any:
    """The rows that stay and those that are quarantined, which have `ASIDE` and the names of what they fail."""
    from pyspark.sql import functions as F

    conditions = dataset.expecting("quarantine")
    aside = enforce.fails(conditions)
    # What stays keeps a column of that name, as it has where it was in quarantine before.
    own = F.col(quoted(FAILED)) if FAILED in map(str.lower, frame.columns) else F.lit(None)
    tallied = marks.marked(frame, dataset).observe(by, *marks.tallies(dataset)).drop(*marks.names(dataset))
    either = tallied.filter(aside | ~enforce.fails(dataset.expecting("drop"))).withColumn(ASIDE, aside)
    return either.withColumn(FAILED, F.when(aside, enforce.failed(conditions)).otherwise(own))


def count(entry: DatasetReport, dataset: Dataset, tallied: Mapping[str, Any], frame: Any) -> None:
    """Into the report; where a row of `frame` fails that must not, nothing of the dataset was put anywhere."""
    found = marks.tally(dataset, tallied)
    entry.count(dataset, found)
    for item, failed in zip(dataset.expectations, found.failed):
        if item.action == "fail" and failed:
            entry.rows = None
            raise ExpectationFailed(dataset.name, item.name, _least(frame, item), failed)


def _least(frame: Any, failed: Expectation) -> str:
    """The least row as JSON that fails. It is looked for when there is one, as making JSON costs more than counting."""
    from pyspark.sql import functions as F

    columns = [F.col(quoted(name)) for name in frame.columns]
    record = F.to_json(F.struct(*columns), {"ignoreNullFields": "false"})
    least = frame.filter(~enforce.ok(failed.constraint)).agg(F.min(record)).first()[0]
    return least or "null"  # a query can give other rows each time


def enforced(frame: Any, dataset: Dataset) -> Any:
    """A stream that counts, and that ends at a row which must not be there."""
    guarded = enforce.guarded(frame, dataset, [quoted(name) for name in frame.columns])
    return watched(guarded, dataset, metric(dataset.name))


def metric(name: str) -> str:
    """What the counts of a dataset are called in what a stream says of itself."""
    return f"{enforce.raw(name)}_counts"


def observed(query: Any) -> dict[int, dict[str, Mapping[str, Any]]]:
    """What a stream says it observed, by batch and name; Spark 3.5 has mappings where later ones have objects."""
    found: dict[int, dict[str, Mapping[str, Any]]] = {}
    for progress in query.recentProgress:
        plain = type(progress) is dict
        batch = progress["batchId"] if plain else progress.batchId
        rows = (progress.get("observedMetrics") if plain else progress.observedMetrics) or {}
        found.setdefault(batch, {}).update({name: _values(row) for name, row in rows.items()})
    return found


def _values(row: Any) -> Mapping[str, Any]:
    """A row by the names of its columns; Spark Connect sends those beside the values."""
    named: Mapping[str, Any] = row if isinstance(row, dict) else row.asDict()
    if set(named) == {"values", "schema"}:
        return {field["name"]: value for field, value in zip(named["schema"]["fields"], named["values"])}
    return named


def failure(error: BaseException) -> Optional[ExpectationFailed]:
    """What `enforce.kept` raised inside of Spark."""
    seen: Optional[BaseException] = error
    while seen is not None:
        found = enforce.raised_in(str(seen))
        if found:
            return found
        seen = seen.__cause__ or seen.__context__
    return None
