"""What can be wrong with a pipeline, told before the engine sees it."""


class DLTFlowError(Exception):
    """The root of all errors of this package."""


class ConfigError(DLTFlowError):
    """The configuration says something that cannot be meant; the message starts with the file and the key."""


class DefinitionError(DLTFlowError):
    """A module, class or method does not fit what the configuration says of it."""
