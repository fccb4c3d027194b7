"""The mixin of a class whose methods are datasets."""

from __future__ import annotations

from typing import Any

REGISTERED = "`dltflow.launch` registers its datasets, a pipeline has no method for it"
GIVEN = "name a parameter `{}` in `__init__`, which receives it"
LOGGED = "use `logging.getLogger(__name__)`"
HINTS = {
    "launch": REGISTERED,
    "apply_dlt": REGISTERED,
    "spark": GIVEN.format("spark"),
    "_conf": GIVEN.format("config"),
    "_logger": LOGGED,
    "setup_spark_logger": LOGGED,
}


class DLTMetaMixin:
    """Declares that the `dlt` section of a configuration describes the class.

    It does nothing by itself: the class is constructed and its methods are called like those of any other, so that
    they can be tested without a pipeline. `dltflow.launch` registers them.
    """

    def __getattr__(self, name: str) -> Any:
        hint = f"; {HINTS[name]}" if name in HINTS else ""
        raise AttributeError(f"`{type(self).__name__}` has no attribute `{name}`{hint}")
