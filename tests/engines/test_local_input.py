"""Rows of tables that a pipeline reads and nobody makes, from `local` in the project."""

import pytest
from dltflow.errors import LocalInputError
from rows import rows

READERS = """
def by_name(self):
    return self.spark.read.table("raw.orders")
def whatever_its_case(self):
    return self.spark.table("`RAW`.Items")
def by_sql(self):
    return self.spark.sql("select id from raw.lines join raw.orders using (id)")
def without_schema(self):
    return self.spark.table("flat")
def given(self, orders):
    return orders.selectExpr("id", "qty * 2 as twice")
"""
ENTRIES = [
    {"func_name": "by_name", "kind": "table", "expectations": {"some": "qty > 0"}, "expectation_action": "drop"},
    {"func_name": "whatever_its_case", "kind": "table"},
    {"func_name": "by_sql", "kind": "table"},
    {"func_name": "without_schema", "kind": "table"},
    {"func_name": "given", "kind": "table", "inputs": {"orders": "raw.orders"}},
]


def orders(project):
    project.write("local/raw/orders.csv", "id,item,qty\n1,apples,3\n2,,0\n")


def test_each_format_is_read_however_its_table_is_named(project):
    orders(project)
    project.write("local/Raw2/unrelated.csv", "x\n1\n")
    project.write("local/raw/ITEMS.json", '{"item": "apples", "price": 0.5}\n{"item": "pears", "price": 1}\n')
    project.write("local/flat.json", '[{"x": 1},\n {"x": 2}]')
    lines = project.spark.range(1, 3).write.option("compression", "uncompressed")  # other codecs are native code
    lines.parquet(str(project.folder / "local" / "raw" / "lines.parquet"))
    report = project.run(READERS, ENTRIES)
    assert rows(report, "by_name") == [(1, "apples", 3)], "numbers are numbers"
    assert rows(report, "whatever_its_case", "item", "price") == [("apples", 0.5), ("pears", 1.0)]
    assert rows(report, "by_sql") == [(1,), (2,)]
    assert rows(report, "without_schema") == [(1,), (2,)]
    assert rows(report, "given") == [(1, 6), (2, 0)]


def test_a_stream_reads_a_file_once_and_then_what_is_new(project):
    orders(project)
    project.write("local/raw/clicks.csv/1.csv", "id\n1\n")
    methods = """
    def ordered(self):
        return self.spark.readStream.table("raw.orders")
    def clicked(self):
        return self.spark.readStream.table("raw.clicks")
    """
    entries = [{"func_name": name, "kind": "table", "is_streaming_table": True} for name in ("ordered", "clicked")]
    report = project.run(methods, entries)
    assert (len(rows(report, "ordered")), rows(report, "clicked")) == (2, [(1,)])
    project.write("local/raw/clicks.csv/2.csv", "id\n2\n")
    report = project.run(methods, entries)
    assert (report.dataset("ordered").rows, report.dataset("clicked").rows) == (0, 1)
    assert (len(rows(report, "ordered")), rows(report, "clicked")) == (2, [(1,), (2,)])


def test_what_a_pipeline_makes_is_not_read_from_local_input(project):
    orders(project)
    project.write("local/made.csv", "id\n7\n8\n9\n")
    methods = """
    def made(self):
        return self.spark.table("raw.orders").select("id")
    def reader(self):
        return self.spark.table("made")
    """
    report = project.run(methods, [{"func_name": "made", "kind": "table"}, {"func_name": "reader", "kind": "table"}])
    assert rows(report, "reader") == [(1,), (2,)]


@pytest.mark.only("spark", reason="there is no catalog on Spark's own pipelines here")
def test_a_catalog_has_a_folder_of_its_own_or_shares_those_of_schemas(project):
    orders(project)
    project.write("local/main/raw/customers.csv", "id\n1\n")
    project.write("local/raw/customers.csv", "id\n2\n3\n")
    methods = """
    def own(self):
        return self.spark.table("main.raw.customers")
    def other(self):
        return self.spark.read.table("test.raw.customers")
    def shared(self):
        return self.spark.table("main.raw.orders").select("id")
    """
    report = project.run(methods, [{"func_name": name, "kind": "table"} for name in ("own", "other", "shared")])
    assert [rows(report, name) for name in ("own", "other", "shared")] == [[(1,)], [(2,), (3,)], [(1,), (2,)]]


@pytest.mark.only("sdp", reason="plain Spark reads a table of any catalog")
def test_a_table_of_a_catalog_is_refused_with_what_to_do(project):
    orders(project)
    with pytest.raises(LocalInputError, match="no catalog `main` here.*name only its schema"):
        project.run(
            'def a(self):\n    return self.spark.table("main.raw.orders")', {"func_name": "a", "kind": "table"}
        )


QUICK = pytest.mark.only("spark", reason="a run takes seconds there, and the error is made by the same code")
READS = [
    ('self.spark.read.table("raw.orders")', "raw.orders", "local/raw/orders.csv"),
    pytest.param('self.spark.table("main.raw.orders")', "main.raw.orders", "local/raw/orders.csv", marks=QUICK),
    pytest.param('self.spark.sql("select * from raw.orders")', "raw.orders", "local/raw/orders.csv", marks=QUICK),
    pytest.param('self.spark.table("Nowhere")', "nowhere", "local/nowhere.csv", marks=QUICK),
]


@pytest.mark.parametrize("read, name, file", READS)
def test_a_table_that_is_not_there_is_an_error_that_names_its_file(project, read, name, file):
    project.write("local/raw/other.csv", "id\n1\n")
    methods = f"""
    def a(self):
        return {read}
    def b(self):
        return self.spark.table("a")
    """
    with pytest.raises(LocalInputError) as raised:
        project.run(methods, [{"func_name": "b", "kind": "table"}, {"func_name": "a", "kind": "table"}])
    text = str(raised.value).replace(f"{project.folder}/", "")
    assert "config: dlt[1]: dataset `a`, method `a`" in text
    problem = f"there is no table `{name}`, and nothing here makes it"
    assert text.lower().endswith(f"{problem}: its rows belong in `{file}` (`.json`, `.parquet`)")


@pytest.mark.parametrize(
    "files, problem",
    [
        (
            {"orders.csv": "id\n1\n", "orders.json": '{"id": 1}'},
            "the rows of `raw.orders` are in `local/raw/orders.csv` and `local/raw/orders.json`: keep one",
        ),
        pytest.param({"orders.parquet": "no format"}, "`local/raw/orders.parquet` cannot be read", marks=QUICK),
    ],
)
def test_input_that_is_wrong_is_named_to_those_who_read_it_alone(project, files, problem):
    for name, text in files.items():
        project.write(f"local/raw/{name}", text)
    project.write("local/raw/other.csv", "id\n1\n")
    methods = """
    def a(self):
        return self.spark.read.table("raw.orders")
    def b(self):
        return self.spark.read.table("raw.other")
    """
    assert rows(project.run(methods, {"func_name": "b", "kind": "table"}), "b") == [(1,)]
    with pytest.raises(LocalInputError) as raised:
        project.run(methods, {"func_name": "a", "kind": "table"})
    assert problem in str(raised.value).replace(f"{project.folder}/", "")
