"""What can be wrong with a pipeline, told before the engine sees it."""

from __future__ import annotations


class DLTFlowError(Exception):
    """The root of all errors of this package."""


class ConfigError(DLTFlowError):
    """The configuration says something that cannot be meant."""

    def __init__(self, place: str, problem: str) -> None:
        """`place` is the file and the path of keys in it, as `conf/orders.json: dlt[0].kind`."""
        super().__init__(f"{place}: {problem}")
        self.place, self.problem = place, problem


class DefinitionError(DLTFlowError):
    """A module, class or method does not fit what the configuration says of it."""


class ExpectationFailed(DLTFlowError):
    """A row does not meet an expectation whose action is `fail`."""

    def __init__(self, dataset: str, expectation: str, record: str) -> None:
        """`record` is the row as JSON."""
        super().__init__(f"dataset `{dataset}`: a row fails the expectation `{expectation}`: {record}")
        self.dataset, self.expectation, self.record = dataset, expectation, record
