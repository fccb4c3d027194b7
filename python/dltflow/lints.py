"""Lints for pipeline methods: calls that no engine accepts in a query, found in the source without running it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .classes import place

ACTIONS = {
    "collect": "runs the query",
    "count": "runs the query",
    "toPandas": "runs the query",
    "show": "runs the query",
    "take": "runs the query",
    "foreach": "runs the query",
    "pivot": "runs the query to find its columns",
    "save": "writes",
    "saveAsTable": "writes",
    "insertInto": "writes",
    "toTable": "starts a stream of its own",
    "foreachBatch": "starts a stream of its own",
    "awaitTermination": "starts a stream of its own",
}
GROUPS = ("groupBy", "groupby", "rollup", "cube", "pivot")


@dataclass(frozen=True)
class Method:
    """A method in its source."""

    path: str
    cls: str
    tree: ast.FunctionDef


def warnings_of(cls: type, methods: Iterable[str]) -> list[str]:
    """A warning for each such call in `methods` of `cls`, and in the methods that these call on `self`.

    Before them comes the warning about a `launch` method, which nothing calls.
    """
    defined: dict[str, Method] = {}
    for base in reversed(cls.__mro__):
        defined.update((method.tree.name, method) for method in _methods(base))
    found = (warning for name in _reached(defined, methods) for warning in _calls(defined[name]))
    return list(dict.fromkeys([*_launch(cls), *found]))


def _launch(cls: type) -> Iterator[str]:
    launch = getattr(cls, "launch", None)
    if launch is not None:
        what = f"`{cls.__qualname__}.launch` is not called"
        yield f"{place(launch)}: {what}: `dltflow.launch` registers what the `dlt` section names"


def _methods(cls: type) -> list[Method]:
    """The methods that a class defines; none if there is no source to read."""
    try:
        path = inspect.getsourcefile(cls) or ""
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (TypeError, OSError, SyntaxError, ValueError):
        return []
    classes = [item for item in ast.walk(tree) if isinstance(item, ast.ClassDef) and item.name == cls.__name__]
    body = [item for item in classes[0].body if isinstance(item, ast.FunctionDef)] if classes else []
    return [Method(path, cls.__qualname__, item) for item in body]


def _reached(defined: dict[str, Method], methods: Iterable[str]) -> list[str]:
    reached: list[str] = []
    waiting = [name for name in dict.fromkeys(methods) if name in defined]
    while waiting:
        name = waiting.pop(0)
        reached.append(name)
        called = {item.attr for item in ast.walk(defined[name].tree) if _is_of_self(item)}
        waiting += sorted(called & defined.keys() - {*reached, *waiting})
    return reached


def _is_of_self(item: ast.AST) -> bool:
    return isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == "self"


def _calls(method: Method) -> Iterator[str]:
    for call in (item for item in ast.walk(method.tree) if isinstance(item, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in ACTIONS and not _harmless(call.func):
            what = f"`{method.cls}.{method.tree.name}` calls `{call.func.attr}`, which {ACTIONS[call.func.attr]}"
            yield f"{method.path}:{call.lineno}: {what}: engines refuse that"


def _harmless(called: ast.Attribute) -> bool:
    """`count` of a group is a query; that of a module (`F.count`) or of `self` is not an action either."""
    inner = called.value
    if isinstance(inner, ast.Name):
        return inner.id in ("self", "F", "f", "functions", "math", "itertools") or inner.id[:1].isupper()
    grouped = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in GROUPS
    return called.attr == "count" and (grouped or isinstance(inner, ast.Constant))
