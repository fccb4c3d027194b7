"""`python -m dltflow run`: runs a pipeline on this machine, and says what came of it.

Exits with 0, 3 where an expectation with the action `fail` failed, 2 where the configuration cannot be meant, else 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
import traceback
from collections.abc import Sequence
from typing import Optional

from .errors import ConfigError, DLTFlowError, ExpectationFailed
from .local import Report, run_local


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Does what `arguments` say; gives the exit code. Standard output has the report and nothing else."""
    given = _parser().parse_args(arguments)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log = logging.getLogger("dltflow")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            report, code = _run(given)
    except ConfigError as error:
        return _failed(error, 2)
    except DLTFlowError as error:
        return _failed(error, 1)
    except Exception:  # of the pipeline or of Spark: its author needs all of it
        traceback.print_exc()
        return 1
    finally:
        log.removeHandler(handler)
    print(json.dumps(report.to_json()) if given.output == "json" else _text(report))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dltflow", description="Declarative pipelines as plain classes.")
    run = parser.add_subparsers(dest="command", required=True).add_parser("run", help="run a pipeline on plain Spark")
    run.add_argument("--module", required=True, help="the module, or `module:Class`")
    run.add_argument("--config", help="the JSON or YAML file with the `dlt` section")
    run.add_argument("--parameter", action="append", default=[], help="an item of `sys.argv`; `--parameter=--name`")
    run.add_argument("--method", help="what is called of a class without `DLTMetaMixin`")
    run.add_argument("--folder", help="where tables are kept from one run to the next; else a new one")
    run.add_argument("--output", choices=["text", "json"], default="text")
    return parser


def _run(given: argparse.Namespace) -> tuple[Report, int]:
    options = {"parameters": given.parameter, "method": given.method, "folder": given.folder}
    try:
        return run_local(given.module, given.config, **options), 0
    except ExpectationFailed as error:
        if error.report is None:
            raise
        for failed in error.report.failed:
            print(f"error: {failed}", file=sys.stderr)
        return error.report, 3


def _failed(error: Exception, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


def _text(report: Report) -> str:
    """A line for each dataset, and below it one for each of its expectations."""
    lines = []
    for item in report.datasets:
        rows = "" if item.rows is None else f", {item.rows} rows"
        gone = f", {item.dropped} dropped" if item.dropped else ""
        kept = f" ({item.quarantined} in quarantine)" if item.quarantined else ""
        lines.append(f"{item.name}: {item.outcome}{rows}{gone}{kept}, {item.seconds:.1f} s")
        for each in item.expectations:
            lines.append(f"  {each.name} ({each.action}): {each.passed} passed, {each.failed} failed")
    return "\n".join([*lines, f"tables are in {report.folder}"])


if __name__ == "__main__":
    sys.exit(main())
