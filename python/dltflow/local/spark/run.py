"""Makes the tables of a plan: each is written aside, checked, and then takes the place of the one before."""

from __future__ import annotations

import logging
import time
from typing import Any, Optional

from ... import enforce
from ...errors import ExpectationFailed
from ..graph import Graph, Node
from ..report import FAILED, SKIPPED, DatasetReport, Report
from . import marks
from .counts import ASIDE, count, divided, enforced, observation, watched
from .define import Bind, Defined, Definitions
from .streams import Streams
from .targets import Targets
from .warehouse import Warehouse

log = logging.getLogger("dltflow")


class Run:
    """One run of all nodes; `report` grows with them."""

    def __init__(self, definitions: Definitions, report: Report) -> None:
        self.definitions, self.report = definitions, report
        self.bind: Bind = definitions.bind
        self.warehouse: Warehouse = definitions.warehouse
        self.graph = Graph(definitions.plan, self._make)
        self.streams = Streams(definitions, report)
        self.targets = Targets(self.streams, self.lookup)

    def all(self, order: list[Node]) -> None:
        """Makes everything but views that no table reads; what an expectation stops leaves the others alone."""
        for node in order:
            if not node.view:
                try:
                    self.graph.get(node)
                except ExpectationFailed as error:
                    if error not in self.report.failed:
                        self.report.failed.append(error)

    def lookup(self, name: str, stream: bool) -> Optional[Any]:
        """The rows of a dataset, which is made before; `None` for other names."""
        node = self.graph.find(name)
        if node is None:
            return None
        made = self.graph.get(node)
        return made.frame if node.view else self.rows(node, stream)

    def lookup_stored(self, name: str) -> Any:
        """The rows of a table as they are now; `KeyError` for a name that is no table of the plan."""
        node = self.graph.find(name)
        if node is None or node.view:
            raise KeyError(name)
        return self.rows(node)

    def rows(self, node: Node, stream: bool = False) -> Any:
        """What is stored of a node."""
        schema = self.definitions.schema(node)
        if node.appended:
            return self.warehouse.rows(node.name, schema, stream)
        return self.warehouse.table(node.name, schema)

    def _make(self, node: Node) -> Any:
        entry = DatasetReport(node.name, node.kind)
        start = time.monotonic()
        try:
            made = self._made(node, entry)
        except ExpectationFailed as error:
            entry.outcome = FAILED if error.dataset.lower() == node.name.lower() else SKIPPED
            raise
        finally:
            entry.seconds = round(time.monotonic() - start, 3)
            self.report.datasets.append(entry)
        log.info("%s: %s rows in %.1f s", node.name, "?" if entry.rows is None else entry.rows, entry.seconds)
        return made

    def _made(self, node: Node, entry: DatasetReport) -> Optional[Defined]:
        """Makes a node; what comes back is of a view."""
        if node.view:
            return self._view(node, entry)
        if node.quarantine:
            self._quarantine(node, entry)
        elif node.applies:
            self.targets.make(node, entry)
        elif node.appended:
            self.streams.fill(node, entry)
        else:
            self._table(node, entry)
        return None

    def _view(self, node: Node, entry: DatasetReport) -> Defined:
        """A view is counted, and stops what reads it, before that sees a row."""
        dataset = node.dataset
        raw = self.bind(node.name, dataset.query)()
        if raw.isStreaming:
            return Defined(raw, enforced(raw, dataset))
        if dataset.expectations:
            tallied = marks.marked(raw, dataset).agg(*marks.tallies(dataset)).first().asDict()
            count(entry, dataset, tallied, raw)
        return Defined(raw, enforce.staying(raw, dataset))

    def _table(self, node: Node, entry: DatasetReport) -> None:
        """Counts while it writes; rows that are quarantined are written with those that stay."""
        dataset = node.dataset
        frame = self.bind(node.name, dataset.query)()
        observing = observation(frame)
        if dataset.quarantine:
            names = (node.name, dataset.quarantine.name)
            staged = self.warehouse.divide(names, divided(frame, dataset, observing), ASIDE)
        else:
            staged = [self.warehouse.stage(node.name, watched(frame, dataset, observing))]
        try:
            count(entry, dataset, observing.get, frame)
        except BaseException:
            for version in staged:
                version.discard()
            raise
        for version in staged:
            version.commit()

    def _quarantine(self, node: Node, entry: DatasetReport) -> None:
        """That of a table is written with it."""
        dataset = node.dataset
        origin = self.graph.nodes[dataset.name.lower()]
        made = self.graph.get(origin)
        if node.appended:
            raw = made.raw if origin.view else self.bind(node.name, dataset.query)()
            self.streams.quarantine(node, raw, entry)
        else:
            if origin.view:
                failing = enforce.violating(made.raw, dataset.expecting("quarantine"))
                self.warehouse.stage(node.name, failing).commit()
            entry.rows = self.rows(node).count()
        for item in self.report.datasets:
            if item.name == dataset.name:
                item.quarantined = entry.rows or 0
