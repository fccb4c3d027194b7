"""What a backend makes of a graph: calls of the engine, all prepared before the first is made."""

from __future__ import annotations

from typing import Any, Callable

from ..graph import Query

Call = Callable[[], Any]
Function = Callable[..., Any]
Bind = Callable[[str, Query], Function]


def named(query: Function, name: str) -> Function:
    """A new function without arguments that is called `name`, which engines name the dataset after."""

    def function() -> Any:
        return query()

    function.__name__ = function.__qualname__ = name
    return function
