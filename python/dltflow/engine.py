"""Datasets → calls of the Databricks module `dlt`, always by name, never by the name of a function."""

import importlib
from typing import Any, Callable

from .config import Dataset
from .errors import DLTFlowError

Query = Callable[[], Any]

EXPECT = {"allow": "expect_all", "drop": "expect_all_or_drop", "fail": "expect_all_or_fail"}
NEEDED = ("table", "view", "append_flow", "apply_changes", "create_streaming_table", *EXPECT.values())


def load() -> Any:
    """The module `dlt` of the pipeline; a package of that name on an index is something else."""
    try:
        dlt = importlib.import_module("dlt")
    except ImportError as error:
        raise DLTFlowError("there is no module `dlt`: pipelines are launched on Databricks") from error
    missing = [name for name in NEEDED if not hasattr(dlt, name)]
    if missing:
        raise DLTFlowError(f"the module `dlt` is not that of Databricks: it has no `{missing[0]}`")
    return dlt


def register(dlt: Any, dataset: Dataset, query: Query, created: set[str]) -> None:
    """Declares one dataset; `created` holds the streaming tables of this launch."""
    if dataset.append is not None:
        _append(dlt, dataset, query, created)
    elif dataset.cdc is not None:
        _cdc(dlt, dataset, query)
    else:
        declare = dlt.view if dataset.kind == "view" else dlt.table
        declare(name=dataset.name, **dataset.options)(_expecting(dlt, dataset, query))


def _append(dlt: Any, dataset: Dataset, query: Query, created: set[str]) -> None:
    flow = {"name": dataset.name, **(dataset.append or {})}
    if flow.pop("create_target", True) and flow["target"] not in created:
        expectations = {EXPECT[action]: held for action, held in _by_action(dataset).items()}
        dlt.create_streaming_table(name=flow["target"], **dataset.options, **expectations)
        created.add(flow["target"])
    dlt.append_flow(**flow)(query)


def _cdc(dlt: Any, dataset: Dataset, query: Query) -> None:
    changes = dict(dataset.cdc or {})
    dlt.view(name=changes["source"])(_expecting(dlt, dataset, query))
    dlt.create_streaming_table(name=changes["target"], **dataset.options)
    dlt.apply_changes(**changes)


def _expecting(dlt: Any, dataset: Dataset, query: Query) -> Any:
    """The query below its expectations: they stand under the decorator of the dataset."""
    for action, held in _by_action(dataset).items():
        query = getattr(dlt, EXPECT[action])(held)(query)
    return query


def _by_action(dataset: Dataset) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for expectation in dataset.expectations:
        found.setdefault(expectation.action, {})[expectation.name] = expectation.constraint
    return found
