"""Lints find calls that engines refuse, without running the methods."""

import dltflow
import pytest

SOURCE = """
import os
os.environ["IMPORTED"] = "yes"
from dltflow.quality import DLTMetaMixin
from pyspark.sql import functions as F

class Base(DLTMetaMixin):
    def shared(self, df):
        return df.groupBy("x").pivot("y").count()

class Pipeline(Base):
    def good(self):
        df = self.spark.table("t")
        df = df.groupBy("x").count().withColumn("n", F.count("x"))
        return df.select("a,b".count(","))

    def bad(self):
        df = self.spark.table("t")
        if df.count() > 3 and df.collect():
            df.toPandas()
        return self.inner(df)

    def inner(self, df):
        df.write.saveAsTable("x")
        df.writeStream.foreachBatch(print)
        return self.shared(df)

    def unused(self):
        return self.spark.table("t").collect()
"""


@pytest.mark.case(36)
def test_a_call_in_a_method_or_in_what_it_calls_is_named_with_its_line(project):
    path = project.write("linted.py", SOURCE)
    graph = dltflow.plan({"dlt": {"func_name": "bad", "kind": "table"}}, "linted")
    refused = ": engines refuse that"
    assert sorted(graph.warnings) == sorted(
        f"{path}:{line}: `{method}` calls `{call}`, which {does}{refused}"
        for line, method, call, does in [
            (9, "Base.shared", "pivot", "runs the query to find its columns"),
            (19, "Pipeline.bad", "count", "runs the query"),
            (19, "Pipeline.bad", "collect", "runs the query"),
            (20, "Pipeline.bad", "toPandas", "runs the query"),
            (24, "Pipeline.inner", "saveAsTable", "writes"),
            (25, "Pipeline.inner", "foreachBatch", "starts a stream of its own"),
        ]
    )
    assert dltflow.plan({"dlt": {"func_name": "good", "kind": "table"}}, "linted").warnings == ()
