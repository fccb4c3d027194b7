"""The errors of this package: what is wrong with a pipeline, if possible before the engine sees it."""

from __future__ import annotations

from typing import Any, Optional


class DLTFlowError(Exception):
    """The root of all errors of this package."""


class ConfigError(DLTFlowError):
    """The configuration is invalid."""

    def __init__(self, place: str, problem: str) -> None:
        """`place` is the file and the path of keys in it, such as `conf/orders.json: dlt[0].kind`."""
        super().__init__(f"{place}: {problem}")
        self.place, self.problem = place, problem


class DefinitionError(DLTFlowError):
    """A module, class or method does not match the configuration."""


class LocalInputError(DLTFlowError):
    """The rows of a table that a local run reads are not there, are there twice, or cannot be read."""


class ExpectationFailed(DLTFlowError):
    """A row does not meet an expectation whose action is `fail`."""

    report: Any = None
    """The `dltflow.local.Report` of the local run."""

    def __init__(self, dataset: str, expectation: str, record: str, count: Optional[int] = None) -> None:
        """`record` is a row that fails, as JSON; `count` is how many do, if that is known."""
        rows = "a row fails" if count in (None, 1) else f"{count} rows fail"
        example = "" if count in (None, 1) else "one is "
        super().__init__(f"dataset `{dataset}`: {rows} the expectation `{expectation}`: {example}{record}")
        self.dataset, self.expectation, self.record, self.count = dataset, expectation, record, count
