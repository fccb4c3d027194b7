"""Databricks: `dlt` and its successor `pyspark.pipelines` differ in words; expectations are the engine's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import enforce, plan as plans
from ..errors import ConfigError, DLTFlowError
from ..plan import Dataset, Flow, Options, Plan
from .calls import Bind, Call, named
from .options import refused

EXPECT = {"allow": "expect_all", "drop": "expect_all_or_drop", "fail": "expect_all_or_fail"}


@dataclass(frozen=True)
class Words:
    """What a module calls things."""

    module: str
    batch: str
    streaming: str
    view: str
    changes: str
    snapshots: str
    flow_name: str
    private: str


DLT = Words("dlt", "table", "table", "view", "apply_changes", "apply_changes_from_snapshot", "flow_name", "temporary")
DP = Words(
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
    """Registers a plan with `module`, whose functions have the names of `words`."""

    def __init__(self, module: Any, words: Words, spark: Any) -> None:
        self.module, self.words, self.spark = module, words, spark
        self.own: frozenset[str] = frozenset()

    def read(self, dataset: str, stream: bool) -> Any:
        """Older pipelines know their own datasets by the functions of `dlt` alone."""
        if self.words is DLT and dataset in self.own:
            return (self.module.read_stream if stream else self.module.read)(dataset)
        return (self.spark.readStream if stream else self.spark.read).table(dataset)

    def calls(self, plan: Plan, bind: Bind) -> Iterator[Call]:
        """One call of the engine each."""
        unqualified = (dataset for dataset in plan.datasets if "." not in dataset.name)
        self.own = frozenset(name for dataset in unqualified for name in (dataset.name, enforce.raw(dataset.name)))
        for dataset in plan.datasets:
            yield from self._dataset(dataset, bind)
        for flow in plan.flows:
            yield self._flow(flow, bind)

    def _dataset(self, dataset: Dataset, bind: Bind) -> Iterator[Call]:
        if dataset.type == plans.SINK:
            yield partial(self._function("create_sink", dataset.at), name=dataset.name, **dataset.options)
        elif dataset.query is None:
            create = self._function("create_streaming_table", dataset.at)
            yield partial(create, name=dataset.name, **self._options(create, dataset), **_expectations(dataset))
        elif dataset.quarantine is None:
            yield self._declared(dataset, bind(dataset.name, dataset.query))
        else:
            yield from self._quarantined(dataset, bind)

    def _quarantined(self, dataset: Dataset, bind: Bind) -> Iterator[Call]:
        """Both tables read one view of all rows: what is dropped from the one is what the other has."""
        name, quarantine = enforce.raw(dataset.name), dataset.quarantine
        rows = partial(self.read, name, dataset.streaming)
        made = plans.STREAMING_TABLE if dataset.streaming else plans.MATERIALIZED_VIEW
        kept = Dataset(f"{dataset.at}.quarantine", quarantine.name, made, dataset.streaming, options=quarantine.options)
        failing = dataset.expecting("quarantine")
        yield self._declared(
            Dataset(dataset.at, name, plans.VIEW, dataset.streaming), bind(dataset.name, dataset.query)
        )
        yield self._declared(dataset, named(rows, dataset.name))
        yield self._declared(kept, named(lambda: enforce.violating(rows(), failing), kept.name))

    def _declared(self, dataset: Dataset, query: Any) -> Call:
        words = self.words
        by_type = {plans.VIEW: words.view, plans.STREAMING_TABLE: words.streaming, plans.MATERIALIZED_VIEW: words.batch}
        declare = self._function(by_type[dataset.type], dataset.at)
        options = self._options(declare, dataset)

        def call() -> None:
            decorated = query
            for kind, held in _expectations(dataset).items():  # they stand under the decorator of the dataset
                decorated = getattr(self.module, kind)(held)(decorated)
            declare(name=dataset.name, **options)(decorated)

        return call

    def _flow(self, flow: Flow, bind: Bind) -> Call:
        if flow.type == plans.APPEND:
            append = self._function("append_flow", flow.at)
            options = refused(append, flow.options, flow.at)
            query = bind(flow.name, flow.query)
            return lambda: append(name=flow.name, target=flow.target, **options)(query)
        changes = flow.type == plans.CHANGES
        apply = self._function(self.words.changes if changes else self.words.snapshots, flow.at)
        source = bind(flow.target, flow.query) if flow.query else flow.source
        named = {self.words.flow_name: flow.name} if flow.name else {}
        options = refused(apply, {**flow.options, **named}, flow.at)
        return partial(apply, target=flow.target, source=source, **options)

    def _function(self, name: str, at: str) -> Any:
        if not hasattr(self.module, name):
            raise DLTFlowError(f"{at}: `{self.words.module}` of this runtime has no `{name}`")
        return getattr(self.module, name)

    def _options(self, function: Any, dataset: Dataset) -> Options:
        at = dataset.at if dataset.at.endswith(".quarantine") else f"{dataset.at}.write_opts"
        options = dict(dataset.options)
        kept = options.pop("format", "delta")
        if kept != "delta":
            raise ConfigError(f"{at}.format", f"tables on Databricks are `delta`, not `{kept}`")
        if "private" in options:
            options = {self.words.private if name == "private" else name: value for name, value in options.items()}
        return refused(function, options, at)


def _expectations(dataset: Dataset) -> dict[str, dict[str, str]]:
    """By the engine's word for the action; rows that are quarantined are dropped from here."""
    found: dict[str, dict[str, str]] = {}
    for item in dataset.expectations:
        action = "drop" if item.action == "quarantine" else item.action
        found.setdefault(EXPECT[action], {})[item.name] = item.constraint
    return found
