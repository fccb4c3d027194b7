"""A Spark Connect server in this process, on a free port, for Spark's own pipelines."""

from __future__ import annotations

import logging
import os
from typing import Any

from ...errors import DLTFlowError
from .. import jvm

CONNECT = {
    **jvm.SMALL,
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",
    "spark.sql.parquet.compression.codec": "uncompressed",  # codecs of native code are not on every machine
}
MODE = {"SPARK_CONNECT_MODE_ENABLED": "1", "SPARK_LOCAL_REMOTE": "1"}  # as pyspark does when it starts a server itself
OLDEST = (4, 1)


class Server:
    """Runs from its construction until `stop` or the end of this process, with any number of sessions.

    Raises `DLTFlowError` if this Python's Spark has no pipelines, or runs already.
    """

    def __init__(self, folder: str) -> None:
        """Appends the output of Spark to `spark.log` in `folder`."""
        import pyspark

        if tuple(map(int, pyspark.__version__.split(".")[:2])) < OLDEST:
            raise DLTFlowError(f"the engine `sdp` needs Spark 4.1 or newer, and this is {pyspark.__version__}")
        if pyspark.SparkContext._active_spark_context:
            raise DLTFlowError("the engine `sdp` needs a process without another Spark")
        jvm.only_this_installation()
        options = {**CONNECT, "spark.sql.warehouse.dir": os.path.join(folder, "warehouse")}
        conf = pyspark.SparkConf().setAll(list(options.items()))
        with jvm.printing_to(os.path.join(folder, jvm.LOG)):
            self.context = pyspark.SparkContext(conf=conf)
        service = getattr(self.context._jvm, "org.apache.spark.sql.connect.service.SparkConnectService$")
        self.url = f"sc://127.0.0.1:{getattr(service, 'MODULE$').localPort()}"
        self.sessions: list[Any] = []
        os.environ.update(MODE)
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it logs errors that are raised as well

    def session(self) -> Any:
        """A new session, which becomes that of this thread."""
        from pyspark.sql.connect.session import SparkSession

        short = {"spark.sql.connect.serverStacktrace.enabled": "false", "spark.sql.session.timeZone": "UTC"}
        self.sessions.append(SparkSession.builder.remote(self.url).config(map=short).create())
        return self.sessions[-1]

    def stop(self) -> None:
        """Ends all sessions, as an open one would look for its server for minutes when this process exits."""
        for session in self.sessions:
            session.client.close()
        for name in MODE:
            os.environ.pop(name, None)
        self.context.stop()
