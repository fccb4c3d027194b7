"""Starts Spark and redirects its output."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Union

LOG = "spark.log"

SMALL = {
    "spark.app.name": "dltflow",
    "spark.master": "local[2]",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
ELSEWHERE = ("SPARK_HOME", "SPARK_REMOTE", "SPARK_TESTING", "SPARK_CONNECT_MODE_ENABLED", "SPARK_API_MODE")


def session(conf: Mapping[str, str] = SMALL) -> Any:
    """The active session, or a new small one."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for key, value in conf.items():
        builder = builder.config(key, value)
    return SparkSession.getActiveSession() or builder.getOrCreate()


def only_this_installation() -> None:
    """Makes Spark use this Python and its pyspark, whatever the environment says about other installations."""
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable


@contextlib.contextmanager
def printing_to(path: Union[str, os.PathLike[str]]) -> Iterator[None]:
    """Appends the output of this context to the file at `path`, and all output of processes that are started in it."""
    kept = [os.dup(number) for number in (1, 2)]
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    try:
        with open(path, "ab") as file:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
        yield
    finally:
        for number, copy in zip((1, 2), kept):
            os.dup2(copy, number)
            os.close(copy)
