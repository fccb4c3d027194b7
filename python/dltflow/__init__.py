"""Author declarative pipelines as plain Python classes, described by configuration.

Importing this package needs nothing but the standard library: Spark, the pipelines module and a YAML reader are
looked for when a pipeline is launched.
"""

from .driver import launch, plan, shipped
from .errors import ConfigError, DefinitionError, DLTFlowError, ExpectationFailed
from .local import run_local

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "DLTFlowError",
    "DefinitionError",
    "ExpectationFailed",
    "__version__",
    "launch",
    "plan",
    "run_local",
    "shipped",
]
