"""The pipelines that a driver launches, combined into one graph, as the engines of Databricks and Spark do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..backends.calls import Bind
from ..driver import Pipeline, Read
from ..errors import ConfigError
from ..graph import Graph


def merged(pipelines: Sequence[Pipeline]) -> Graph:
    """The datasets and flows of all `pipelines`; two that make the same one are refused."""
    places: dict[tuple[str, ...], str] = {}
    for pipeline in pipelines:
        made = dict(_made(pipeline.graph))
        for name, at in made.items():
            if name in places:
                raise ConfigError(at, f"`{name[-1]}` is already made by {places[name]}")
        places.update(made)
    datasets = [dataset for pipeline in pipelines for dataset in pipeline.graph.datasets]
    flows = [flow for pipeline in pipelines for flow in pipeline.graph.flows]
    return Graph(tuple(datasets), tuple(flows))


def _made(graph: Graph) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names in lower case, as engines compare them, with their places."""
    for dataset in graph.datasets:
        yield (dataset.name.lower(),), dataset.at
        if dataset.quarantine:
            yield (dataset.quarantine.name.lower(),), dataset.at
    for flow in graph.flows:
        if flow.name:
            yield (flow.target.lower(), flow.name.lower()), flow.at


def warnings_of(pipelines: Sequence[Pipeline]) -> list[str]:
    """The warnings of all `pipelines`."""
    return [warning for pipeline in pipelines for warning in pipeline.warnings()]


def binding(pipelines: Sequence[Pipeline], read: Read) -> Bind:
    """Makes the function of each query from the pipeline that it belongs to."""
    functions = {}
    for pipeline in pipelines:
        bound = pipeline.functions(read)
        functions.update((id(query), bound) for _, query in pipeline.graph.queries())
    return lambda name, query: functions[id(query)](name, query)
