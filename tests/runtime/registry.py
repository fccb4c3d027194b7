"""Launches entries in a pipeline of the real `pyspark.pipelines` that only records, without Java and without a server.

Run by `test_registry.py`, once for each version of Spark: cases come as JSON on standard input, `{name: entries}`, and
go as JSON to standard output, `{name: {"outputs": …, "flows": …, "warnings": …, "error": …}}`.
"""

import json
import logging
import sys
import types

import dltflow
import pyspark.pipelines
from dltflow.quality import DLTMetaMixin
from pyspark.pipelines.graph_element_registry import GraphElementRegistry, graph_element_registration_context

# What makes columns of text needs a client's dependencies; here text stays text.
columns = types.ModuleType("pyspark.sql.connect.functions.builtin")
columns.expr = columns.col = lambda text: text
sys.modules[columns.__name__] = columns


class Recorder(GraphElementRegistry):
    def __init__(self):
        self.outputs, self.flows = [], []

    def register_output(self, output):
        self.outputs.append([type(output).__name__, output.name, given(output)])

    def register_flow(self, flow):
        assert flow.func.__name__ == flow.name
        self.flows.append([flow.name, flow.target, flow.spark_conf])

    def register_auto_cdc_flow(self, flow):
        self.flows.append([flow.name, flow.target, given(flow)])

    def register_sql(self, sql_text, file_path):
        raise AssertionError("nothing is registered as SQL")


def given(element):
    left_out = ("name", "target", "source_code_location")
    fields = {key: value for key, value in vars(element).items() if key not in left_out}
    return {key: value for key, value in fields.items() if value not in (None, {}, [])}


class Pipeline(DLTMetaMixin):
    def a(self):
        raise AssertionError("registering calls nothing")

    b = a


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, record):
        self.found.append(record.getMessage())


def registered(entries):
    recorder, warnings = Recorder(), Warnings()
    logging.getLogger("dltflow").handlers = [warnings]
    error = None
    try:
        with graph_element_registration_context(recorder):
            dltflow.launch(Pipeline, spark="session", config={"dlt": entries})
    except dltflow.DLTFlowError as raised:
        error = f"{type(raised).__name__}: {raised}"
    return {"outputs": recorder.outputs, "flows": recorder.flows, "warnings": warnings.found, "error": error}


if __name__ == "__main__":
    print(json.dumps({name: registered(entries) for name, entries in json.load(sys.stdin).items()}))
