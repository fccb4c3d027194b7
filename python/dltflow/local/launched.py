"""One graph of all pipelines that a driver launches, as the engines of Databricks and Spark have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..driver import Pipeline, Read
from ..errors import ConfigError
from ..plan import Plan
from .define import Bind


def merged(pipelines: Sequence[Pipeline]) -> Plan:
    """All datasets and flows. No two pipelines make the same one."""
    places: dict[tuple[str, ...], str] = {}
    for pipeline in pipelines:
        made = dict(_made(pipeline.plan))
        for name, at in made.items():
            if name in places:
                raise ConfigError(at, f"`{name[-1]}` is made by {places[name]} already")
        places.update(made)
    datasets = [dataset for pipeline in pipelines for dataset in pipeline.plan.datasets]
    flows = [flow for pipeline in pipelines for flow in pipeline.plan.flows]
    return Plan(tuple(datasets), tuple(flows))


def _made(plan: Plan) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names as engines compare them, with their places."""
    for dataset in plan.datasets:
        yield (dataset.name.lower(),), dataset.at
        if dataset.quarantine:
            yield (dataset.quarantine.name.lower(),), dataset.at
    for flow in plan.flows:
        if flow.name:
            yield (flow.target.lower(), flow.name.lower()), flow.at


def warnings_of(pipelines: Sequence[Pipeline]) -> list[str]:
    """Those of each pipeline."""
    return [warning for pipeline in pipelines for warning in pipeline.warnings()]


def binding(pipelines: Sequence[Pipeline], read: Read) -> Bind:
    """Makes the function of a query from the pipeline that it is of."""
    functions = {}
    for pipeline in pipelines:
        bound = pipeline.functions(read)
        functions.update((id(query), bound) for _, query in pipeline.plan.queries())
    return lambda name, query: functions[id(query)](name, query)
