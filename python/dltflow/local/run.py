"""Makes the tables of a plan: each is written aside, checked, and then takes the place of the one before."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any, Optional

from .. import enforce
from ..errors import DLTFlowError, ExpectationFailed
from ..plan import STREAMING_TABLE, VIEW, Dataset, Flow
from . import changes
from .define import Bind, Defined, Definitions
from .graph import Graph, Node
from .report import FAILED, SKIPPED, DatasetReport, Report
from .warehouse import WRITING, Staged, Warehouse

log = logging.getLogger("dltflow")


class Run:
    """One run of all nodes; `report` grows with them."""

    def __init__(self, definitions: Definitions, report: Report) -> None:
        self.definitions, self.report = definitions, report
        self.bind: Bind = definitions.bind
        self.warehouse: Warehouse = definitions.warehouse
        self.graph = Graph(definitions.plan, self._make)

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
            return self.warehouse.flows(node.name, node.parts, schema, stream)
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

    def _made(self, node: Node, entry: DatasetReport) -> Any:
        if node.view:
            return self._view(node, entry)
        if node.quarantine:
            return self._quarantine(node, entry)
        if node.applies:
            return self._changes(node, entry)
        if not node.appended:
            return self._table(node, entry)
        for flow in node.flows:
            self._append(node, flow, entry)
        if not node.flows:
            frame = self.bind(node.name, node.dataset.query)()
            self._stream(node.name, node.name, _enforced(frame, node.dataset), {node.dataset.name: entry})
        return None

    def _view(self, node: Node, entry: DatasetReport) -> Defined:
        """A view is counted, and stops what reads it, before that sees a row."""
        dataset = node.dataset
        raw = self.bind(node.name, dataset.query)()
        if raw.isStreaming:
            return Defined(raw, _enforced(raw, dataset))
        if dataset.expectations:
            _count(entry, dataset, raw.agg(*_measures(raw, dataset)).first().asDict())
        return Defined(raw, enforce.staying(raw, dataset))

    def _table(self, node: Node, entry: DatasetReport) -> None:
        """Counts while it writes; the rows are kept in memory where two tables are made of them."""
        dataset = node.dataset
        frame = self.bind(node.name, dataset.query)()
        frame = frame.persist() if dataset.quarantine else frame
        staged: list[Staged] = []
        try:
            staged.append(self._counted(node, frame, entry))
            if dataset.quarantine:
                failing = enforce.violating(frame, dataset.expecting("quarantine"))
                staged.append(self.warehouse.stage(dataset.quarantine.name, failing))
        except BaseException:
            for version in staged:
                version.discard()
            raise
        finally:
            if dataset.quarantine:
                frame.unpersist()
        for version in staged:
            version.commit()

    def _counted(self, node: Node, frame: Any, entry: DatasetReport) -> Staged:
        observation = _observation(frame)
        observed = frame.observe(observation, *_measures(frame, node.dataset))
        staged = self.warehouse.stage(node.name, enforce.staying(observed, node.dataset))
        try:
            _count(entry, node.dataset, observation.get)
        except BaseException:
            staged.discard()
            raise
        return staged

    def _quarantine(self, node: Node, entry: DatasetReport) -> None:
        """That of a table is written with it."""
        dataset = node.dataset
        origin = self.graph.nodes[dataset.name.lower()]
        made = self.graph.get(origin)
        if node.appended:
            raw = made.raw if origin.view else self.bind(node.name, dataset.query)()
            plain = Dataset(dataset.at, node.name, STREAMING_TABLE, True)
            failing = _enforced(enforce.violating(raw, dataset.expecting("quarantine")), plain)
            self._stream(node.name, node.name, failing, {node.name: entry})
        else:
            if origin.view:
                failing = enforce.violating(made.raw, dataset.expecting("quarantine"))
                self.warehouse.stage(node.name, failing).commit()
            entry.rows = self.rows(node).count()
        for item in self.report.datasets:
            if item.name == dataset.name:
                item.quarantined = entry.rows or 0

    def _append(self, node: Node, flow: Flow, entry: DatasetReport) -> None:
        frame = self.bind(flow.name or node.name, flow.query)()
        name = flow.name or node.name
        if not flow.options.get("once"):
            self._stream(node.name, name, _enforced(frame, node.dataset), {node.name: entry})
            return
        done = self.warehouse.checkpoint(node.name, name) / "once"
        if done.exists():
            entry.begin(node.dataset)
            return
        observation = _observation(frame)
        kept = enforce.staying(frame.observe(observation, *_measures(frame, node.dataset)), node.dataset)
        staged = self.warehouse.stage(f"{node.name}/{name}", kept)
        try:
            _count(entry, node.dataset, observation.get)
        except BaseException:
            staged.discard()
            raise
        staged.move(self.warehouse.flow(node.name, name))
        done.parent.mkdir(parents=True, exist_ok=True)
        done.touch()

    def _changes(self, node: Node, entry: DatasetReport) -> None:
        """Keeps all changes, and makes the table of them."""
        found = []
        for flow, part in zip(node.flows, node.parts):
            source = self.lookup(flow.source, True)
            source = self.warehouse.spark.readStream.table(flow.source) if source is None else source
            self._stream(node.name, part, source, {})
            stored = self.warehouse.flows(node.name, [part], source.schema)
            found.append(changes.prepared(stored, flow))
        frame = changes.applied(changes.union(found), node.flows[0])
        observation = _observation(frame)
        dataset = Dataset(node.dataset.at, node.name, STREAMING_TABLE)
        staged = self.warehouse.stage(node.name, frame.observe(observation, *_measures(frame, dataset)))
        entry.count(dataset, observation.get)
        staged.commit()

    def _stream(self, name: str, flow: str, frame: Any, entries: Mapping[str, DatasetReport]) -> None:
        """Takes what is new, and stops."""
        path, checkpoint = self.warehouse.flow(name, flow), self.warehouse.checkpoint(name, flow)
        path.mkdir(parents=True, exist_ok=True)
        writer = frame.writeStream.format("parquet").options(**WRITING).outputMode("append")
        writer = writer.option("path", str(path)).option("checkpointLocation", str(checkpoint))
        query = writer.trigger(availableNow=True).start()
        batches: dict[int, Mapping[str, Any]] = {}
        try:
            while not query.awaitTermination(1):  # Spark keeps what it says of the last hundred batches
                batches.update(_observed(query))
        except Exception as error:
            failed = _failure(error)
            if failed is None:
                raise
            raise failed from error
        finally:
            query.stop()
        batches.update(_observed(query))
        self._harvest(list(batches.values()), entries)

    def _harvest(self, batches: list[Mapping[str, Any]], entries: Mapping[str, DatasetReport]) -> None:
        """Adds the counts of a stream, and those of the views that it read, where no stream before counted them."""
        views = {item.name: item for item in self.report.datasets if item.kind == VIEW and item.rows is None}
        for name, entry in {**views, **entries}.items():
            dataset = self.definitions.plan.dataset(name) or Dataset("", name, STREAMING_TABLE)
            if name in entries:
                entry.begin(dataset)
            for observed in batches:
                if _metric(name) in observed:
                    found = observed[_metric(name)]
                    entry.count(dataset, found if isinstance(found, dict) else found.asDict())


def _observed(query: Any) -> dict[int, Mapping[str, Any]]:
    """What was observed, by batch; Spark 3.5 has mappings where later ones have objects."""
    found: dict[int, Mapping[str, Any]] = {}
    for progress in query.recentProgress:
        plain = type(progress) is dict
        batch = progress["batchId"] if plain else progress.batchId
        observed = progress.get("observedMetrics") if plain else progress.observedMetrics
        found[batch] = {**found.get(batch, {}), **(observed or {})}
    return found


def _enforced(frame: Any, dataset: Dataset) -> Any:
    """A stream that counts, and that ends at a row which must not be there."""
    observed = frame.observe(_metric(dataset.name), *enforce.measures(dataset))
    return enforce.kept(observed, dataset, [changes.quoted(name) for name in frame.columns])


def _metric(name: str) -> str:
    return f"{enforce.raw(name)}_counts"


def _observation(frame: Any) -> Any:
    """Spark 3.5 has one for each kind of session."""
    if type(frame).__module__.startswith("pyspark.sql.connect"):
        from pyspark.sql.connect.observation import Observation
    else:
        from pyspark.sql import Observation
    return Observation()


def _measures(frame: Any, dataset: Dataset) -> list[Any]:
    """The counts, and of each expectation that must hold the least row that fails it, as JSON."""
    from pyspark.sql import functions as F

    columns = [F.col(changes.quoted(name)) for name in frame.columns]
    record = F.to_json(F.struct(*columns), {"ignoreNullFields": "false"})
    samples = [
        F.min(F.when(~enforce.ok(item.constraint), record)).alias(f"sample{i}")
        for i, item in enumerate(dataset.expectations)
        if item.action == "fail"
    ]
    return [*enforce.measures(dataset), *samples]


def _count(entry: DatasetReport, dataset: Dataset, measured: Mapping[str, Any]) -> None:
    """Into the report; where a row fails that must not, nothing of the dataset was put anywhere."""
    entry.count(dataset, measured)
    for i, item in enumerate(dataset.expectations):
        if item.action == "fail" and measured[f"failed{i}"]:
            entry.rows = None
            raise ExpectationFailed(dataset.name, item.name, measured[f"sample{i}"], measured[f"failed{i}"])


def _failure(error: Exception) -> Optional[ExpectationFailed]:
    """What `enforce.kept` raised inside of Spark."""
    seen: Optional[BaseException] = error
    while seen is not None:
        start = str(seen).find('{"dataset": ')
        if start >= 0:
            try:
                found, _ = json.JSONDecoder().raw_decode(str(seen)[start:])
            except ValueError as broken:
                raise DLTFlowError(f"an expectation failed, in a message of Spark that is cut: {seen}") from broken
            record = json.dumps(found["record"], separators=(",", ":"), ensure_ascii=False)
            return ExpectationFailed(found["dataset"], found["expectation"], record)
        seen = seen.__cause__ or seen.__context__
    return None
