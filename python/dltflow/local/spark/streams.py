"""Tables that rows are only appended to: a stream appends what is new to it, and `once` appends its rows once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from ... import expectations
from ...graph import STREAMING_TABLE, VIEW, Dataset
from ..nodes import Node
from ..report import DatasetReport, Report
from . import flags, observations
from .changes import quoted
from .define import Definitions
from .warehouse import WRITING

ONCE = "_once"  # moved together with the rows, so that a run that is killed leaves both or neither


class Streams:
    """The streams of one run; their counts go to `report`."""

    def __init__(self, definitions: Definitions, report: Report) -> None:
        self.definitions, self.report = definitions, report
        self.bind, self.warehouse = definitions.bind, definitions.warehouse

    def fill(self, node: Node, entry: DatasetReport) -> None:
        """Appends what is new to a streaming table, from its method or from each of its flows."""
        with self._published(node):
            if not node.flows:
                frame = self.bind(node.name, node.dataset.query)()
                self.take(node.name, node.name, observations.enforced(frame, node.dataset), {node.name: entry})
            for flow, part in zip(node.flows, node.parts):
                frame = _typed(self.bind(part, flow.query)(), self.definitions.schema(node))
                if flow.options.get("once"):
                    self.once(node, part, frame, entry)
                else:
                    self.take(node.name, part, observations.enforced(frame, node.dataset), {node.name: entry})

    def quarantine(self, node: Node, raw: Any, entry: DatasetReport) -> None:
        """Appends the new rows of the stream `raw` that fail, with the names of what they fail."""
        dataset = node.dataset
        plain = Dataset(dataset.at, node.name, STREAMING_TABLE, True)
        failing = observations.enforced(expectations.violating(raw, dataset.expecting("quarantine")), plain)
        with self._published(node):
            self.take(node.name, node.name, failing, {node.name: entry})

    def once(self, node: Node, part: str, frame: Any, entry: DatasetReport) -> None:
        """Appends rows that are not a stream, unless an earlier run has."""
        path = self.warehouse.flow(node.name, part)
        if (path / ONCE).exists():
            entry.begin(node.dataset)
            return
        observation = observations.observation(frame)
        staged = self.warehouse.stage(f"{node.name}/{part}", observations.watched(frame, node.dataset, observation))
        with staged.discarded_on_error():
            observations.count(entry, node.dataset, observation.get, frame)
        (staged.path / ONCE).touch()
        staged.move(path)

    def take(self, name: str, part: str, frame: Any, entries: Mapping[str, DatasetReport]) -> None:
        """Appends what is new in the stream `frame` to the table `name`, and stops."""
        path, checkpoint = self.warehouse.flow(name, part), self.warehouse.checkpoint(name, part)
        path.mkdir(parents=True, exist_ok=True)
        writer = frame.writeStream.format("parquet").options(**WRITING).outputMode("append")
        writer = writer.option("path", str(path)).option("checkpointLocation", str(checkpoint))
        query = writer.trigger(availableNow=True).start()
        batches: dict[int, Mapping[str, Any]] = {}
        try:
            while not query.awaitTermination(1):  # Spark keeps the progress of the last hundred batches
                batches.update(observations.by_batch(query))
        except Exception as error:
            failed = observations.failure(error)
            if failed is None:
                raise
            raise failed from error
        finally:
            query.stop()
        batches.update(observations.by_batch(query))
        self._harvest(list(batches.values()), entries)

    @contextlib.contextmanager
    def _published(self, node: Node) -> Iterator[None]:
        """Publishes the rows that flows have appended, even if a later flow fails."""
        try:
            yield
        finally:
            self.warehouse.publish(node.name, self.definitions.schema(node))

    def _harvest(self, batches: list[Mapping[str, Any]], entries: Mapping[str, DatasetReport]) -> None:
        """Adds the counts of a stream, and of the views that it reads unless an earlier stream counted them."""
        views = {item.name: item for item in self.report.datasets if item.kind == VIEW and item.rows is None}
        for name, entry in {**views, **entries}.items():
            dataset = self.definitions.graph.dataset(name) or Dataset("", name, STREAMING_TABLE)
            if name in entries:
                entry.begin(dataset)
            for seen in batches:
                if observations.metric(name) in seen:
                    entry.count(dataset, flags.tally(dataset, seen[observations.metric(name)]))


def _typed(frame: Any, schema: Any) -> Any:
    """The columns of `frame` cast to their types in the table, as flows can have numbers of different widths."""
    from pyspark.sql import functions as F

    types = {field.name.lower(): field.dataType for field in schema}
    return frame.select(*[F.col(quoted(name)).cast(types[name.lower()]).alias(name) for name in frame.columns])
