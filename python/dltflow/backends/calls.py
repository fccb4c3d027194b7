"""What a backend gives for a plan: calls of the engine, made before the first is called."""

from __future__ import annotations

from typing import Any, Callable

from ..plan import Query

Call = Callable[[], Any]
Function = Callable[..., Any]
Bind = Callable[[str, Query], Function]


def named(query: Function, name: str) -> Function:
    """A function of its own, without arguments, that engines call after `name`."""

    def function() -> Any:
        return query()

    function.__name__ = function.__qualname__ = name
    return function
