"""Runs pipelines as Spark's own (4.1 and newer), and takes the counts of the report from their tables."""

from __future__ import annotations

import contextlib
import os
import runpy
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Optional, Union

from ... import expectations
from ...backends import sdp
from ...driver import Content, Pipeline, Target, collecting, launch
from ...errors import ConfigError
from ...graph import APPEND, SINK, Graph
from ..nodes import Node, nodes
from ..combined import merged
from ..input import LocalInput
from ..report import Report
from .catalog import Catalog
from .counts import Counts
from .events import Events, invalid_condition
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
    local_input: Folder = None,
) -> Report:
    """Like `dltflow.run_local`, on Spark's own pipelines; runs that share a `server` take a few seconds each.

    Raises `ExpectationFailed` like that does, but here a table that is rewritten is left empty.
    """
    options = {"parameters": parameters, "method": method}
    return _run(server, folder, local_input, lambda session: launch(target, None, config, **options))


def run_driver(
    path: Union[str, os.PathLike], server: Optional[Server] = None, *, folder: Folder = None, local_input: Folder = None
) -> Report:
    """Like `run_local`, for all that the Python file at `path` launches."""
    driver = os.fspath(path)
    return _run(server, folder, local_input, lambda session: runpy.run_path(driver, {"spark": session}, "driver"))


def _run(server: Optional[Server], folder: Folder, local_input: Folder, execute: Callable[[Any], Any]) -> Report:
    report = Report(os.fspath(folder or tempfile.mkdtemp(prefix="dltflow-")), engine="sdp")
    if server is None:
        server = Server(report.folder)
        with contextlib.ExitStack() as stack:  # reading the tables of a report needs the server
            stack.callback(server.stop)
            found = _run(server, report.folder, local_input, execute)
            stack.pop_all()
        return found
    session = server.session()
    catalog = Catalog(session, report.folder, LocalInput(local_input))
    spark_graph = SparkGraph(session, catalog)
    try:
        catalog.offer_input()
        launched = spark_graph.define(execute)
        if launched:
            _ran(spark_graph, merged(launched), launched, report)
    finally:
        catalog.withdraw_input()
    return report


def _ran(spark_graph: SparkGraph, graph: Graph, launched: list[Pipeline], report: Report) -> None:
    found, catalog = nodes(graph), spark_graph.catalog
    _refuse_flows_apart(graph, launched)
    companions = [name for node in found for name in _companions(node)]
    catalog.prepare(found, companions)
    events = Events(found, catalog)
    try:
        events.follow(spark_graph.run())
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
    return [expectations.violations(dataset.name) if dataset.streaming else expectations.metrics(dataset.name)]


def _refuse_flows_apart(graph: Graph, launched: list[Pipeline]) -> None:
    """Refuses files that two launches append to: only the flows of one launch can be merged into one."""
    owners: dict[str, Pipeline] = {}
    for pipeline in launched:
        for flow in pipeline.graph.flows:
            target = graph.dataset(flow.target)
            files = target is None or (target.type != SINK and target.options.get("format") in sdp.FILES)
            if flow.type == APPEND and files and owners.setdefault(flow.target.lower(), pipeline) is not pipeline:
                problem = (
                    f"another launch appends to `{flow.target}` too, and files have one writer: put both in one launch"
                )
                raise ConfigError(flow.at, problem)


class SparkGraph:
    """A dataflow graph in Spark, which is defined and then run."""

    def __init__(self, session: Any, catalog: Catalog) -> None:
        from pyspark.pipelines.spark_connect_pipeline import create_dataflow_graph

        self.session, self.catalog = session, catalog
        catalog.spark.sql(f"CREATE SCHEMA IF NOT EXISTS `{catalog.database}`").collect()
        self.id = create_dataflow_graph(session, default_catalog=None, default_database=catalog.database, sql_conf=CONF)

    def define(self, execute: Callable[[Any], Any]) -> list[Pipeline]:
        """Registers what `execute` launches as if it were the definition file of a pipeline."""
        from pyspark.pipelines import graph_element_registry as elements
        from pyspark.pipelines.add_pipeline_analysis_context import add_pipeline_analysis_context
        from pyspark.pipelines.block_session_mutations import block_session_mutations
        from pyspark.pipelines.spark_connect_graph_element_registry import SparkConnectGraphElementRegistry

        launched: list[Pipeline] = []

        def take(pipeline: Pipeline) -> bool:
            _check_syntax(self.session, pipeline.graph)
            launched.append(pipeline)
            return True

        registry = SparkConnectGraphElementRegistry(self.session, self.id)
        context = add_pipeline_analysis_context(spark=self.session, dataflow_graph_id=self.id, flow_name=None)
        with elements.graph_element_registration_context(registry), context, block_session_mutations():
            with collecting(self.session, take):
                execute(self.session)
        return launched

    def run(self) -> Iterator[Any]:
        """Runs the graph and yields its events."""
        from pyspark.pipelines.spark_connect_pipeline import start_run

        options = {"full_refresh": [], "full_refresh_all": False, "refresh": [], "dry": False}
        for result in start_run(self.session, self.id, storage=self.catalog.storage, **options):
            if "pipeline_event_result" in result:
                yield result["pipeline_event_result"].event


def _check_syntax(session: Any, graph: Graph) -> None:
    """Refuses conditions that are not SQL, which Spark does not report while a pipeline is defined."""
    for dataset in graph.datasets:
        for item in dataset.expectations:
            try:
                session.range(0).selectExpr(item.constraint).schema  # noqa: B018  makes Spark analyse it
            except Exception as error:  # its class differs between versions of Spark
                if "PARSE_SYNTAX_ERROR" in str(error):
                    raise invalid_condition(dataset, item.name, str(error)) from error
