"""From the name of a module to registered datasets: what a generated notebook calls."""

import contextlib
import difflib
import importlib
import inspect
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Callable, Optional, Union

from . import config as configuration
from . import engine
from .config import Dataset
from .errors import ConfigError, DefinitionError
from .quality import DLTMetaMixin

SPARK = ("spark", "spark_")
CONFIG = ("init_conf", "config", "conf")


def shipped(path: str) -> str:
    """The absolute path of a file that came with the project; `path` is relative to where this package lies."""
    found = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *path.split("/"))
    if not os.path.exists(found):
        raise ConfigError(f"{path}: is not among the files of the project at {os.path.dirname(found)}")
    return found


def launch(
    module: str,
    *,
    parameters: Sequence[str] = (),
    config: Union[str, Mapping[str, Any], None] = None,
    method: Optional[str] = None,
) -> None:
    """Imports `module`, constructs its pipeline class and registers its datasets in the order of the configuration.

    `parameters` are `sys.argv[1:]` while the module is imported, the class constructed and its methods called.
    `config` is a JSON or YAML file, or what it holds. A class without `DLTMetaMixin` is constructed, and its
    `method` called in place of all that.
    """
    with _arguments(module, parameters):
        imported = importlib.import_module(module)
        cls = _pipeline_class(imported, method)
        content = configuration.read(config) if isinstance(config, str) else config
        instance = _construct(cls, _session(), content)
        if not issubclass(cls, DLTMetaMixin):
            getattr(instance, method or "")()
            return
    if content is None:
        raise ConfigError(f"{module}: `{cls.__qualname__}` is described by a config file, and no parameter names one")
    source = config if isinstance(config, str) else "config"
    found = configuration.datasets(content, source)
    queries = [_query(instance, dataset, module, parameters) for dataset in found]
    dlt = engine.load()
    created: set[str] = set()
    for dataset, query in zip(found, queries):
        engine.register(dlt, dataset, query, created)


@contextlib.contextmanager
def _arguments(program: str, parameters: Sequence[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = [program, *parameters]
    try:
        yield
    finally:
        sys.argv = before


def _session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()


def _pipeline_class(module: ModuleType, method: Optional[str]) -> type:
    defined = [item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__]
    marked = _leaves([cls for cls in defined if issubclass(cls, DLTMetaMixin)])
    candidates = marked or _leaves([cls for cls in defined if method and callable(getattr(cls, method, None))])
    if len(candidates) == 1:
        return candidates[0]
    where = f"module `{module.__name__}` ({module.__file__})"
    if candidates:
        names = ", ".join(f"`{cls.__qualname__}`" for cls in candidates)
        raise DefinitionError(f"{where} defines several pipeline classes ({names}): keep one in a module")
    wanted = f" or a method `{method}`" if method else ""
    names = ", ".join(f"`{cls.__qualname__}`" for cls in defined) or "none at all"
    raise DefinitionError(f"{where} defines no class with `DLTMetaMixin`{wanted}; its classes: {names}")


def _leaves(classes: list[type]) -> list[type]:
    """Without doubles under a second name, and without those that another one builds upon."""
    distinct = list(dict.fromkeys(classes))
    return [cls for cls in distinct if not any(other is not cls and issubclass(other, cls) for other in distinct)]


def _construct(cls: type, spark: Any, content: Any) -> Any:
    """Gives the constructor what it names, and the session to an object that did not keep one."""
    passed: dict[str, Any] = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        by_name = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if by_name and name in SPARK:
            passed[name] = spark
        elif by_name and name in CONFIG:
            passed[name] = content
        elif parameter.kind is parameter.VAR_KEYWORD:
            for names, value in ((SPARK, spark), (CONFIG, content)):
                if not passed.keys() & set(names):
                    passed[names[0]] = value
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL:
            known = ", ".join(f"`{known}`" for known in (SPARK[0], *CONFIG))
            raise DefinitionError(
                f"`{cls.__qualname__}` ({_place(cls.__init__)}) requires `{name}`; a pipeline can be given {known}"
            )
    instance = cls(**passed)
    if not hasattr(instance, "spark"):
        with contextlib.suppress(AttributeError):  # a class with `__slots__` keeps what it wants to keep
            instance.spark = spark
    return instance


def _query(instance: Any, dataset: Dataset, module: str, parameters: Sequence[str]) -> engine.Query:
    """A function of no arguments for the engine, which calls it when and as often as it likes."""
    method = _method(instance, dataset)
    at = f"{dataset.at}: dataset `{dataset.name}`, method `{dataset.func_name}` ({_place(method)})"
    required = [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if required:
        raise DefinitionError(f"{at} requires `{required[0]}`, but the engine calls it without arguments")

    def query() -> Any:
        with _arguments(module, parameters):
            frame = method()
        if not hasattr(frame, "select"):
            raise DefinitionError(f"{at} must return a Spark DataFrame, and returned `{type(frame).__name__}`")
        return frame

    query.__name__ = query.__qualname__ = dataset.name
    return query


def _method(instance: Any, dataset: Dataset) -> Callable[[], Any]:
    method = getattr(instance, dataset.func_name, None)
    if callable(method):
        return method
    cls = type(instance)
    public = [name for name, _ in inspect.getmembers(cls, callable) if not name.startswith("__")]
    near = difflib.get_close_matches(dataset.func_name, public, 1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise DefinitionError(f"{dataset.at}.func_name: `{cls.__qualname__}` has no method `{dataset.func_name}`{hint}")


def _place(function: Any) -> str:
    """`file:line` of a function, or its module where it has no source."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else f"module {getattr(function, '__module__', '?')}"
