"""Runs pipelines as Spark's own (4.1 and newer), and counts what came of it from the tables that they left."""

from __future__ import annotations

import contextlib
import os
import runpy
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Optional, Union

from .. import enforce
from ..driver import Content, Pipeline, Target, collecting, launch
from ..errors import ConfigError
from ..plan import APPEND, SINK, Plan
from .catalog import Catalog
from .counts import Counts
from .events import Events, no_condition
from .graph import Node, nodes
from .launched import merged
from .report import Report
from .server import Server

Folder = Union[str, os.PathLike, None]
CONF = {"spark.sql.pipelines.maxFlowRetryAttempts": "0"}  # what fails here fails again


def run_local(
    target: Target,
    config: Optional[Content] = None,
    server: Optional[Server] = None,
    *,
    parameters: tuple[str, ...] = (),
    folder: Folder = None,
    method: Optional[str] = None,
) -> Report:
    """As `dltflow.run_local`, on Spark's own pipelines; with a `server` of many runs one takes a few seconds.

    Raises `ExpectationFailed` as that does. There, a table that is written anew is left empty by it.
    """
    return _run(server, folder, lambda session: launch(target, None, config, parameters=parameters, method=method))


def run_driver(path: Union[str, os.PathLike], server: Optional[Server] = None, *, folder: Folder = None) -> Report:
    """As `run_local`, of all that the Python file at `path` launches."""
    return _run(server, folder, lambda session: runpy.run_path(os.fspath(path), {"spark": session}, "driver"))


def _run(server: Optional[Server], folder: Folder, execute: Callable[[Any], Any]) -> Report:
    report = Report(os.fspath(folder or tempfile.mkdtemp(prefix="dltflow-")), engine="sdp")
    if server is None:
        server = Server(report.folder)
        with contextlib.ExitStack() as stack:  # it is needed to read the tables of a report
            stack.callback(server.stop)
            found = _run(server, report.folder, execute)
            stack.pop_all()
        return found
    session = server.session()
    catalog = Catalog(session, report.folder)
    graph = Graph(session, catalog)
    launched = graph.define(execute)
    if launched:
        _ran(graph, merged(launched), launched, report)
    return report


def _ran(graph: Graph, plan: Plan, launched: list[Pipeline], report: Report) -> None:
    found, catalog = nodes(plan), graph.catalog
    _refuse_flows_apart(plan)
    companions = [name for node in found for name in _companions(node)]
    catalog.prepare(found, companions)
    events = Events(found, catalog)
    try:
        events.follow(graph.run())
    except Exception as error:  # its class differs between versions of Spark
        events.error = error
    events.refuse(launched)
    streams = [name for node in found if node.dataset.streaming for name in [node.name, *_companions(node)]]
    counts = Counts(catalog, events)
    report.datasets, report.failed = counts.all(found)
    catalog.remember(streams)
    tables = {catalog.name(node.name) for node in found if not node.view and node.dataset.type != SINK}
    report.read = lambda name: catalog.table(_known(name, catalog, tables))
    if report.failed:
        report.failed[0].report = report
        raise report.failed[0]


def _known(name: str, catalog: Catalog, tables: set[str]) -> str:
    if catalog.name(name) not in tables:
        raise KeyError(name)
    return name


def _companions(node: Node) -> list[str]:
    dataset = node.dataset
    if node.quarantine or not dataset.expectations:
        return []
    return [enforce.violations(dataset.name) if dataset.streaming else enforce.metrics(dataset.name)]


def _refuse_flows_apart(plan: Plan) -> None:
    """Flows of one launch become one where they must; those of two launches cannot."""
    places: dict[str, str] = {}
    for flow in plan.flows:
        target = plan.dataset(flow.target)
        apart = target is not None and target.options.get("format") not in (None, "parquet")
        source = flow.at.rpartition(": ")[0]
        if flow.type == APPEND and not apart and places.setdefault(flow.target.lower(), source) != source:
            raise ConfigError(flow.at, f"`{flow.target}` is appended to by {places[flow.target.lower()]} already")


class Graph:
    """A graph of Spark's pipelines that is being defined, then run."""

    def __init__(self, session: Any, catalog: Catalog) -> None:
        from pyspark.pipelines.spark_connect_pipeline import create_dataflow_graph

        self.session, self.catalog = session, catalog
        catalog.spark.sql(f"CREATE SCHEMA IF NOT EXISTS `{catalog.database}`").collect()
        self.id = create_dataflow_graph(
            session, default_catalog=None, default_database=catalog.database, sql_conf=CONF
        )

    def define(self, execute: Callable[[Any], Any]) -> list[Pipeline]:
        """What `execute` launches, registered as from the definition file of a pipeline."""
        from pyspark.pipelines import graph_element_registry as elements
        from pyspark.pipelines.add_pipeline_analysis_context import add_pipeline_analysis_context
        from pyspark.pipelines.block_session_mutations import block_session_mutations
        from pyspark.pipelines.spark_connect_graph_element_registry import SparkConnectGraphElementRegistry

        launched: list[Pipeline] = []

        def take(pipeline: Pipeline) -> bool:
            _check_syntax(self.session, pipeline.plan)
            launched.append(pipeline)
            return True

        registry = SparkConnectGraphElementRegistry(self.session, self.id)
        context = add_pipeline_analysis_context(spark=self.session, dataflow_graph_id=self.id, flow_name=None)
        with elements.graph_element_registration_context(registry), context, block_session_mutations():
            with collecting(self.session, take):
                execute(self.session)
        return launched

    def run(self) -> Iterator[Any]:
        """The events of a run."""
        from pyspark.pipelines.spark_connect_pipeline import start_run

        options = {"full_refresh": [], "full_refresh_all": False, "refresh": [], "dry": False}
        for result in start_run(self.session, self.id, storage=self.catalog.storage, **options):
            if "pipeline_event_result" in result:
                yield result["pipeline_event_result"].event


def _check_syntax(session: Any, plan: Plan) -> None:
    """Whether conditions are SQL; a pipeline that is defined with one that is not says nothing of it."""
    for dataset in plan.datasets:
        for item in dataset.expectations:
            try:
                session.range(0).selectExpr(item.constraint).schema  # noqa: B018  asked, Spark looks at it
            except Exception as error:  # its class differs between versions of Spark
                if "PARSE_SYNTAX_ERROR" in str(error):
                    raise no_condition(dataset, item.name, str(error)) from error

