"""Backends, which register a graph, and the choice among them: modules are recognised by what they have."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any, Optional, Protocol

from ..errors import DLTFlowError
from ..graph import Graph
from ..schema import near
from . import databricks, sdp
from .calls import Bind, Call

DLT_NEEDS = ("table", "view", "append_flow", "apply_changes", "create_streaming_table", "expect_all")


class Backend(Protocol):
    """An engine that takes datasets and flows."""

    def read(self, dataset: str, stream: bool) -> Any:
        """The rows of a dataset or table, as a parameter of a method receives them."""

    def calls(self, graph: Graph, bind: Bind) -> Iterator[Call]:
        """The calls that register the graph. Whatever the engine cannot do is refused before the first one is made.

        `bind` makes the function of a query from the name of what it fills.
        """


def choose(name: str, spark: Any) -> Backend:
    """The backend called `name`; for `auto` that of `DLTFLOW_BACKEND`, else the first whose engine is installed."""
    name = os.environ.get("DLTFLOW_BACKEND", "auto") if name == "auto" else name
    finders = {"dp": _dp, "dlt": _dlt, "sdp": _sdp}
    if name != "auto" and name not in finders:
        known = ", ".join(f"`{item}`" for item in ("auto", *finders))
        raise DLTFlowError(f"unknown backend `{name}`: use one of {known}{near(name, finders)}")
    absent = []
    for finder in finders.values() if name == "auto" else [finders[name]]:
        backend, why = finder(spark)
        if backend:
            return backend
        absent.append(why)
    raise DLTFlowError(f"no engine to register a pipeline in: {'; '.join(dict.fromkeys(absent))}")


def _imported(name: str) -> tuple[Any, str]:
    try:
        return importlib.import_module(name), ""
    except ImportError:
        return None, f"no module `{name}`"
    except Exception as error:  # an unrelated package of that name can fail in any way
        return None, f"the module `{name}` cannot be imported ({error})"


def _dp(spark: Any) -> tuple[Optional[Backend], str]:
    module, why = _imported("pyspark.pipelines")
    if module and not hasattr(module, "expect_all"):
        return None, "`pyspark.pipelines` is the open-source one, without expectations"
    return (databricks.Databricks(module, databricks.DP, spark), "") if module else (None, why)


def _dlt(spark: Any) -> tuple[Optional[Backend], str]:
    module, why = _imported("dlt")
    if not module:
        return None, why
    missing = [name for name in DLT_NEEDS if not hasattr(module, name)]
    if missing:
        return None, f"the module `dlt` ({_place(module)}) is not the one of Databricks: it has no `{missing[0]}`"
    if hasattr(module, "enable_local_execution") and "DATABRICKS_RUNTIME_VERSION" not in os.environ:
        return None, f"the module `dlt` ({_place(module)}) is the stub `databricks-dlt`, which registers nothing"
    return databricks.Databricks(module, databricks.DLT, spark), ""


def _sdp(spark: Any) -> tuple[Optional[Backend], str]:
    module, why = _imported("pyspark.pipelines")
    registry, _ = _imported("pyspark.pipelines.graph_element_registry")
    if not module or not registry:
        return None, why or "`pyspark.pipelines` has no registry of datasets"
    try:
        registry.get_active_graph_element_registry()
    except Exception:  # the kind of error differs between versions of Spark
        return None, "`pyspark.pipelines` is here, but no pipeline is being defined: run it with `spark-pipelines`"
    return sdp.OpenSource(module, spark), ""


def _place(module: Any) -> str:
    return getattr(module, "__file__", None) or "without a file"
