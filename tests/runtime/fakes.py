"""Strict stand-ins for the modules of a pipeline: they take the documented parameters and nothing else."""

import sys
import types


def fake_dlt():
    """A module `dlt` with the signatures of Databricks' `databricks-dlt` 0.3.0; `calls` is what it was asked."""
    dlt = types.ModuleType("dlt")
    dlt.calls = []

    def dataset(kind, name, options, query_function):
        if name is None:
            raise TypeError(f"{kind} without a name is called after the function that it decorates")

        def declare(query):
            expectations = getattr(query, "expectations", {})
            dlt.calls.append((kind, name, options, expectations))
            dlt.queries[name] = query
            return query

        return declare(query_function) if query_function else declare

    dlt.queries = {}

    def table(
        query_function=None,
        name=None,
        comment=None,
        spark_conf=None,
        table_properties=None,
        partition_cols=None,
        path=None,
        schema=None,
        temporary=False,
        cluster_by=None,
        row_filter=None,
    ):
        return dataset("table", name, _given(locals()), query_function)

    def view(query_function=None, name=None, comment=None, spark_conf=None):
        return dataset("view", name, _given(locals()), query_function)

    def append_flow(name=None, target=None, comment=None, spark_conf=None, once=False):
        return dataset("append_flow", name, _given(locals()), None)

    def create_streaming_table(
        name,
        comment=None,
        spark_conf=None,
        table_properties=None,
        partition_cols=None,
        path=None,
        schema=None,
        expect_all=None,
        expect_all_or_drop=None,
        expect_all_or_fail=None,
        cluster_by=None,
        row_filter=None,
    ):
        dlt.calls.append(("create_streaming_table", name, _given(locals()), {}))

    def apply_changes(
        target,
        source,
        keys,
        sequence_by,
        where=None,
        ignore_null_updates=None,
        apply_as_deletes=None,
        apply_as_truncates=None,
        column_list=None,
        except_column_list=None,
        stored_as_scd_type="1",
        track_history_column_list=None,
        track_history_except_column_list=None,
        flow_name=None,
        once=False,
        ignore_null_updates_column_list=None,
        ignore_null_updates_except_column_list=None,
        columns_to_update=None,
    ):
        dlt.calls.append(("apply_changes", target, _given(locals()), {}))

    def expecting(kind):
        def expect(expectations):
            def attach(query):
                if not callable(query):
                    raise TypeError(f"{kind} stands above the dataset")
                held = dict(getattr(query, "expectations", {}))
                query.expectations = {**held, kind: dict(expectations)}
                return query

            return attach

        return expect

    for function in (table, view, append_flow, create_streaming_table, apply_changes):
        setattr(dlt, function.__name__, function)
    for kind in ("expect_all", "expect_all_or_drop", "expect_all_or_fail"):
        setattr(dlt, kind, expecting(kind))
    return dlt


def _given(arguments):
    """The options that differ from what the signature says by itself."""
    unset = (None, False, "1")
    ours = ("dlt", "dataset", "query_function", "name")
    return {key: value for key, value in arguments.items() if key not in ours and value not in unset}


def fake_pyspark():
    """The two names of `pyspark.sql` that a pipeline imports; frames only remember what was asked of them."""

    class DataFrame:
        def __init__(self, rows, columns):
            self.rows, self.columns = rows, columns

        def __getitem__(self, column):
            return Column([row[self.columns.index(column)] for row in self.rows])

        def select(self, *columns):
            return DataFrame([tuple(row[self.columns.index(c)] for c in columns) for row in self.rows], columns)

        def withColumn(self, name, column):
            return DataFrame([(*row, value) for row, value in zip(self.rows, column.values)], [*self.columns, name])

    class Column:
        def __init__(self, values):
            self.values = values

        def __add__(self, other):
            return Column([a + b for a, b in zip(self.values, other.values)])

    class SparkSession:
        @staticmethod
        def getActiveSession():
            return SparkSession()

        def createDataFrame(self, rows, columns):
            return DataFrame(rows, columns)

    pyspark, sql = types.ModuleType("pyspark"), types.ModuleType("pyspark.sql")
    sql.DataFrame, sql.SparkSession, pyspark.sql = DataFrame, SparkSession, sql
    return {"pyspark": pyspark, "pyspark.sql": sql}


def fake_yaml():
    """Enough of `yaml` for modules that only import it."""
    yaml = types.ModuleType("yaml")
    yaml.safe_load = None
    return {"yaml": yaml}


def install():
    """Puts the stand-ins into `sys.modules` and gives the `dlt` among them."""
    dlt = fake_dlt()
    sys.modules.update({"dlt": dlt, **fake_pyspark()})
    try:
        import yaml  # noqa: F401
    except ImportError:
        sys.modules.update(fake_yaml())
    return dlt
