"""Which of the given options an engine's function takes, according to its signature."""

from __future__ import annotations

import inspect
import logging
from typing import Any, Callable

from ..errors import ConfigError
from ..graph import Options

log = logging.getLogger("dltflow")


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether `function` has a parameter `name`, or one that takes all names."""
    parameters = inspect.signature(function).parameters
    return name in parameters or any(item.kind is item.VAR_KEYWORD for item in parameters.values())


def refused(function: Callable[..., Any], options: Options, at: str) -> Options:
    """`options` as they are; one that `function` does not take is an error."""
    for name in options:
        if not takes(function, name):
            raise ConfigError(f"{at}.{name}", f"`{function.__name__}` of this engine has no such option")
    return options


def warned(function: Callable[..., Any], options: Options, at: str) -> Options:
    """Those of `options` that `function` takes; the others are omitted with a warning."""
    for name in options:
        if not takes(function, name):
            log.warning("%s.%s: has no effect: `%s` of this engine has no such option", at, name, function.__name__)
    return {name: value for name, value in options.items() if takes(function, name)}
