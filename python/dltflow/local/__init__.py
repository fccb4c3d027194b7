"""Runs a pipeline on plain Spark (3.5 or newer; without streams also Spark Connect), in a folder."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Optional, Union

from ..driver import Content, Pipeline, Target
from ..plan import SINK, Plan
from .define import Definitions
from .report import DatasetReport, ExpectationResult, Report
from .run import Run
from .session import Names, scoped
from .warehouse import Warehouse

__all__ = ["DatasetReport", "ExpectationResult", "Report", "run_local"]

log = logging.getLogger("dltflow")

CHANGES_ROWS = ("schema", "row_filter", "spark_conf")


def run_local(
    target: Target,
    config: Optional[Content] = None,
    spark: Any = None,
    *,
    parameters: Sequence[str] = (),
    folder: Union[str, os.PathLike[str], None] = None,
    method: Optional[str] = None,
) -> Report:
    """Makes all tables of the pipeline in `folder`, or in a new one, and says what came of them.

    The arguments are those of `dltflow.launch`. Each method is called twice: first to see what reads what and whether
    all of it can be, then for its rows. A second run in one folder gives streams only what is new. Nothing leaves the
    folder: what goes to a sink is stored there, and tables have no catalog but the names in the plan.

    Raises `ExpectationFailed`, which has the `report`, where a row fails that must not be there: the table is as it was
    before, what reads it is skipped, the rest is made.
    """
    spark = _session() if spark is None else spark
    names = Names()
    session = scoped(spark, names)
    pipeline = Pipeline.construct(target, session, config, parameters, method)
    report = Report(os.fspath(folder or tempfile.mkdtemp(prefix="dltflow-")))
    if pipeline is None:
        return report
    for warning in [*pipeline.warnings(), *_without_effect(pipeline.plan)]:
        log.warning(warning)
    bind = pipeline.functions(lambda name, stream: (session.readStream if stream else session.read).table(name))
    definitions = Definitions(pipeline.plan, bind, Warehouse(spark, report.folder))
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


def _session() -> Any:
    """The one that is there, or a small one."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("dltflow")
    small = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}
    for key, value in small.items():
        builder = builder.config(key, value)
    return SparkSession.getActiveSession() or builder.getOrCreate()


@contextlib.contextmanager
def _known(names: Names, lookup: Any, rows: bool = False) -> Iterator[None]:
    names.lookup, names.rows = lookup, rows
    try:
        yield
    finally:
        names.forget()
        names.lookup = lambda name, stream: None


def _without_effect(plan: Plan) -> Iterator[str]:
    for dataset in plan.datasets:
        if dataset.type == SINK:
            yield f"{dataset.at}: the rows of the sink `{dataset.name}` stay in the folder of this run"
            continue
        for option in CHANGES_ROWS:
            if option in dataset.options:
                yield f"{dataset.at}.write_opts.{option}: has no effect on plain Spark"
