"""The tables and views of a plan, each made when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional

from ..errors import ConfigError, DefinitionError
from ..plan import CHANGES, SINK, SNAPSHOTS, STREAMING_TABLE, VIEW, Dataset, Flow, Plan


@dataclass(frozen=True)
class Node:
    """A dataset with the flows that fill it, or the quarantine of one."""

    name: str
    dataset: Dataset
    flows: tuple[Flow, ...] = ()
    quarantine: bool = False

    @property
    def applies(self) -> bool:
        """Whether changes are applied to it, or those between snapshots."""
        return any(flow.type in (CHANGES, SNAPSHOTS) for flow in self.flows)

    @property
    def appended(self) -> bool:
        """Whether rows are only added to it, so that it can be read as a stream."""
        streaming = self.dataset.streaming and (self.quarantine or self.dataset.type != VIEW)
        return streaming and not self.applies

    @property
    def view(self) -> bool:
        """Whether nothing of it is stored."""
        return self.dataset.type == VIEW and not self.quarantine

    @property
    def kind(self) -> str:
        """What reports call it."""
        return "quarantine" if self.quarantine else self.dataset.type

    @property
    def parts(self) -> list[str]:
        """The flows that are stored apart."""
        return [_part(flow) for flow in self.flows] or [self.name]


def _part(flow: Flow) -> str:
    return "snapshots" if flow.type == SNAPSHOTS else flow.name or flow.source or flow.target


def nodes(plan: Plan) -> list[Node]:
    """All that is made, in the order of the configuration; targets that are created elsewhere have a stand-in."""
    found: list[Node] = []
    for dataset in plan.datasets:
        flows = plan.flows_into(dataset)
        if len({flow.type for flow in flows}) > 1:
            kinds = " and ".join(sorted({flow.type for flow in flows}))
            raise ConfigError(flows[0].at, f"`{dataset.name}` is filled by {kinds}: keep one kind of flow")
        if len(flows) > 1 and flows[0].type == SNAPSHOTS:
            raise ConfigError(flows[1].at, f"`{dataset.name}` is made of one row of snapshots: keep one")
        found.append(Node(dataset.name, dataset, flows))
        if dataset.quarantine:
            found.append(Node(dataset.quarantine.name, dataset, quarantine=True))
    elsewhere = {flow.target.lower(): flow for flow in plan.flows if plan.dataset(flow.target) is None}
    for flow in elsewhere.values():
        dataset = Dataset(flow.at, flow.target, STREAMING_TABLE, True)
        found.append(Node(dataset.name, dataset, plan.flows_into(dataset)))
    return found


class Graph:
    """`make` is called once for each node, whatever asks for it first."""

    def __init__(self, plan: Plan, make: Callable[[Node], Any]) -> None:
        self.nodes = {node.name.lower(): node for node in nodes(plan)}
        self.make = make
        self.made: dict[str, Any] = {}
        self._making: list[Node] = []

    def find(self, name: str) -> Optional[Node]:
        """The node of that name, as engines compare names."""
        return self.nodes.get(name.replace("`", "").lower())

    def get(self, node: Node) -> Any:
        """What is made of `node`; an error while it is made is raised again for each that asks for it."""
        key = node.name.lower()
        if node in self._making:
            ring = [item.name for item in self._making[self._making.index(node) :]] + [node.name]
            shown = " reads ".join(f"`{name}`" for name in ring)
            raise DefinitionError(f"{node.dataset.at}: datasets read one another in a ring: {shown}")
        if key not in self.made:
            self._making.append(node)
            try:
                self.made[key] = self.make(node)
            except Exception as error:
                self.made[key] = error
            finally:
                self._making.pop()
        if isinstance(self.made[key], Exception):
            raise self.made[key]
        return self.made[key]


def refuse_stream(node: Node) -> None:
    """A table that is written anew cannot be read as a stream."""
    if not node.appended:
        hint = "read it without `readStream`" if node.applies else "set `is_streaming_table: true` there"
        raise DefinitionError(f"{node.dataset.at}: `{node.name}` is read as a stream and is none: {hint}")


def refuse_sink(node: Node) -> None:
    """What left the pipeline is not read in it."""
    if node.dataset.type == SINK:
        raise DefinitionError(f"{node.dataset.at}: `{node.name}` is a sink, which no dataset can read")
