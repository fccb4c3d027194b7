"""`python -m dltflow run`: runs a pipeline on this machine and prints its report.

Exits with 0; with 3 if an expectation with the action `fail` failed, 2 if the configuration is invalid or a table that
it reads is missing, 1 for any other error. Standard output has the report alone, standard error the progress and errors,
`spark.log` the output of Spark.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from .errors import ConfigError, DLTFlowError, ExpectationFailed, LocalInputError
from .local import Report, jvm, sdp, spark
from .local.failure import Log, reason, traced
from .local.sdp.server import Server


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command line `arguments`; returns the exit code."""
    given = _parser().parse_args(arguments)
    folder = os.path.abspath(given.folder or tempfile.mkdtemp(prefix="dltflow-"))
    with _logging(), _locked(folder):
        log = Log(folder)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                report, code = _run(given, folder)
        except (ConfigError, LocalInputError) as error:
            return _failed(error, 2)
        except DLTFlowError as error:
            return _failed(error, 1)
        except Exception as error:  # of the pipeline or of Spark: the author needs the whole traceback
            print(traced(error), file=sys.stderr)
            why = reason(error)
            return _failed(f"{why}{log.hint(why)}", 1)
    print(json.dumps(report.to_json()) if given.output == "json" else _text(report))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dltflow", description="Declarative pipelines as plain classes.")
    run = parser.add_subparsers(dest="command", required=True).add_parser("run", help="run pipelines on this machine")
    what = run.add_mutually_exclusive_group(required=True)
    what.add_argument("--driver", help="the Python file that launches them, as generated for a deployment")
    what.add_argument("--module", help="the module of one, or `module:Class`")
    run.add_argument("--config", help="the JSON or YAML file with the `dlt` section")
    run.add_argument("--parameter", action="append", default=[], help="an item of `sys.argv`; `--parameter=--name`")
    run.add_argument("--method", help="the method to call on a class without `DLTMetaMixin`")
    run.add_argument("--engine", choices=["spark", "sdp"], default="spark", help="plain Spark or Spark's own pipelines")
    run.add_argument("--folder", help="where tables are kept from one run to the next; default: a new folder")
    run.add_argument("--local-input", help="the rows of tables that it reads and nobody makes; default: `local`")
    run.add_argument("--output", choices=["text", "json"], default="text")
    return parser


def _run(given: argparse.Namespace, folder: str) -> tuple[Report, int]:
    on = _server(folder) if given.engine == "sdp" else _session(folder)
    engine = sdp if given.engine == "sdp" else spark
    try:
        if given.driver:
            return engine.run_driver(given.driver, on, folder=folder, local_input=given.local_input), 0
        options = {"parameters": given.parameter, "method": given.method, "local_input": given.local_input}
        return engine.run_local(given.module, given.config, on, folder=folder, **options), 0
    except ExpectationFailed as error:
        if error.report is None:
            raise
        for failed in error.report.failed:
            print(f"error: {failed}", file=sys.stderr)
        return error.report, 3


def _server(folder: str) -> Server:
    _starting()
    return Server(folder)


def _session(folder: str) -> Any:
    """The active session, or a new one that writes to the folder alone."""
    from pyspark.sql import SparkSession

    if SparkSession.getActiveSession():
        return SparkSession.getActiveSession()
    _starting()
    jvm.only_this_installation()
    with jvm.printing_to(os.path.join(folder, jvm.LOG)):
        return jvm.session({**jvm.SMALL, "spark.sql.warehouse.dir": os.path.join(folder, "warehouse")})


def _starting() -> None:
    import pyspark

    print(f"starting Spark {pyspark.__version__}", file=sys.stderr)


@contextlib.contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Holds the folder for one run at a time; the system releases the lock however the process ends."""
    import fcntl  # not on Windows, where the package is imported but this is not run

    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, ".lock"), "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another run in {folder}", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _logging() -> Iterator[None]:
    """Logs to standard error in short lines, and exits cleanly on SIGTERM, so that child processes end too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    log = logging.getLogger("dltflow")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        log.removeHandler(handler)
        log.setLevel(level)


class _Lines(logging.Formatter):
    """`warning: …`; progress has no prefix."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line if record.levelno < logging.WARNING else f"{record.levelname.lower()}: {line}"


def _failed(error: object, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


def _text(report: Report) -> str:
    """A line for each dataset, followed by one for each of its expectations."""
    lines = []
    for item in report.datasets:
        rows = "" if item.rows is None else f", {item.rows} row" if item.rows == 1 else f", {item.rows} rows"
        dropped = f", {item.dropped} dropped" if item.dropped else ""
        quarantined = f" ({item.quarantined} in quarantine)" if item.quarantined else ""
        lines.append(f"{item.name}: {item.outcome}{rows}{dropped}{quarantined}, {item.seconds:.1f} s")
        for each in item.expectations:
            lines.append(f"  {each.name} ({each.action}): {each.passed} passed, {each.failed} failed")
    return "\n".join([*lines, f"tables are in {report.folder}"])


if __name__ == "__main__":
    sys.exit(main())
