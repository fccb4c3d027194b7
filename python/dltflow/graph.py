"""The dataflow graph that a configuration describes: datasets and the flows between them, in terms of no engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Optional

Options = dict[str, Any]

MATERIALIZED_VIEW = "materialized_view"
STREAMING_TABLE = "streaming_table"
VIEW = "view"
SINK = "sink"

APPEND = "append"
CHANGES = "changes"
SNAPSHOTS = "snapshots"


def one_word(name: str) -> str:
    """`name` as the name of a view, which has no schema."""
    return re.sub(r"[^0-9A-Za-z_]", "_", name.replace("`", ""))


def has_schema(name: str) -> bool:
    """Whether `name` has more than one part."""
    return "." in re.sub(r"`[^`]*`", "", name)


@dataclass(frozen=True)
class Expectation:
    """A condition that each row should meet, and what happens to one that does not."""

    name: str
    constraint: str
    action: str


@dataclass(frozen=True)
class Input:
    """A dataset or table that a parameter of a method receives."""

    dataset: str
    stream: bool = False


@dataclass(frozen=True)
class Query:
    """A method and the inputs of its parameters; a `versioned` one is called with the last version.

    `at` is the place in the configuration that names it.
    """

    at: str
    func_name: str
    inputs: dict[str, Input] = field(default_factory=dict)
    versioned: bool = False


@dataclass(frozen=True)
class Quarantine:
    """The table of the rows that fail an expectation with the action `quarantine`."""

    name: str
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """A table, view or sink; without a `query` it is filled by flows. `at` is its place in the configuration."""

    at: str
    name: str
    type: str
    streaming: bool = False
    query: Optional[Query] = None
    expectations: tuple[Expectation, ...] = ()
    options: Options = field(default_factory=dict)
    quarantine: Optional[Quarantine] = None

    def expecting(self, *actions: str) -> dict[str, str]:
        """The expectations with one of `actions`: their conditions by name."""
        return {item.name: item.constraint for item in self.expectations if item.action in actions}


@dataclass(frozen=True)
class Flow:
    """How rows get into `target`: those of the `query` are appended, or those of `source` are applied to it."""

    at: str
    type: str
    target: str
    name: Optional[str] = None
    source: Optional[str] = None
    query: Optional[Query] = None
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A dataflow graph: all datasets and flows in the order of the configuration; `warnings` are for its author."""

    datasets: tuple[Dataset, ...]
    flows: tuple[Flow, ...] = ()
    warnings: tuple[str, ...] = ()

    def dataset(self, name: str) -> Optional[Dataset]:
        """The dataset of that name; names are compared as engines do, without regard to case."""
        return next((item for item in self.datasets if item.name.lower() == name.lower()), None)

    def flows_into(self, dataset: Dataset) -> tuple[Flow, ...]:
        """The flows that fill `dataset`."""
        return tuple(flow for flow in self.flows if flow.target.lower() == dataset.name.lower())

    def queries(self) -> list[tuple[str, Query]]:
        """Each query with the name of what it fills."""
        filled = [(item.name, item.query) for item in self.datasets]
        flowing = [(item.name or item.target, item.query) for item in self.flows]
        return [(name, query) for name, query in filled + flowing if query]

    def to_json(self) -> dict[str, Any]:
        """The graph as JSON holds it: the same for configurations that mean the same."""
        datasets = sorted(self.datasets, key=lambda item: item.name)
        flows = sorted(self.flows, key=lambda item: (item.target, item.name or ""))
        return {"datasets": _shown(datasets), "flows": _shown(flows), "warnings": list(self.warnings)}


def _shown(item: Any) -> Any:
    """Without places, and without what is not set."""
    if isinstance(item, (tuple, list)):
        return [_shown(inner) for inner in item]
    if isinstance(item, dict):
        return {key: _shown(inner) for key, inner in item.items()}
    if hasattr(item, "__dataclass_fields__"):
        fields = {name: _shown(getattr(item, name)) for name in item.__dataclass_fields__ if name != "at"}
        return {name: value for name, value in fields.items() if value not in (None, False, [], {})}
    return item
