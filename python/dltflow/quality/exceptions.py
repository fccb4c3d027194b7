"""The name under which errors were known; new code catches `dltflow.DLTFlowError`."""

from ..errors import DLTFlowError

DLTException = DLTFlowError

__all__ = ["DLTException"]
