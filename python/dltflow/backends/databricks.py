"""Databricks: `dlt` and its successor `pyspark.pipelines` differ in names; expectations are the engine's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import expectations
from ..errors import ConfigError, DLTFlowError
from ..graph import (
    APPEND,
    CHANGES,
    MATERIALIZED_VIEW,
    SINK,
    STREAMING_TABLE,
    VIEW,
    Dataset,
    Flow,
    Graph,
    Options,
)
from .calls import Bind, Call, named
from .options import refused

EXPECT = {"allow": "expect_all", "drop": "expect_all_or_drop", "fail": "expect_all_or_fail"}


@dataclass(frozen=True)
class Dialect:
    """The names of a module's functions and parameters."""

    module: str
    batch: str
    streaming: str
    view: str
    changes: str
    snapshots: str
    flow_name: str
    private: str


DLT = Dialect("dlt", "table", "table", "view", "apply_changes", "apply_changes_from_snapshot", "flow_name", "temporary")
DP = Dialect(
    "pyspark.pipelines",
    "materialized_view",
    "table",
    "temporary_view",
    "create_auto_cdc_flow",
    "create_auto_cdc_from_snapshot_flow",
    "name",
    "private",
)


class Databricks:
    """Registers a graph with `module`, whose functions have the names of `dialect`."""

    def __init__(self, module: Any, dialect: Dialect, spark: Any) -> None:
        self.module, self.dialect, self.spark = module, dialect, spark
        self.own: frozenset[str] = frozenset()

    def read(self, dataset: str, stream: bool) -> Any:
        """In older pipelines only the functions of `dlt` know the pipeline's own datasets."""
        if self.dialect is DLT and dataset in self.own:
            return (self.module.read_stream if stream else self.module.read)(dataset)
        return (self.spark.readStream if stream else self.spark.read).table(dataset)

    def calls(self, graph: Graph, bind: Bind) -> Iterator[Call]:
        """A call of the engine for each dataset and flow."""
        unqualified = (dataset for dataset in graph.datasets if "." not in dataset.name)
        self.own = frozenset(name for dataset in unqualified for name in (dataset.name, expectations.raw(dataset.name)))
        for dataset in graph.datasets:
            yield from self._dataset(dataset, bind)
        for flow in graph.flows:
            yield self._flow(flow, bind)

    def _dataset(self, dataset: Dataset, bind: Bind) -> Iterator[Call]:
        if dataset.type == SINK:
            yield partial(self._function("create_sink", dataset.at), name=dataset.name, **dataset.options)
        elif dataset.query is None:
            create = self._function("create_streaming_table", dataset.at)
            yield partial(create, name=dataset.name, **self._options(create, dataset), **_expectations(dataset))
        elif dataset.quarantine is None:
            yield self._declared(dataset, bind(dataset.name, dataset.query))
        else:
            yield from self._quarantined(dataset, bind)

    def _quarantined(self, dataset: Dataset, bind: Bind) -> Iterator[Call]:
        """Both tables read one view of all rows: the quarantine has what the other drops."""
        name, quarantine = expectations.raw(dataset.name), dataset.quarantine
        rows = partial(self.read, name, dataset.streaming)
        made = STREAMING_TABLE if dataset.streaming else MATERIALIZED_VIEW
        kept = Dataset(f"{dataset.at}.quarantine", quarantine.name, made, dataset.streaming, options=quarantine.options)
        failing = dataset.expecting("quarantine")
        yield self._declared(Dataset(dataset.at, name, VIEW, dataset.streaming), bind(dataset.name, dataset.query))
        yield self._declared(dataset, named(rows, dataset.name))
        yield self._declared(kept, named(lambda: expectations.violating(rows(), failing), kept.name))

    def _declared(self, dataset: Dataset, query: Any) -> Call:
        dialect = self.dialect
        by_type = {VIEW: dialect.view, STREAMING_TABLE: dialect.streaming, MATERIALIZED_VIEW: dialect.batch}
        declare = self._function(by_type[dataset.type], dataset.at)
        options = self._options(declare, dataset)

        def call() -> None:
            decorated = query
            for kind, conditions in _expectations(dataset).items():  # below the decorator of the dataset
                decorated = getattr(self.module, kind)(conditions)(decorated)
            declare(name=dataset.name, **options)(decorated)

        return call

    def _flow(self, flow: Flow, bind: Bind) -> Call:
        if flow.type == APPEND:
            append = self._function("append_flow", flow.at)
            options = refused(append, flow.options, flow.at)
            query = bind(flow.name, flow.query)
            return lambda: append(name=flow.name, target=flow.target, **options)(query)
        changes = flow.type == CHANGES
        apply = self._function(self.dialect.changes if changes else self.dialect.snapshots, flow.at)
        source = bind(flow.target, flow.query) if flow.query else flow.source
        named = {self.dialect.flow_name: flow.name} if flow.name else {}
        options = refused(apply, {**flow.options, **named}, flow.at)
        return partial(apply, target=flow.target, source=source, **options)

    def _function(self, name: str, at: str) -> Any:
        if not hasattr(self.module, name):
            raise DLTFlowError(f"{at}: `{self.dialect.module}` of this runtime has no `{name}`")
        return getattr(self.module, name)

    def _options(self, function: Any, dataset: Dataset) -> Options:
        at = dataset.at if dataset.at.endswith(".quarantine") else f"{dataset.at}.write_opts"
        options = dict(dataset.options)
        kept = options.pop("format", "delta")
        if kept != "delta":
            raise ConfigError(f"{at}.format", f"tables on Databricks are `delta`, not `{kept}`")
        if "private" in options:
            options = {self.dialect.private if name == "private" else name: value for name, value in options.items()}
        return refused(function, options, at)


def _expectations(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Conditions by the engine's name of the action; rows that are quarantined are dropped from this dataset."""
    found: dict[str, dict[str, str]] = {}
    for item in dataset.expectations:
        action = "drop" if item.action == "quarantine" else item.action
        found.setdefault(EXPECT[action], {})[item.name] = item.constraint
    return found
