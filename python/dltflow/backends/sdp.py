"""Open-source Spark (4.1 and newer): what its pipelines lack is built from views and tables, or refused.

Expectations: a view `…__dltflow_raw` has all rows, the dataset reads those that it keeps, and a companion table has
the counts (for a stream: the rows that fail). `DLTFLOW_COMPANIONS=off` omits the companions.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from typing import Any, Optional

from .. import expectations
from ..errors import ConfigError
from ..graph import (
    APPEND,
    MATERIALIZED_VIEW,
    SINK,
    SNAPSHOTS,
    STREAMING_TABLE,
    VIEW,
    Dataset,
    Flow,
    Graph,
    Options,
)
from .calls import Bind, Call, Function, named
from .options import refused, takes, warned

log = logging.getLogger("dltflow")

FILES = (None, "parquet", "orc", "json", "csv", "avro", "text", "xml")


class OpenSource:
    """Registers a graph in the pipeline that is being defined."""

    def __init__(self, module: Any, spark: Any) -> None:
        self.module, self.spark = module, spark
        self.companions = os.environ.get("DLTFLOW_COMPANIONS", "on") != "off"

    def read(self, dataset: str, stream: bool) -> Any:
        """The rows of a dataset or table."""
        return (self.spark.readStream if stream else self.spark.read).table(dataset)

    def calls(self, graph: Graph, bind: Bind) -> Iterator[Call]:
        """The calls of the engine for each dataset and flow."""
        for dataset in graph.datasets:
            if dataset.type == SINK:
                yield partial(self.module.create_sink, name=dataset.name, **dataset.options)
            elif dataset.query is None:
                create = self.module.create_streaming_table
                yield partial(create, name=dataset.name, **self._options(create, dataset))
            else:
                yield from self._filled(dataset, bind(dataset.name, dataset.query))
        appended: dict[str, list[Flow]] = {}
        for flow in graph.flows:
            if flow.type == APPEND:
                appended.setdefault(flow.target.lower(), []).append(flow)
            else:
                yield self._applied(flow, graph.dataset(flow.target))
        for flows in appended.values():
            yield from self._appended(flows, graph.dataset(flows[0].target), bind)

    def _filled(self, dataset: Dataset, query: Function) -> Iterator[Call]:
        """A dataset with a query of its own."""
        functions = {
            VIEW: self.module.temporary_view,
            STREAMING_TABLE: self.module.table,
            MATERIALIZED_VIEW: self.module.materialized_view,
        }
        declare = functions[dataset.type]
        options = self._options(declare, dataset)
        if dataset.expectations:
            query = yield from self._enforced(dataset, query)
        if dataset.type == MATERIALIZED_VIEW and dataset.expecting("fail"):
            log.warning("%s: when a row fails, open-source Spark leaves `%s` empty", dataset.at, dataset.name)
        yield _declared(declare, dataset.name, options, _ordered(query, dataset))

    def _enforced(self, dataset: Dataset, query: Function) -> Iterator[Call]:
        """Declares the view of all rows and the tables derived from it; returns the query of the rows that are kept."""
        name = expectations.raw(dataset.name)
        rows = partial(self.read, name, dataset.streaming)
        yield _declared(self.module.temporary_view, name, {}, query)
        stored = self.module.table if dataset.streaming else self.module.materialized_view
        if self.companions and dataset.streaming:
            conditions = dataset.expecting("allow", "drop", "fail", "quarantine")
            found = expectations.violations(dataset.name)
            yield _declared(stored, found, {}, lambda: expectations.violating(rows(), conditions))
        elif self.companions:
            yield _declared(
                stored, expectations.metrics(dataset.name), {}, lambda: expectations.counts(rows(), dataset)
            )
        if dataset.quarantine:
            at, kept = f"{dataset.at}.quarantine", dataset.quarantine
            options, failing = warned(stored, kept.options, at), dataset.expecting("quarantine")
            last = kept.options.get("partition_cols", [])
            yield _declared(
                stored,
                kept.name,
                options,
                lambda: expectations.with_last(expectations.violating(rows(), failing), last),
            )
        return lambda: expectations.kept(rows(), dataset)

    def _appended(self, flows: Sequence[Flow], target: Optional[Dataset], bind: Bind) -> Iterator[Call]:
        """One flow of all rows where several flows would lose some: files have a single log of what was written."""
        for flow in flows:
            if flow.options.get("once"):
                raise ConfigError(f"{flow.at}.once", "open-source Spark has no flows that run once")
        queries = [bind(flow.name, flow.query) for flow in flows]
        checked = target is not None and bool(target.expectations)
        if not checked and (len(flows) == 1 or _keeps_flows_apart(target)):
            for flow, query in zip(flows, queries):
                yield self._append(flow.name, flow.target, self._flow_options(flow), _ordered(query, target))
            return
        options = _merged([(flow, self._flow_options(flow)) for flow in flows])
        query = queries[0] if len(flows) == 1 else lambda: reduce(_union, [query() for query in queries])
        name = flows[0].name if len(flows) == 1 else flows[0].target
        if checked:
            query = yield from self._enforced(target, query)
        yield self._append(name, flows[0].target, options, _ordered(query, target))

    def _append(self, name: Any, target: str, options: Options, query: Function) -> Call:
        return lambda: self.module.append_flow(name=name, target=target, **options)(named(query, name))

    def _flow_options(self, flow: Flow) -> Options:
        options = {name: value for name, value in flow.options.items() if name != "once"}
        return warned(self.module.append_flow, options, flow.at)

    def _applied(self, flow: Flow, target: Optional[Dataset]) -> Call:
        """Changes; an option that this version lacks is refused, as without it the rows would differ."""
        if flow.type == SNAPSHOTS:
            raise ConfigError(flow.at, "open-source Spark does not compare snapshots: this runs on Databricks only")
        apply = getattr(self.module, "create_auto_cdc_flow", None)
        if apply is None:
            raise ConfigError(flow.at, "applying changes needs Spark 4.2 or newer")
        format_ = target.options.get("format") if target else None
        if target and format_ in FILES:
            hint = "set `write_opts.format` to one that has it, as `delta`"
            raise ConfigError(flow.at, f"applying changes needs MERGE, and `{format_ or 'parquet'}` has none: {hint}")
        if flow.options["stored_as_scd_type"] == 2 and not takes(apply, "track_history_column_list"):
            raise ConfigError(f"{flow.at}.stored_as_scd_type", "keeping history needs Spark 4.3 or newer")
        options = {name: value for name, value in flow.options.items() if not (name == "once" and not value)}
        named = {"name": flow.name} if flow.name else {}
        return partial(apply, target=flow.target, source=flow.source, **refused(apply, {**options, **named}, flow.at))

    def _options(self, function: Any, dataset: Dataset) -> Options:
        return warned(function, dataset.options, f"{dataset.at}.write_opts")


def _declared(declare: Any, name: str, options: Options, query: Function) -> Call:
    return lambda: declare(name=name, **options)(named(query, name))


def _ordered(query: Function, target: Optional[Dataset]) -> Function:
    """The query with partition columns last, as files have them; a declared schema sets their place itself."""
    columns = target.options.get("partition_cols", []) if target else []
    if not columns or "schema" in target.options:
        return query
    return lambda: expectations.with_last(query(), columns)


def _keeps_flows_apart(target: Optional[Dataset]) -> bool:
    """Whether several flows can write to it: sinks and formats with transactions."""
    return target is not None and (target.type == SINK or target.options.get("format") not in FILES)


def _union(one: Any, other: Any) -> Any:
    return one.unionByName(other)


def _merged(flows: Sequence[tuple[Flow, Options]]) -> Options:
    """The options of flows that become one; an option that differs between them is refused."""
    merged: Options = {}
    for flow, options in flows:
        for key, value in options.get("spark_conf", {}).items():
            if merged.setdefault(key, value) != value:
                place = f"{flow.at}.spark_conf.{key}"
                raise ConfigError(place, f"flows into `{flow.target}` become one on open-source Spark: keep one value")
    return {"spark_conf": merged} if merged else {}
