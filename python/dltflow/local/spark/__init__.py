"""Runs pipelines on plain Spark (3.5 or newer, from 4.0 on through Spark Connect too), in a folder."""

from __future__ import annotations

import contextlib
import logging
import os
import runpy
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Callable, Optional, Union

from ...driver import Content, Pipeline, Target, collecting, launch
from ...graph import SINK, Graph
from .. import jvm
from ..combined import binding, merged, warnings_of
from ..input import LocalInput
from ..report import Report
from .define import Definitions
from .run import Run
from .session import Names, scoped
from .warehouse import Warehouse

log = logging.getLogger("dltflow")

Folder = Union[str, os.PathLike[str], None]
CHANGES_ROWS = ("schema", "row_filter", "spark_conf")


def run_local(
    target: Target,
    config: Optional[Content] = None,
    spark: Any = None,
    *,
    parameters: Sequence[str] = (),
    folder: Folder = None,
    method: Optional[str] = None,
    local_input: Folder = None,
) -> Report:
    """Makes all tables of the pipeline in `folder`, or in a new one, and returns a report.

    The arguments are those of `dltflow.launch`. Each method is called twice: first to find what reads what and whether
    all of it is valid, then for its rows. In another run in the same folder, streams read only what is new. Nothing
    leaves the folder: the rows of a sink are stored there, and tables have no catalog but the names in the graph. Other
    tables are read from the folder `local_input`, by default `local` here: `<schema>/<table>.csv`, `.json`, `.parquet`.

    Raises `ExpectationFailed`, which has the `report`, if a row fails a `fail` expectation: the table stays as it was,
    its readers are skipped, and all others are made.
    """
    options = {"parameters": parameters, "method": method}
    return _run(spark, folder, local_input, lambda session: launch(target, session, config, **options))


def run_driver(
    path: Union[str, os.PathLike[str]], spark: Any = None, *, folder: Folder = None, local_input: Folder = None
) -> Report:
    """Like `run_local`, for all that the Python file at `path` launches: its pipelines form one graph.

    The file is executed as Databricks executes a notebook, with `spark` defined.
    """
    driver = os.fspath(path)
    return _run(spark, folder, local_input, lambda session: runpy.run_path(driver, {"spark": session}, "driver"))


def _run(spark: Any, folder: Folder, local_input: Folder, execute: Callable[[Any], Any]) -> Report:
    """Runs what `execute` launches with a session in which the datasets are tables."""
    spark = jvm.session() if spark is None else spark
    names = Names()
    session = scoped(spark, names)
    launched: list[Pipeline] = []
    with collecting(session, launched.append):
        execute(session)
    graph = merged(launched)
    bind = binding(launched, lambda name, stream: (session.readStream if stream else session.read).table(name))
    report = Report(os.fspath(folder or tempfile.mkdtemp(prefix="dltflow-")))
    for warning in [*warnings_of(launched), *_without_effect(graph)]:
        log.warning(warning)
    definitions = Definitions(graph, bind, Warehouse(spark, report.folder), LocalInput(local_input))
    run = Run(definitions, report)
    report.read = run.lookup_stored
    with _known(names, definitions.lookup):
        order = definitions.all()
    with _known(names, run.lookup, rows=True):
        run.all(order)
    if report.failed:
        report.failed[0].report = report
        raise report.failed[0]
    return report


@contextlib.contextmanager
def _known(names: Names, lookup: Any, rows: bool = False) -> Iterator[None]:
    names.lookup, names.rows = lookup, rows
    try:
        yield
    finally:
        names.forget()
        names.lookup = lambda name, stream: None


def _without_effect(graph: Graph) -> Iterator[str]:
    for dataset in graph.datasets:
        if dataset.type == SINK:
            yield f"{dataset.at}: the rows of the sink `{dataset.name}` stay in the folder of this run"
            continue
        for option in CHANGES_ROWS:
            if option in dataset.options:
                yield f"{dataset.at}.write_opts.{option}: has no effect on plain Spark"
