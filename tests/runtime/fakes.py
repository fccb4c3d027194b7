"""Strict stand-ins for the modules of a pipeline: they take the documented parameters and nothing else."""

import inspect
import sys
import types

TABLE = "comment spark_conf table_properties partition_cols path schema cluster_by row_filter"
CHANGES = (
    "target source keys sequence_by where=None ignore_null_updates=None apply_as_deletes=None apply_as_truncates=None "
    "column_list=None except_column_list=None stored_as_scd_type='1' track_history_column_list=None "
    "track_history_except_column_list=None {name}=None once=False ignore_null_updates_column_list=None "
    "ignore_null_updates_except_column_list=None columns_to_update=None"
)
SNAPSHOTS = (
    "target source keys stored_as_scd_type snapshot_and_version=None track_history_column_list=None "
    "track_history_except_column_list=None"
)
EXPECTATIONS = ("expect_all", "expect_all_or_drop", "expect_all_or_fail")

# `databricks-dlt` 0.3.0, and `create_sink`, which is documented beside it.
DLT = {
    "dataset": {
        "table": f"{TABLE} temporary",
        "view": "comment spark_conf",
    },
    "call": {
        "create_streaming_table": "name " + " ".join(f"{item}=None" for item in (*TABLE.split(), *EXPECTATIONS)),
        "apply_changes": CHANGES.format(name="flow_name"),
        "apply_changes_from_snapshot": SNAPSHOTS,
        "create_sink": "name format options=None",
    },
}
# Databricks' `pyspark.pipelines`, as its documentation describes it.
DP = {
    "dataset": {
        "table": f"{TABLE} cluster_by_auto private",
        "materialized_view": f"{TABLE} cluster_by_auto private refresh_policy",
        "temporary_view": "comment spark_conf",
    },
    "call": {
        "create_streaming_table": DLT["call"]["create_streaming_table"] + " cluster_by_auto=None",
        "create_auto_cdc_flow": CHANGES.format(name="name"),
        "create_auto_cdc_from_snapshot_flow": SNAPSHOTS,
        "create_sink": "name format options=None",
    },
}


def engine(name, functions):
    """A module with `functions`; `calls` is what it was asked, `queries` what its datasets and flows are filled by."""
    module = types.ModuleType(name)
    module.calls, module.queries = [], {}

    def dataset(kind, parameters):
        def declare(query_function=None, **options):
            assert query_function is None, f"`{kind}` decorates with a name"

            def decorate(query):
                assert not inspect.signature(query).parameters, "a dataset's function takes no arguments"
                given = {key: value for key, value in options.items() if key != "name"}
                module.calls.append((kind, options["name"], given, getattr(query, "expectations", {})))
                module.queries[options["name"]] = query
                return query

            return decorate

        return _strict(kind, "query_function=None name=None " + parameters, declare)

    def call(kind, parameters):
        def record(**options):
            name = options.get("name") if kind.startswith("create_s") else options.get("target")
            given = {key: value for key, value in options.items() if not (key == "name" and name == value)}
            module.calls.append((kind, name, given, {}))

        return _strict(kind, parameters, record)

    for kind, parameters in functions["dataset"].items():
        setattr(module, kind, dataset(kind, " ".join(f"{item}=None" for item in parameters.split())))
    for kind, parameters in functions["call"].items():
        setattr(module, kind, call(kind, parameters))
    module.append_flow = dataset("append_flow", "target=None comment=None spark_conf=None once=False")
    for kind in EXPECTATIONS:
        setattr(module, kind, _expecting(kind))
    return module


def _strict(name, parameters, function):
    """`function` with exactly these parameters, so that its signature can be read and others are a `TypeError`."""
    listed = ", ".join(parameters.split())
    names = [item.split("=")[0] for item in parameters.split()]
    scope = {"function": function, "given": lambda found: {k: v for k, v in found.items() if v not in (None, False)}}
    body = "return function(**given({" + ", ".join(f"'{item}': {item}" for item in names) + "}))"
    exec(f"def {name}({listed}): {body}", scope)
    return scope[name]


def _expecting(kind):
    def expect(expectations):
        def attach(query):
            if not callable(query):
                raise TypeError(f"{kind} goes above the dataset")

            def checked():
                return query()

            checked.expectations = {**getattr(query, "expectations", {}), kind: dict(expectations)}
            return checked

        return attach

    return expect


class DataFrame:
    """Rows that only remember; `asked` is what was called on them."""

    def __init__(self, rows=(), columns=(), asked=()):
        self.rows, self.columns, self.asked = rows, columns, asked

    def __getitem__(self, column):
        return Column([row[self.columns.index(column)] for row in self.rows])

    def withColumn(self, name, column):
        if not isinstance(column, Column):
            return self._with("withColumn", name, column)
        return DataFrame([(*row, value) for row, value in zip(self.rows, column.values)], [*self.columns, name])

    def _with(self, *call):
        return DataFrame(self.rows, self.columns, (*self.asked, call))

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given: self._with(name, *given)


class Column:
    def __init__(self, values):
        self.values = values

    def __add__(self, other):
        return Column([a + b for a, b in zip(self.values, other.values)])


class Reader:
    def __init__(self, kind):
        self.kind = kind

    def table(self, name):
        return DataFrame(asked=((self.kind, name),))


class SparkSession:
    read, readStream = Reader("read"), Reader("readStream")

    @staticmethod
    def getActiveSession():
        return SparkSession()

    def createDataFrame(self, rows, columns):
        return DataFrame(rows, columns)


class Expression:
    """An expression of Spark as text."""

    def __init__(self, text):
        self.text = text

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given: Expression(f"{self.text}.{name}({', '.join(map(str, given))})")

    def __or__(self, other):
        return Expression(f"({self} | {other})")

    def __sub__(self, other):
        return Expression(f"({self} - {other})")

    def __gt__(self, other):
        return Expression(f"({self} > {other})")

    def __invert__(self):
        return Expression(f"~{self}")

    def __str__(self):
        return self.text

    __repr__ = __str__


def fake_pyspark():
    """What of `pyspark` a pipeline imports."""
    pyspark, sql = types.ModuleType("pyspark"), types.ModuleType("pyspark.sql")
    functions = types.ModuleType("pyspark.sql.functions")
    functions.__getattr__ = lambda name: getattr(Expression("F"), name)
    sql.DataFrame, sql.SparkSession, sql.functions, pyspark.sql = DataFrame, SparkSession, functions, sql
    return {"pyspark": pyspark, "pyspark.sql": sql, "pyspark.sql.functions": functions}


def fake_yaml():
    """Enough of `yaml` for modules that only import it."""
    yaml = types.ModuleType("yaml")
    yaml.safe_load = None
    return {"yaml": yaml}


def install(name="dlt"):
    """Puts the stand-ins into `sys.modules` and returns the engine (`dlt` or `dp`) among them."""
    sys.modules.update(fake_pyspark())
    if name == "dp":
        module = engine("pyspark.pipelines", DP)
        sys.modules["pyspark.pipelines"] = sys.modules["pyspark"].pipelines = module
    else:
        module = engine("dlt", DLT)
        for kind in ("read", "read_stream"):
            setattr(module, kind, lambda name, kind=kind: DataFrame(asked=((f"dlt.{kind}", name),)))
        sys.modules["dlt"] = module
    try:
        import yaml  # noqa: F401
    except ImportError:
        sys.modules.update(fake_yaml())
    return module
