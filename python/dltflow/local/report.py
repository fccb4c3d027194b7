"""The report of a local run: its datasets, and what their expectations found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, NamedTuple, Optional

from ..errors import ExpectationFailed
from ..graph import Dataset

COMPLETED, FAILED, SKIPPED = "completed", "failed", "skipped"


class Tally(NamedTuple):
    """The number of all rows, of those that are dropped, and of those that fail each expectation, in their order."""

    rows: int
    dropped: int
    failed: Sequence[int]


@dataclass
class ExpectationResult:
    """How many rows meet an expectation and how many fail it; NULL fails it."""

    name: str
    action: str
    passed: int
    failed: int


@dataclass
class DatasetReport:
    """The outcome of a dataset in this run.

    `rows` is how many rows the run wrote: all of a table that is rewritten, the new ones of a streaming table.
    `dropped` is how many were left out, and `quarantined` how many of these went to the quarantine. Expectations count
    all rows that the method returned; those of a view are counted once, when the first table reads it. What was not
    counted is `None`, such as the rows of a view without expectations.
    """

    name: str
    kind: str
    outcome: str = COMPLETED
    rows: Optional[int] = None
    dropped: int = 0
    quarantined: int = 0
    expectations: list[ExpectationResult] = field(default_factory=list)
    seconds: float = 0.0

    def begin(self, dataset: Dataset) -> None:
        """Starts the counts at zero, unless some rows are counted already."""
        self.rows = self.rows or 0
        if not self.expectations:
            self.expectations = [ExpectationResult(item.name, item.action, 0, 0) for item in dataset.expectations]

    def count(self, dataset: Dataset, tally: Tally) -> None:
        """Adds the counts of more rows of the dataset."""
        self.begin(dataset)
        self.rows += tally.rows - tally.dropped
        self.dropped += tally.dropped
        for result, failed in zip(self.expectations, tally.failed):
            result.failed += failed
            result.passed += tally.rows - failed


@dataclass
class Report:
    """All datasets in the order in which they were made; `failed` are the expectations that stopped any of them."""

    folder: str
    datasets: list[DatasetReport] = field(default_factory=list)
    failed: list[ExpectationFailed] = field(default_factory=list)
    read: Callable[[str], Any] = field(default=lambda name: None, repr=False)
    """Reads the rows of a table, by its name, from the folder."""
    engine: str = "spark"

    def dataset(self, name: str) -> DatasetReport:
        """The report of one dataset; `KeyError` if the run did not get to it."""
        for item in self.datasets:
            if item.name.lower() == name.lower():
                return item
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON holds it."""
        failed = [
            {"dataset": item.dataset, "expectation": item.expectation, "record": item.record, "count": item.count}
            for item in self.failed
        ]
        datasets = [asdict(item) for item in self.datasets]
        return {"engine": self.engine, "datasets": datasets, "failed": failed, "folder": self.folder}
