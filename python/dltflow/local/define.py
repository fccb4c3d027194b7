"""Calls each method once before anything is written: what reads what, which columns there are, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

from .. import enforce
from ..errors import ConfigError, DefinitionError
from ..plan import CHANGES, SNAPSHOTS, Dataset, Flow, Plan, Query
from . import changes, snapshots
from .graph import Graph, Node, refuse_sink, refuse_stream
from .session import Lookup
from .warehouse import Warehouse

Bind = Callable[[str, Query], Callable[..., Any]]


@dataclass(frozen=True)
class Defined:
    """The rows that a dataset is made of, and those that stay in it; columns include those of earlier runs alone."""

    raw: Any
    frame: Any
    schema: Any = None


class Definitions:
    """What the methods of a plan give, without a row of it."""

    def __init__(self, plan: Plan, bind: Bind, warehouse: Warehouse) -> None:
        self.plan, self.bind, self.warehouse = plan, bind, warehouse
        self.graph = Graph(plan, self._define)
        connect = type(warehouse.spark).__module__.startswith("pyspark.sql.connect")
        if connect and warehouse.spark.version.startswith("3."):
            for dataset in plan.datasets:
                if dataset.streaming:
                    problem = f"`{dataset.name}` is a stream, and none was ever tried through Connect of Spark 3"
                    raise ConfigError(dataset.at, f"{problem}: take a classic session, or Spark 4")

    def all(self) -> list[Node]:
        """The nodes in an order in which each can be made."""
        for node in self.graph.nodes.values():
            self.graph.get(node)
        return [self.graph.nodes[name] for name in self.graph.made]

    def lookup(self, name: str, stream: bool) -> Optional[Any]:
        """The rows of a dataset as they are described; `None` for other names."""
        node = self.graph.find(name)
        if node is None:
            return None
        refuse_sink(node)
        defined: Defined = self.graph.get(node)
        if stream and not (node.view and defined.frame.isStreaming):
            refuse_stream(node)
        if node.appended:
            return self.warehouse.rows(node.name, defined.schema, stream)
        return defined.frame

    def schema(self, node: Node) -> Any:
        """The columns of what is stored."""
        return self.graph.made[node.name.lower()].schema

    def source(self, flow: Flow, lookup: Lookup) -> Any:
        """The rows that `flow` applies: of a dataset that `lookup` knows, or of a table."""
        stream = flow.type == CHANGES and not flow.options.get("once")
        found = lookup(flow.source, stream)
        if found is None:
            spark = self.warehouse.spark
            return (spark.readStream if stream else spark.read).table(flow.source)
        if found.isStreaming and not stream:
            raise DefinitionError(f"{flow.at}: `{flow.source}` is a stream, and rows that are none are taken here")
        return found

    def empty(self, columns: Any = None) -> Any:
        """No row of `columns`."""
        from pyspark.sql.types import StructType

        return self.warehouse.spark.createDataFrame([], columns or StructType([]))

    def _define(self, node: Node) -> Defined:
        """With its columns, as Spark Connect would look for the tables of a query again when it is asked later."""
        defined = self._described(node)
        schema = defined.frame.schema
        if node.appended:
            what = f"{node.dataset.at}: dataset `{node.name}`"
            schema = self.warehouse.columns(self.warehouse.added(node.name), schema, what)
        return Defined(defined.raw, defined.frame, schema)

    def _described(self, node: Node) -> Defined:
        dataset = node.dataset
        if node.quarantine:
            raw = self.graph.get(self.graph.nodes[dataset.name.lower()]).raw
            return Defined(raw, enforce.violating(raw, dataset.expecting("quarantine")))
        if dataset.query:
            raw = self.bind(dataset.name, dataset.query)()
            _check_streaming(dataset, dataset.query, raw)
        elif node.applies:
            raw = self._snapshots(node) if node.flows[0].type == SNAPSHOTS else self._changes(node)
        else:
            raw = self._appended(node)
        _check_expectations(dataset, raw)
        return Defined(raw, enforce.staying(raw, dataset))

    def _appended(self, node: Node) -> Any:
        if not node.flows:
            raise ConfigError(node.dataset.at, f"no flow fills `{node.name}`")
        frames = []
        for flow in node.flows:
            frame = self.bind(flow.name or node.name, flow.query)()
            once = flow.options.get("once", False)
            if once == frame.isStreaming:
                what = "gives a stream, and `once` takes rows that are none" if once else "gives no stream"
                raise DefinitionError(f"{flow.at}: method `{flow.query.func_name}` {what}")
            frames.append(frame)
        union = self.empty(frames[0].schema)
        for flow, frame in zip(node.flows[1:], frames[1:]):
            try:
                union = union.unionByName(self.empty(frame.schema))
                union.schema  # noqa: B018  Spark Connect compares columns when it is asked for them
            except Exception as error:
                problem = f"other columns than `{node.flows[0].name}`: {_first(error)}"
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
            problem = f"method `{flow.query.func_name}` has no snapshot, so there is no column of `{node.name}` yet"
            raise DefinitionError(f"{flow.at}: {problem}")
        columns = self.warehouse.columns(path, self.empty().schema if frame is None else frame.schema, flow.at)
        return changes.applied(self.empty(snapshots.schema(columns, version)), flow)


def _check_same(first: Flow, flow: Flow) -> None:
    """Several flows have one set of keys and one history."""
    for option in sorted(first.options.keys() | flow.options.keys()):
        own = option in ("where", "apply_as_deletes", "apply_as_truncates", "sequence_by", "once")
        if not own and first.options.get(option) != flow.options.get(option):
            raise ConfigError(f"{flow.at}.{option}", f"differs from that of the first flow into `{flow.target}`")


def _check_streaming(dataset: Dataset, query: Query, frame: Any) -> None:
    if dataset.streaming == frame.isStreaming:
        return
    if dataset.streaming:
        problem = f"is set, but `{query.func_name}` gives no stream: read by `spark.readStream`, or leave it out"
    else:
        problem = f"is not set, but `{query.func_name}` gives a stream: set it, or read by `spark.read`"
    raise DefinitionError(f"{query.at}.is_streaming_table: {problem}")


def _check_expectations(dataset: Dataset, frame: Any) -> None:
    """Whether each is a condition on the columns that there are."""
    for item in dataset.expectations:
        try:
            frame.filter(enforce.ok(item.constraint)).schema  # noqa: B018  asked, Spark Connect looks at the condition
        except Exception as error:
            where = f"{dataset.at}: dataset `{dataset.name}`, expectation `{item.name}`"
            problem = f"`{item.constraint}` is no condition here: {_first(error)}"
            raise DefinitionError(f"{where}: {problem}") from error


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(";.")
