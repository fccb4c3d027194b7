"""Runs pipelines on this machine, in a folder: on plain Spark (`spark`), or as Spark's own pipelines (`sdp`)."""

from .report import DatasetReport, ExpectationResult, Report
from .spark import run_driver, run_local

__all__ = ["DatasetReport", "ExpectationResult", "Report", "run_driver", "run_local"]
