"""What a local run made, and what its expectations found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, NamedTuple, Optional

from ..errors import ExpectationFailed
from ..plan import Dataset

COMPLETED, FAILED, SKIPPED = "completed", "failed", "skipped"


class Tally(NamedTuple):
    """All `rows`, those of them that do not stay, and those that fail each expectation, in the order of these."""

    rows: int
    dropped: int
    failed: Sequence[int]


@dataclass
class ExpectationResult:
    """How many rows meet an expectation; NULL does not."""

    name: str
    action: str
    passed: int
    failed: int


@dataclass
class DatasetReport:
    """What this run did with a dataset.

    `rows` are those that the run put there: all of a table that is made anew, the new ones of a streaming table.
    `dropped` did not stay, `quarantined` of these are in the other table. Counts are of all rows that the method
    gave; those of a view are taken once, over all of its rows, when the first table reads it. What was not counted is
    `None`, as the rows of a view without expectations.
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
        """Says that there is no row yet, where none was counted."""
        self.rows = self.rows or 0
        if not self.expectations:
            self.expectations = [ExpectationResult(item.name, item.action, 0, 0) for item in dataset.expectations]

    def count(self, dataset: Dataset, tally: Tally) -> None:
        """Adds what was found in rows of the dataset."""
        self.begin(dataset)
        self.rows += tally.rows - tally.dropped
        self.dropped += tally.dropped
        for result, failed in zip(self.expectations, tally.failed):
            result.failed += failed
            result.passed += tally.rows - failed


@dataclass
class Report:
    """All datasets in the order in which they were made; `failed` are the expectations that stopped one."""

    folder: str
    datasets: list[DatasetReport] = field(default_factory=list)
    failed: list[ExpectationFailed] = field(default_factory=list)
    read: Callable[[str], Any] = field(default=lambda name: None, repr=False)
    """The rows of a table by its name, as they are in the folder."""
    engine: str = "spark"

    def dataset(self, name: str) -> DatasetReport:
        """The part of one dataset; `KeyError` where the run did not come to it."""
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
