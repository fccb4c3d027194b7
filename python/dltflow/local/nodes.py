"""The tables and views of a graph, each built when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional

from ..errors import ConfigError, DefinitionError
from ..graph import CHANGES, SINK, SNAPSHOTS, STREAMING_TABLE, VIEW, Dataset, Flow, Graph, Query


@dataclass(frozen=True)
class Node:
    """A dataset with the flows that fill it, or the quarantine of one."""

    name: str
    dataset: Dataset
    flows: tuple[Flow, ...] = ()
    quarantine: bool = False

    @property
    def applies(self) -> bool:
        """Whether changes, or the differences between snapshots, are applied to it."""
        return any(flow.type in (CHANGES, SNAPSHOTS) for flow in self.flows)

    @property
    def appended(self) -> bool:
        """Whether rows are only appended to it, so that it can be read as a stream."""
        streaming = self.dataset.streaming and (self.quarantine or self.dataset.type != VIEW)
        return streaming and not self.applies

    @property
    def view(self) -> bool:
        """Whether it is not stored."""
        return self.dataset.type == VIEW and not self.quarantine

    @property
    def kind(self) -> str:
        """Its kind in reports."""
        return "quarantine" if self.quarantine else self.dataset.type

    @property
    def parts(self) -> list[str]:
        """The names of its flows, which are stored separately."""
        return [_part(flow) for flow in self.flows] or [self.name]


def _part(flow: Flow) -> str:
    return "snapshots" if flow.type == SNAPSHOTS else flow.name or flow.source or flow.target


def nodes(graph: Graph) -> list[Node]:
    """All nodes of `graph` in the order of the configuration; targets that are created elsewhere have a stand-in."""
    found: list[Node] = []
    for dataset in graph.datasets:
        flows = graph.flows_into(dataset)
        if len({flow.type for flow in flows}) > 1:
            kinds = " and ".join(sorted({flow.type for flow in flows}))
            raise ConfigError(flows[0].at, f"`{dataset.name}` is filled by {kinds}: keep one kind of flow")
        if len(flows) > 1 and flows[0].type == SNAPSHOTS:
            raise ConfigError(flows[1].at, f"`{dataset.name}` takes the snapshots of one flow: keep one")
        found.append(Node(dataset.name, dataset, flows))
        if dataset.quarantine:
            found.append(Node(dataset.quarantine.name, dataset, quarantine=True))
    elsewhere = {flow.target.lower(): flow for flow in graph.flows if graph.dataset(flow.target) is None}
    for flow in elsewhere.values():
        dataset = Dataset(flow.at, flow.target, STREAMING_TABLE, True)
        found.append(Node(dataset.name, dataset, graph.flows_into(dataset)))
    return found


class Builder:
    """Builds each node once, with `build`, when it is first needed."""

    def __init__(self, graph: Graph, build: Callable[[Node], Any]) -> None:
        self.nodes = {node.name.lower(): node for node in nodes(graph)}
        self.build = build
        self.built: dict[str, Any] = {}
        self._building: list[Node] = []

    def find(self, name: str) -> Optional[Node]:
        """The node of that name, regardless of case."""
        return self.nodes.get(name.replace("`", "").lower())

    def get(self, node: Node) -> Any:
        """What was built of `node`; an error from building it is raised again each time."""
        key = node.name.lower()
        if node in self._building:
            cycle = [item.name for item in self._building[self._building.index(node) :]] + [node.name]
            shown = " reads ".join(f"`{name}`" for name in cycle)
            raise DefinitionError(f"{node.dataset.at}: datasets form a cycle: {shown}")
        if key not in self.built:
            self._building.append(node)
            try:
                self.built[key] = self.build(node)
            except Exception as error:
                self.built[key] = error
            finally:
                self._building.pop()
        if isinstance(self.built[key], Exception):
            raise self.built[key]
        return self.built[key]


def refuse_stream(node: Node) -> None:
    """Refuses to read a table as a stream that is rewritten by each run."""
    if not node.appended:
        hint = "read it without `readStream`" if node.applies else "set `is_streaming_table: true` there"
        raise DefinitionError(f"{node.dataset.at}: `{node.name}` is read as a stream but is not one: {hint}")


def refuse_sink(node: Node) -> None:
    """Refuses to read a sink, whose rows have left the pipeline."""
    if node.dataset.type == SINK:
        raise DefinitionError(f"{node.dataset.at}: `{node.name}` is a sink, which datasets cannot read")


def streaming_mismatch(query: Query, streaming: bool) -> DefinitionError:
    """The error for a method that returns a stream (`streaming`) or does not, unlike its entry says."""
    if streaming:
        problem = f"is not set, but `{query.func_name}` returns a stream: set it, or use `spark.read`"
    else:
        problem = f"is set, but `{query.func_name}` does not return a stream: use `spark.readStream`, or leave it out"
    return DefinitionError(f"{query.at}.is_streaming_table: {problem}")
