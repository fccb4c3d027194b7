"""Calls each method once before anything is written, to find what reads what, all columns, and what is invalid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ... import expectations
from ...backends.calls import Bind
from ...errors import ConfigError, DefinitionError, DLTFlowError, LocalInputError
from ...graph import CHANGES, SNAPSHOTS, Dataset, Flow, Graph, Query
from ..input import LocalInput, not_found
from ..nodes import Builder, Node, refuse_sink, refuse_stream, streaming_mismatch
from . import changes, snapshots
from .session import Lookup
from .warehouse import Warehouse


@dataclass(frozen=True)
class Defined:
    """All rows of a dataset, and those that stay in it; `schema` also has columns that only earlier runs had."""

    raw: Any
    frame: Any
    schema: Any = None


class Definitions:
    """The frames that the methods of a graph return, of which no row is read."""

    def __init__(self, graph: Graph, bind: Bind, warehouse: Warehouse, local_input: LocalInput) -> None:
        self.graph, self.bind, self.warehouse, self.local_input = graph, bind, warehouse, local_input
        self.builder = Builder(graph, self._define)
        connect = type(warehouse.spark).__module__.startswith("pyspark.sql.connect")
        if connect and warehouse.spark.version.startswith("3."):
            for dataset in graph.datasets:
                if dataset.streaming:
                    problem = f"`{dataset.name}` is a stream, which is not supported through Connect of Spark 3"
                    raise ConfigError(dataset.at, f"{problem}: use a classic session, or Spark 4")

    def all(self) -> list[Node]:
        """The nodes in an order in which they can be made."""
        for node in self.builder.nodes.values():
            self.builder.get(node)
        return [self.builder.nodes[name] for name in self.builder.built]

    def lookup(self, name: str, stream: bool) -> Optional[Any]:
        """The rows of a dataset as it is defined, or of local input; `None` for other names."""
        node = self.builder.find(name)
        if node is None:
            return self.local_input.read(self.warehouse.spark, name, stream)
        refuse_sink(node)
        defined: Defined = self.builder.get(node)
        if stream and not (node.view and defined.frame.isStreaming):
            refuse_stream(node)
        if node.appended:
            return self.warehouse.rows(node.name, defined.schema, stream)
        return defined.frame

    def schema(self, node: Node) -> Any:
        """The columns of a stored node."""
        return self.builder.built[node.name.lower()].schema

    def source(self, flow: Flow, lookup: Lookup) -> Any:
        """The rows that `flow` applies: those of a dataset that `lookup` finds, else those of a table."""
        stream = flow.type == CHANGES and not flow.options.get("once")
        found = lookup(flow.source, stream)
        if found is None:
            spark = self.warehouse.spark
            return (spark.readStream if stream else spark.read).table(flow.source)
        if found.isStreaming and not stream:
            raise DefinitionError(f"{flow.at}: `{flow.source}` is a stream, but this flow takes rows that are not one")
        return found

    def empty(self, columns: Any = None) -> Any:
        """No rows, with `columns`."""
        from pyspark.sql.types import StructType

        return self.warehouse.spark.createDataFrame([], columns or StructType([]))

    def _define(self, node: Node) -> Defined:
        """Asks for the columns at once, as Spark Connect would later look for the tables of a query again."""
        try:
            defined = self._described(node)
            schema = defined.frame.schema
        except DLTFlowError:
            raise
        except Exception as error:  # its class differs between versions of Spark
            name = not_found(error)
            if not name:
                raise
            raise LocalInputError(f"{_where(node)}: {self.local_input.missing(name)}") from error
        if node.appended:
            what = f"{node.dataset.at}: dataset `{node.name}`"
            schema = self.warehouse.columns(self.warehouse.published(node.name), schema, what)
        return Defined(defined.raw, defined.frame, schema)

    def _described(self, node: Node) -> Defined:
        dataset = node.dataset
        if node.quarantine:
            raw = self.builder.get(self.builder.nodes[dataset.name.lower()]).raw
            return Defined(raw, expectations.violating(raw, dataset.expecting("quarantine")))
        if dataset.query:
            raw = self.bind(dataset.name, dataset.query)()
            _check_streaming(dataset, dataset.query, raw)
        elif node.applies:
            raw = self._snapshots(node) if node.flows[0].type == SNAPSHOTS else self._changes(node)
        else:
            raw = self._appended(node)
        _check_expectations(dataset, raw)
        return Defined(raw, expectations.staying(raw, dataset))

    def _appended(self, node: Node) -> Any:
        if not node.flows:
            raise ConfigError(node.dataset.at, f"no flow writes to `{node.name}`")
        frames = []
        for flow in node.flows:
            frame = self.bind(flow.name or node.name, flow.query)()
            once = flow.options.get("once", False)
            if once == frame.isStreaming:
                what = "returns a stream, but `once` takes other rows" if once else "does not return a stream"
                raise DefinitionError(f"{flow.at}: method `{flow.query.func_name}` {what}")
            frames.append(frame)
        union = self.empty(frames[0].schema)
        for flow, frame in zip(node.flows[1:], frames[1:]):
            try:
                union = union.unionByName(self.empty(frame.schema))
                union.schema  # noqa: B018  makes Spark Connect compare the columns
            except Exception as error:
                problem = f"the columns differ from those of `{node.flows[0].name}`: {_first(error)}"
                raise DefinitionError(f"{flow.at}: {problem}") from error
        return union

    def _changes(self, node: Node) -> Any:
        prepared = []
        for flow, part in zip(node.flows, node.parts):
            changes.check(flow)
            _check_same(node.flows[0], flow)
            frame = changes.sequenced(self.source(flow, self.lookup), flow)
            columns = self.warehouse.columns(self.warehouse.flow(node.name, part), frame.schema, flow.at)
            prepared.append(changes.prepared(self.empty(columns), flow))
        return changes.applied(changes.union(prepared), node.flows[0])

    def _snapshots(self, node: Node) -> Any:
        flow = node.flows[0]
        path = self.warehouse.flow(node.name, node.parts[0])
        last = snapshots.Compared(path).last()
        frame, version = None, last
        if flow.query is None:
            frame, version = self.source(flow, self.lookup), snapshots.now(last)
        else:
            found = self.bind(node.name, flow.query)(last)
            if found is not None:
                frame, version = found[0], snapshots.checked(found[1], last, flow.at)
        if version is None:
            problem = (
                f"method `{flow.query.func_name}` returns no snapshot, so the columns of `{node.name}` are unknown"
            )
            raise DefinitionError(f"{flow.at}: {problem}")
        columns = self.warehouse.columns(path, self.empty().schema if frame is None else frame.schema, flow.at)
        return changes.applied(self.empty(snapshots.schema(columns, version)), flow)


def _where(node: Node) -> str:
    queries = [item.query for item in (node.dataset, *node.flows) if item.query]
    method = f", method `{queries[0].func_name}`" if queries else ""
    return f"{(queries or [node.dataset])[0].at}: dataset `{node.name}`{method}"


def _check_same(first: Flow, flow: Flow) -> None:
    """Refuses flows into one target with different keys or history."""
    for option in sorted(first.options.keys() | flow.options.keys()):
        own = option in ("where", "apply_as_deletes", "apply_as_truncates", "sequence_by", "once")
        if not own and first.options.get(option) != flow.options.get(option):
            raise ConfigError(f"{flow.at}.{option}", f"differs from that of the first flow into `{flow.target}`")


def _check_streaming(dataset: Dataset, query: Query, frame: Any) -> None:
    if dataset.streaming != frame.isStreaming:
        raise streaming_mismatch(query, frame.isStreaming)


def _check_expectations(dataset: Dataset, frame: Any) -> None:
    """Refuses expectations that are not conditions on the columns of `frame`."""
    for item in dataset.expectations:
        try:
            frame.filter(expectations.ok(item.constraint)).schema  # noqa: B018  makes Spark Connect analyse it
        except Exception as error:
            where = f"{dataset.at}: dataset `{dataset.name}`, expectation `{item.name}`"
            problem = f"`{item.constraint}` is not a valid condition: {_first(error)}"
            raise DefinitionError(f"{where}: {problem}") from error


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(";.")
