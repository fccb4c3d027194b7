"""Makes the tables of a graph: each is staged, checked, and then replaces its previous version."""

from __future__ import annotations

import logging
import time
from typing import Any, Optional

from ... import expectations
from ...backends.calls import Bind
from ...errors import ExpectationFailed
from ..nodes import Builder, Node
from ..report import FAILED, SKIPPED, DatasetReport, Report
from . import flags
from .observations import ASIDE, count, divided, enforced, observation, watched
from .define import Defined, Definitions
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
        self.builder = Builder(definitions.graph, self._make)
        self.streams = Streams(definitions, report)
        self.targets = Targets(self.streams, self.lookup)

    def all(self, order: list[Node]) -> None:
        """Makes all tables and the views that they read; a failed expectation stops its table and the readers alone."""
        for node in order:
            if not node.view:
                try:
                    self.builder.get(node)
                except ExpectationFailed as error:
                    if error not in self.report.failed:
                        self.report.failed.append(error)

    def lookup(self, name: str, stream: bool) -> Optional[Any]:
        """The rows of a dataset, which is made first, or of local input; `None` for other names."""
        node = self.builder.find(name)
        if node is None:
            return self.definitions.local_input.read(self.warehouse.spark, name, stream)
        made = self.builder.get(node)
        return made.frame if node.view else self.rows(node, stream)

    def lookup_stored(self, name: str) -> Any:
        """The rows of a table as they are now; `KeyError` for a name that is not a table of the graph."""
        node = self.builder.find(name)
        if node is None or node.view:
            raise KeyError(name)
        return self.rows(node)

    def rows(self, node: Node, stream: bool = False) -> Any:
        """The stored rows of a node."""
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
        """Makes a node; returns the frames of a view."""
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
        """Counts a view, and fails if an expectation does, before its readers see a row."""
        dataset = node.dataset
        raw = self.bind(node.name, dataset.query)()
        if raw.isStreaming:
            return Defined(raw, enforced(raw, dataset))
        if dataset.expectations:
            tallied = flags.flagged(raw, dataset).agg(*flags.tallies(dataset)).first().asDict()
            count(entry, dataset, tallied, raw)
        return Defined(raw, expectations.staying(raw, dataset))

    def _table(self, node: Node, entry: DatasetReport) -> None:
        """Writes and counts in one pass; quarantined rows are written together with those that stay."""
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
        """Makes the quarantine of a view or stream; that of a table was written with the table."""
        dataset = node.dataset
        origin = self.builder.nodes[dataset.name.lower()]
        made = self.builder.get(origin)
        if node.appended:
            raw = made.raw if origin.view else self.bind(node.name, dataset.query)()
            self.streams.quarantine(node, raw, entry)
        else:
            if origin.view:
                failing = expectations.violating(made.raw, dataset.expecting("quarantine"))
                self.warehouse.stage(node.name, failing).commit()
            entry.rows = self.rows(node).count()
        for item in self.report.datasets:
            if item.name == dataset.name:
                item.quarantined = entry.rows or 0
