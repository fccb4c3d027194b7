"""What is told of an error of the pipeline or of Spark: where it came from, and its reason in one line."""

from __future__ import annotations

import contextlib
import os
import re
import traceback

from . import jvm

TRACEBACK = "Traceback (most recent call last):"
JAVA = re.compile(r"\s+at [\w.$<>/]+\(.*\)$|\s*\.\.\. \d+ (more|elided)$|Caused by: |\s*(Driver|JVM) stacktrace:")


def traced(error: BaseException) -> str:
    """The traceback without the frames of Java, which are in Spark's log."""
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
    return "\n".join(line for line in lines if not JAVA.match(line))


def reason(error: BaseException) -> str:
    """One line: a syntax error with its place, an error of Java by its first cause, one of a worker as Python told it."""
    if isinstance(error, SyntaxError) and error.filename:
        line = "" if error.lineno is None else f":{error.lineno}"
        return f"{error.filename}{line}: {type(error).__name__}: {error.msg}"
    java = getattr(error, "java_exception", None)
    text = "" if java is None else _first_cause(java)
    return _line(text or "".join(traceback.format_exception_only(type(error), error)))


def _first_cause(java: object) -> str:
    """Its class and message; nothing if Java has ended."""
    with contextlib.suppress(Exception):
        while java.getCause() is not None:
            java = java.getCause()
        return str(java.toString())
    return ""


def _line(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()] or ["failed"]
    if any(TRACEBACK in line for line in lines):
        last = max(number for number, line in enumerate(lines) if TRACEBACK in line)
        told = [line for line in lines[last + 1 :] if not line.startswith((" ", "\t")) and not JAVA.match(line)]
        lines = told or lines
    first = lines[0].strip()
    return f"{first} {lines[1].strip()}" if first.endswith(":") and len(lines) > 1 else first


class Log:
    """What a run adds to the log of Spark in `folder`."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, jvm.LOG)
        self.before = os.path.getsize(self.path) if os.path.exists(self.path) else 0

    def hint(self, reason: str) -> str:
        """Where to read on, if the log knows of the reason, or is all that a Java that did not start has left."""
        with contextlib.suppress(OSError), open(self.path, encoding="utf-8", errors="replace") as file:
            file.seek(self.before)
            added = file.read()
            message = reason.partition(": ")[2] or reason
            if message in added or ("JAVA_GATEWAY_EXITED" in reason and added.strip()):
                return f"; the output of Spark is in {self.path}"
        return ""
