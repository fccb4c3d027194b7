"""The counts of a run of Spark's pipelines, from its tables and their companions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Optional

from ... import expectations
from ...errors import ExpectationFailed
from ...graph import SINK, Dataset
from ..nodes import Node
from ..report import COMPLETED, FAILED, SKIPPED, DatasetReport, Tally
from .catalog import Catalog
from .events import Events


class Counts:
    """Counts what a run added: as streams only grow, the rows of now less those of earlier runs in `counted.json`."""

    def __init__(self, catalog: Catalog, events: Events) -> None:
        self.catalog, self.events = catalog, events
        self.path = catalog.place / "counted.json"
        stored = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        self.before = {name: counts for name, counts in stored.items() if name in catalog.kept}
        self.stops = events.failed()

    def all(self, nodes: Sequence[Node]) -> tuple[list[DatasetReport], list[ExpectationFailed]]:
        """The reports, of views first, then of tables in the order in which Spark completed them; and the failures."""
        done = list(self.events.outcomes)

        def ended(node: Node) -> int:
            name = self.catalog.name(node.name)
            return done.index(name) if name in done else -node.view

        found = [self._counted(node) for node in sorted(nodes, key=ended)]
        quarantined = {node.dataset.name: item.rows for node, item in found if node.quarantine}
        for node, item in found:
            if not node.quarantine:
                item.quarantined = quarantined.get(node.name) or 0
        self.path.write_text(json.dumps(self.before), encoding="utf-8")
        return [item for _, item in found], self._failed([item for _, item in found])

    def _failed(self, datasets: list[DatasetReport]) -> list[ExpectationFailed]:
        """One failure for each dataset."""
        first: dict[str, ExpectationFailed] = {}
        for error in self.stops.values():
            first.setdefault(error.dataset.lower(), error)
        counted = [self._sampled(item.name) or first[item.name.lower()] for item in datasets if item.outcome == FAILED]
        return counted

    def _counted(self, node: Node) -> tuple[Node, DatasetReport]:
        item = DatasetReport(node.name, node.kind)
        item.seconds = self.events.seconds.get(self.catalog.name(node.name), 0.0)
        if any(error.dataset.lower() == node.name.lower() for error in self.stops.values()):
            item.outcome = FAILED
        elif not node.view:
            item.outcome = COMPLETED if self.events.outcome(node) == COMPLETED else SKIPPED
        streaming = node.dataset.streaming and not node.applies
        if item.outcome != SKIPPED and not node.quarantine and not streaming:
            self._measured(node.dataset, item)
        if item.outcome != COMPLETED:
            item.rows = None
        elif not node.view and node.dataset.type != SINK:
            item.rows = self._rows(node, streaming)
            if streaming and not node.quarantine:
                self._violated(node.dataset, item)
        return node, item

    def _rows(self, node: Node, streaming: bool) -> int:
        rows = self.catalog.table(node.name).count()
        return rows - self._earlier(node.name, rows) if streaming else rows

    def _earlier(self, name: str, now: Any) -> Any:
        """The count of `name` after the last run that did not fail; keeps the count `now` for the next run."""
        name = self.catalog.name(name)
        before, self.before[name] = self.before.get(name, 0 if isinstance(now, int) else {}), now
        return before

    def _measured(self, dataset: Dataset, item: DatasetReport) -> None:
        """Adds the counts of the companion with metrics."""
        found = self._companion(expectations.metrics(dataset.name)) if dataset.expectations else []
        if found:
            item.count(dataset, Tally(found[0]["rows"], found[0]["dropped"], [row["failed"] for row in found]))

    def _sampled(self, name: str) -> Optional[ExpectationFailed]:
        """The first `fail` expectation that failed, with the least row that fails it."""
        for row in self._companion(expectations.metrics(name)):
            if row["action"] == "fail" and row["failed"]:
                return ExpectationFailed(name, row["expectation"], row["sample"], row["failed"])
        return None

    def _companion(self, name: str) -> list[Any]:
        made = self.events.outcomes.get(self.catalog.name(name)) == COMPLETED
        return self.catalog.table(name).collect() if made else []

    def _violated(self, dataset: Dataset, item: DatasetReport) -> None:
        """Adds the counts of the companion with violations."""
        name = expectations.violations(dataset.name)
        if not dataset.expectations or self.catalog.name(name) not in self.events.outcomes:
            return
        groups = self.catalog.table(name).groupBy(expectations.FAILED).count().collect()
        now = {json.dumps(row[expectations.FAILED]): row["count"] for row in groups}
        before = self._earlier(name, now)
        added = [(json.loads(names), count - before.get(names, 0)) for names, count in now.items()]
        removing = dataset.expecting("drop", "quarantine").keys()
        dropped = sum(count for names, count in added if removing & set(names))
        failed = [sum(count for names, count in added if each.name in names) for each in dataset.expectations]
        kept, item.rows = item.rows or 0, 0
        item.count(dataset, Tally(kept + dropped, dropped, failed))
