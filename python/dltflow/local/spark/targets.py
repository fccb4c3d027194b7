"""Tables that changes are applied to: all changes are kept, and the table is computed from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...graph import SNAPSHOTS, STREAMING_TABLE, Dataset, Flow
from ..nodes import Node
from ..report import DatasetReport
from . import changes, observations, snapshots
from .session import Lookup
from .snapshots import Compared
from .streams import Streams


class Targets:
    """Makes these tables in one run; `lookup` gives the rows of their sources."""

    def __init__(self, streams: Streams, lookup: Lookup) -> None:
        self.streams, self.lookup = streams, lookup
        self.definitions, self.warehouse = streams.definitions, streams.warehouse

    def make(self, node: Node, entry: DatasetReport) -> None:
        """Reads what is new, and computes the table from all changes."""
        if node.flows[0].type == SNAPSHOTS:
            found = self._snapshots(node, node.flows[0])
        else:
            found = changes.union(self._changes(node, flow, part) for flow, part in zip(node.flows, node.parts))
        frame = changes.applied(found, node.flows[0])
        observation = observations.observation(frame)
        dataset = Dataset(node.dataset.at, node.name, STREAMING_TABLE)
        staged = self.warehouse.stage(node.name, observations.watched(frame, dataset, observation))
        observations.count(entry, dataset, observation.get, frame)
        staged.commit()

    def _changes(self, node: Node, flow: Flow, part: str) -> Any:
        """All changes of a flow so far."""
        source = self.definitions.source(flow, self.lookup)
        path = self.warehouse.flow(node.name, part)
        columns = self.warehouse.columns(path, source.schema, flow.at)
        if flow.options.get("once"):
            entry = DatasetReport(node.name, node.kind)
            self.streams.once(node, part, changes.sequenced(source, flow), entry)
        else:
            self.streams.take(node.name, part, changes.sequenced(source, flow), {})
        found = self.warehouse.written(path, columns)
        self.warehouse.remember(path, columns)
        return changes.prepared(found, flow)

    def _snapshots(self, node: Node, flow: Flow) -> Any:
        """The changes between all snapshots so far."""
        path = self.warehouse.flow(node.name, node.parts[0])
        if flow.query:
            query, last = self.definitions.bind(node.name, flow.query), Compared(path).last()
            found = query(last)
            while found is not None:
                frame, version = found
                last = snapshots.checked(version, last, flow.at)
                self._compare(node, flow, frame, last)
                found = query(last)
        else:
            last = snapshots.now(Compared(path).last())
            self._compare(node, flow, self.definitions.source(flow, self.lookup), last)
        columns = self.warehouse.columns(path, self.definitions.empty().schema, flow.at)
        return Compared(path).changes(self.warehouse.spark, columns, last)

    def _compare(self, node: Node, flow: Flow, frame: Any, version: Any) -> None:
        """Keeps the changes of the snapshot `frame` together with its version."""
        path = self.warehouse.flow(node.name, node.parts[0])
        compared, columns = Compared(path), self.warehouse.columns(path, frame.schema, flow.at)
        current = replace(flow, options={**flow.options, "stored_as_scd_type": 1})
        before = changes.applied(compared.changes(self.warehouse.spark, columns, version), current)
        now = self.definitions.empty(columns).unionByName(frame, allowMissingColumns=True)
        found = snapshots.differences(before, now, flow.options["keys"], version)
        staged = self.warehouse.stage(f"{node.name}/{node.parts[0]}", found)
        (staged.path / snapshots.VERSION).write_text(snapshots.written(version), encoding="utf-8")
        staged.move(compared.next())
        self.warehouse.remember(path, columns)
