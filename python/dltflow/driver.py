"""Launches a pipeline class with its configuration: the entry points of generated notebooks."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from . import backends, config as configuration
from .classes import check, construct, find, line_of
from .errors import ConfigError, DefinitionError
from .graph import Graph, Query
from .lints import warnings_of
from .quality import DLTMetaMixin

log = logging.getLogger("dltflow")

Target = Union[str, type]
Content = Union[str, "os.PathLike[str]", Mapping[str, Any]]
Read = Callable[[str, bool], Any]

ANALYSED = ("ATTEMPT_ANALYSIS_IN_PIPELINE_QUERY_FUNCTION", "SESSION_MUTATION_IN_DECLARATIVE_PIPELINE")


def shipped(path: str) -> str:
    """The absolute path of a file that was deployed with the project; `path` is relative to where this package is."""
    found = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *path.split("/"))
    if not os.path.exists(found):
        raise ConfigError(path, f"is not among the files of the project at {os.path.dirname(found)}")
    return found


def launch(
    target: Target,
    spark: Any = None,
    config: Optional[Content] = None,
    *,
    parameters: Sequence[str] = (),
    method: Optional[str] = None,
    backend: str = "auto",
) -> None:
    """Constructs the pipeline class of `target` and registers its datasets in the order of the configuration.

    `target` is a class, a module or `module:Class`; `config` a JSON or YAML file, or what it holds. `parameters` are
    `sys.argv[1:]` while the module is imported, the class constructed and its methods called. A class without
    `DLTMetaMixin` is constructed, and its `method` called in place of all that.
    """
    launches = _launches.get()
    if spark is None and launches:
        spark = launches.spark
    pipeline = Pipeline.construct(target, spark, config, parameters, method)
    if pipeline is None:
        return
    if launches and not launches.take(pipeline):
        return
    for warning in pipeline.warnings():
        log.warning(warning)
    engine = backends.choose(backend, pipeline.spark)
    bound = pipeline.functions(engine.read)
    for call in list(engine.calls(pipeline.graph, bound)):
        call()


@dataclass(frozen=True)
class Launches:
    """Collects launches: `take` receives each pipeline and returns whether it is registered too."""

    spark: Any
    take: Callable[[Pipeline], Optional[bool]]


_launches: ContextVar[Optional[Launches]] = ContextVar("launches", default=None)


@contextlib.contextmanager
def collecting(spark: Any, take: Callable[[Pipeline], Optional[bool]]) -> Iterator[None]:
    """Hands each pipeline that is launched in this context, constructed with `spark`, to `take`."""
    token = _launches.set(Launches(spark, take))
    try:
        yield
    finally:
        _launches.reset(token)


def plan(config: Content, target: Optional[Target] = None) -> Graph:
    """The graph of `config`. The class of a `target` is imported, not constructed, and checked against it."""
    content, source = _content(config)
    found = configuration.to_graph(content, source)
    if target is None:
        return found
    cls = find(target, None)
    for name, query in found.queries():
        check(cls, name, query)
    warnings = warnings_of(cls, [query.func_name for _, query in found.queries()])
    return Graph(found.datasets, found.flows, (*found.warnings, *warnings))


class Pipeline:
    """An object of a pipeline class, and the graph of its configuration."""

    def __init__(self, instance: Any, spark: Any, program: str, parameters: Sequence[str], graph: Graph) -> None:
        self.instance, self.spark, self.graph = instance, spark, graph
        self.program, self.parameters = program, parameters

    @classmethod
    def construct(
        cls, target: Target, spark: Any, config: Optional[Content], parameters: Sequence[str], method: Optional[str]
    ) -> Optional[Pipeline]:
        """Imports and constructs; `None` for a class without the mixin, whose `method` has done its work."""
        program = target if isinstance(target, str) else target.__module__
        with arguments(program, parameters):
            found = find(target, method)
            content, source = (None, "") if config is None else _content(config)
            spark = spark if spark is not None else _session()
            has_mixin = issubclass(found, DLTMetaMixin)
            if has_mixin and config is None:
                problem = f"`{found.__qualname__}` needs a config file, and no parameter names one"
                raise ConfigError(program, problem)
            graph = configuration.to_graph(content, source) if has_mixin else Graph(())
            instance = construct(found, spark, content)
            if not has_mixin:
                getattr(instance, method or "")()
                return None
        return cls(instance, spark, program, parameters, graph)

    def warnings(self) -> list[str]:
        """Warnings for the author: about the configuration, and about what the methods do."""
        methods = [query.func_name for _, query in self.graph.queries()]
        return [*self.graph.warnings, *warnings_of(type(self.instance), methods)]

    def functions(self, read: Read) -> Callable[[str, Query], Callable[..., Any]]:
        """Makes the function of a query. `read` returns the rows of a dataset, as a stream or not."""
        return lambda name, query: self._function(name, query, read)

    def _function(self, name: str, query: Query, read: Read) -> Callable[..., Any]:
        """A fresh function for the engine, which calls it when and as often as it likes."""
        where = check(type(self.instance), name, query)
        method = getattr(self.instance, query.func_name)

        def called(*version: Any) -> Any:
            with arguments(self.program, self.parameters), _attributed(where, method):
                inputs = {key: read(item.dataset, item.stream) for key, item in query.inputs.items()}
                found = method(*version, **inputs)
            return _checked(found, where, query.versioned)

        def versioned(version: Any) -> Any:
            return called(version)

        def function() -> Any:
            return called()

        made = versioned if query.versioned else function
        made.__name__ = made.__qualname__ = name
        return made


def _checked(found: Any, where: str, versioned: bool) -> Any:
    """What a method returned, if it is what the engine takes."""
    if versioned and found is None:
        return None
    if versioned and not (isinstance(found, tuple) and len(found) == 2):
        raise DefinitionError(f"{where} must return a DataFrame and its version, or `None`, not `{_kind(found)}`")
    frame = found[0] if versioned else found
    if not hasattr(frame, "withColumn"):
        raise DefinitionError(f"{where} must return a Spark DataFrame, not `{_kind(frame)}`")
    return found


def _kind(value: Any) -> str:
    cls = type(value)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


@contextlib.contextmanager
def arguments(program: str, parameters: Sequence[str]) -> Iterator[None]:
    """Sets `sys.argv` to that of the workflow's item."""
    before = sys.argv
    sys.argv = [program, *parameters]
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def _attributed(where: str, method: Any) -> Iterator[None]:
    """Notes where an error of the method comes from; an engine's refusal becomes an error that says what to write."""
    try:
        yield
    except Exception as error:
        line = f"{where}, line {line_of(error, method)}"
        if any(code in str(error) for code in ANALYSED):
            hint = "methods only describe rows: no `count`, `collect`, `columns`, `pivot`, and no writing"
            raise DefinitionError(f"{line}: runs or analyses the query while it is defined; {hint}") from error
        if hasattr(error, "add_note"):
            error.add_note(f"{line}: raised while the dataset was defined")
        raise


def _content(config: Content) -> tuple[Any, str]:
    """The content of `config`, and how messages name it."""
    if isinstance(config, (str, os.PathLike)):
        return configuration.read(config), os.fspath(config)
    return config, "config"


def _session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
