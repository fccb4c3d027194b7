"""The pipeline class of a module: which one it is, how it is constructed, what its methods take."""

from __future__ import annotations

import contextlib
import importlib
import inspect
from types import ModuleType
from typing import Any, Optional, Union

from .errors import ConfigError, DefinitionError
from .graph import Query
from .quality import DLTMetaMixin
from .schema import near

SPARK = ("spark", "spark_")
CONFIG = ("init_conf", "config", "conf")


def find(target: Union[str, type], method: Optional[str] = None) -> type:
    """The class that `target` is or names; in a module without the mixin, the one that has `method`."""
    if not isinstance(target, str):
        return target
    name, _, class_name = target.partition(":")
    module = importlib.import_module(name)
    if not class_name:
        return _only_class(module, method)
    found = getattr(module, class_name, None)
    if not inspect.isclass(found):
        raise DefinitionError(f"{_named(module)} defines no class `{class_name}`{near(class_name, _classes(module))}")
    return found


def _only_class(module: ModuleType, method: Optional[str]) -> type:
    defined = list(_classes(module).values())
    with_mixin = _leaves([cls for cls in defined if issubclass(cls, DLTMetaMixin)])
    candidates = with_mixin or _leaves([cls for cls in defined if method and callable(getattr(cls, method, None))])
    if len(candidates) == 1:
        return candidates[0]
    where = _named(module)
    if candidates:
        names = ", ".join(f"`{cls.__qualname__}`" for cls in candidates)
        raise DefinitionError(f"{where} defines several pipeline classes ({names}): keep one in a module")
    expected = f" or a method `{method}`" if method else ""
    names = ", ".join(f"`{cls.__qualname__}`" for cls in defined) or "none"
    raise DefinitionError(f"{where} defines no class with `DLTMetaMixin`{expected}; its classes: {names}")


def _classes(module: ModuleType) -> dict[str, type]:
    items = vars(module).items()
    return {name: item for name, item in items if inspect.isclass(item) and item.__module__ == module.__name__}


def _leaves(classes: list[type]) -> list[type]:
    """The classes without those that another one inherits from; one that has two names counts once."""
    distinct = list(dict.fromkeys(classes))
    return [cls for cls in distinct if not any(other is not cls and issubclass(other, cls) for other in distinct)]


def _named(module: ModuleType) -> str:
    return f"module `{module.__name__}` ({module.__file__})"


def construct(cls: type, spark: Any, content: Any) -> Any:
    """Passes the constructor what its parameters name, and sets the session on an object that did not keep one."""
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
                f"`{cls.__qualname__}` ({place(cls.__init__)}) requires `{name}`; a pipeline class can take {known}"
            )
    try:
        instance = cls(**passed)
    except TypeError as error:
        if not str(error).startswith("object.__init__()"):
            raise
        where = f"`{cls.__qualname__}` ({place(cls.__init__)}), line {line_of(error, cls.__init__)}"
        raise DefinitionError(f"{where}: `DLTMetaMixin` takes no arguments: write `super().__init__()`") from error
    if not hasattr(instance, "spark"):
        with contextlib.suppress(AttributeError):  # a class with `__slots__` may have no place for it
            instance.spark = spark
    return instance


def check(cls: type, name: str, query: Query) -> str:
    """Refuses a `query` whose method cannot be called with its inputs; returns how messages name it.

    `name` is the dataset that it fills.
    """
    method = getattr(cls, query.func_name, None)
    if not callable(method):
        public = [item for item, _ in inspect.getmembers(cls, callable) if not item.startswith("__")]
        hint = near(query.func_name, public)
        raise DefinitionError(f"{query.at}.func_name: `{cls.__qualname__}` has no method `{query.func_name}`{hint}")
    where = f"{query.at}: dataset `{name}`, method `{query.func_name}` ({place(method)})"
    parameters = _parameters(cls, query)
    names = [item.name for item in parameters]
    anything = any(item.kind is item.VAR_KEYWORD for item in parameters)
    for given in query.inputs:
        if given not in names and not anything:
            problem = f"`{query.func_name}` ({place(method)}) has no such parameter{near(given, names)}"
            raise ConfigError(f"{query.at}.inputs.{given}", problem)
    for item in parameters:
        required = item.default is item.empty and item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
        if required and item.name not in query.inputs:
            raise DefinitionError(f"{where} requires `{item.name}`: name the dataset that it is given in `inputs`")
    return where


def _parameters(cls: type, query: Query) -> list[inspect.Parameter]:
    """The parameters that inputs fill: without `self`, and without the version, which the engine passes."""
    method = getattr(cls, query.func_name)
    static = isinstance(inspect.getattr_static(cls, query.func_name), (staticmethod, classmethod))
    parameters = list(inspect.signature(method).parameters.values())
    return parameters[(0 if static else 1) + (1 if query.versioned else 0) :]


def place(function: Any) -> str:
    """`file:line` of a function, or its module if it has no source."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else f"module {getattr(function, '__module__', '?')}"


def line_of(error: BaseException, method: Any) -> int:
    """The line of the file of `method` that `error` went through last."""
    code = inspect.unwrap(method).__code__
    line, trace = code.co_firstlineno, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
