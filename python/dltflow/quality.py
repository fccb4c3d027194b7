"""The mark of a class whose methods are datasets."""


class DLTMetaMixin:
    """Marks a class that is described by the `dlt` section of its configuration.

    It does nothing by itself: a marked class is constructed and its methods are called like those of any other,
    so that they can be tested without a pipeline. `dltflow.launch` registers them.
    """
