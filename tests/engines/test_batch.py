"""Tables and views of rows that are not a stream."""

import threading

import dltflow
import pytest
from dltflow.errors import LocalInputError
from rows import counts, expectations, rows

EXACT = pytest.mark.only("spark", reason="Spark's pipelines find names only as they are written")
SOURCE = """
def source(self):
    return self.spark.createDataFrame([(1, "a"), (2, "b"), (3, None)], ["x", "y"])
def empty(self):
    return self.source().filter("x > 9")
"""


def table(name, *items, kind="table", **more):
    return {"func_name": name, "kind": kind, "expectations": expectations(*items), **more}


@pytest.mark.case(9, 11)
@pytest.mark.parametrize(
    "read, kind, turned",
    [
        ('self.spark.read.table("middle")', "view", False),
        ('self.spark.read.table("middle")', "view", True),
        ('self.spark.table("middle")', "table", True),
        ('self.spark.sql("select * from middle")', "view", True),
        ('self.spark.sql("select * from middle")', "table", False),
        pytest.param('self.spark.read.option("a", "b").table("`Middle`")', "table", True, marks=EXACT),
    ],
)
def test_datasets_read_one_another_whatever_their_order(project, read, kind, turned):
    methods = f'{SOURCE}\ndef middle(self):\n    return self.spark.table("source")\ndef last(self):\n    return {read}'
    middle = table("middle", ("m", "x < 3", "drop"), kind=kind)
    entries = [table("source"), middle, table("last", ("l", "x > 1", "allow"))]
    report = project.run(methods, entries[::-1] if turned else entries)
    assert rows(report, "last") == [(1, "a"), (2, "b")]
    assert counts(report, "last") == {"l": (1, 1)} and counts(report, "middle") == {"m": (2, 1)}


@pytest.mark.case(9)
@pytest.mark.only("spark", reason="a view of one session is not there in the session of a pipeline")
def test_names_outside_the_graph_are_those_of_the_catalog(project, spark):
    spark.range(3).createOrReplaceTempView("elsewhere")
    methods = 'def a(self):\n    return self.spark.table("elsewhere").union(self.spark.sql("select * from elsewhere"))'
    assert len(rows(project.run(methods, table("a")), "a")) == 6
    with pytest.raises(LocalInputError, match="no table `nowhere`.*local/nowhere.csv"):
        project.run('def a(self):\n    return self.spark.read.table("nowhere").select("x")', table("a"))


@pytest.mark.case(9)
def test_a_cycle_is_named(project):
    methods = "".join(f'def {a}(self):\n    return self.spark.table("{b}")\n' for a, b in ["ab", "bc", "ca"])
    with pytest.raises(dltflow.DefinitionError, match="cycle: `a` reads `b` reads `c` reads `a`|: `[abc]` reads `[abc]`$"):
        project.run(methods, [table(name) for name in "abc"])


@pytest.mark.case(11)
def test_a_parameter_is_given_its_dataset(project):
    methods = SOURCE + "def given(self, of):\n    return of.filter('x > 1')"
    report = project.run(methods, [table("given", inputs={"of": "source"}), table("source")])
    assert rows(report, "given", "x") == [(2,), (3,)]


@pytest.mark.case(14)
@pytest.mark.parametrize("action, kept", [("allow", 3), ("drop", 2), ("fail", None)])
def test_null_is_a_violation(project, action, kept):
    report = project.run(SOURCE, table("source", ("y", "y <> 'z'", action)))
    assert counts(report, "source") == {"y": (2, 1)}
    assert report.dataset("source").rows == kept
    assert [item.record for item in report.failed] == (['{"x":3,"y":null}'] if action == "fail" else [])


@pytest.mark.case(14)
def test_a_condition_that_is_always_null_is_met_by_none(project):
    items = [("n", "null", "allow"), ("m", "x > null -- and a remark", "allow")]
    assert counts(project.run(SOURCE, table("source", *items)), "source") == {"n": (0, 3), "m": (0, 3)}


@pytest.mark.case(15, 43)
def test_overlapping_violations_are_counted_by_name_and_dropped_once(project):
    methods = 'def a(self):\n    return self.spark.range(100000).withColumn("x", F.col("id") % 100)'
    kept = [("w", "x <> 7", "allow"), ("f", "x >= 0", "fail")]
    items = [*kept, ("d", "x < 90", "drop"), ("e", "x < 50 or x >= 95", "drop")]
    report = project.run(methods, table("a", *items))
    assert counts(report, "a") == {
        "w": (99000, 1000), "d": (90000, 10000), "e": (55000, 45000), "f": (100000, 0),
    }  # fmt: skip
    assert (report.dataset("a").rows, report.dataset("a").dropped) == (50000, 50000)
    assert report.read("a").count() == 50000


@pytest.mark.case(43)
def test_counts_are_those_of_the_companion_tables(project, spark):
    from dltflow import config
    from dltflow.expectations import counts as counted

    entry = table("a", ("w", "x <> 7", "allow"), ("d", "x < 90", "drop"), ("q", "y is not null", "quarantine"))
    methods = 'def a(self):\n    return self.spark.range(100000).selectExpr("id % 100 x", "nullif(id % 3, 0) y")'
    report = project.run(methods, entry)
    frame = spark.range(100000).selectExpr("id % 100 x", "nullif(id % 3, 0) y")
    companion = counted(frame, config.to_graph({"dlt": entry}).datasets[0]).collect()
    assert {row["expectation"]: (row["passed"], row["failed"]) for row in companion} == counts(report, "a")
    assert {row["dropped"] for row in companion} == {report.dataset("a").dropped} == {40000}
    assert report.dataset("a").quarantined == report.read("a__quarantine").count() == 33334


@pytest.mark.case(15, 43)
@pytest.mark.parametrize("kind", ["table", "view"])
def test_every_combination_of_many_expectations_is_counted(project, kind):
    methods = 'def a(self):\n    return self.spark.range(0, 4096, 1, 16)\ndef b(self):\n    return self.spark.table("a")'
    items = [(f"e{i}", f"shiftright(id, {i}) & 1 = 0", "drop" if i in (7, 11) else "allow") for i in range(12)]
    report = project.run(methods, [table("a", *items, kind=kind), table("b")])
    assert counts(report, "a") == {f"e{i}": (2048, 2048) for i in range(12)}
    assert (report.dataset("a").dropped, report.dataset("b").rows) == (3072, 1024)


@pytest.mark.case(16)
@pytest.mark.parametrize("ansi", ["true", "false"])
@pytest.mark.parametrize("constraint", ["nothing > 1", "y", "x", "'true'", "cast(null as string)", "sum(x) > 1", "x >"])
def test_an_invalid_condition_is_found_before_a_row_is_written(project, request, constraint, ansi):
    before = project.spark.conf.get("spark.sql.ansi.enabled")
    request.addfinalizer(lambda: project.spark.conf.set("spark.sql.ansi.enabled", before))
    project.spark.conf.set("spark.sql.ansi.enabled", ansi)
    with pytest.raises(dltflow.DefinitionError, match="dataset `source`, expectation `bad`: `.*` is not a valid"):
        project.run(SOURCE, [table("empty"), table("source", ("bad", constraint, "allow"))])
    assert not list(project.runs.glob("**/*.parquet"))


@pytest.mark.case(17)
@pytest.mark.parametrize("kind", ["table", "view"])
def test_no_rows_are_counted_as_none(project, kind):
    items = [(action, "x > 1", action) for action in ("allow", "drop", "fail", "quarantine")]
    methods = SOURCE + 'def last(self):\n    return self.spark.table("empty")'
    report = project.run(methods, [table("empty", *items, kind=kind), table("last")])
    assert counts(report, "empty") == {action: (0, 0) for action, _, _ in items}
    made = report.dataset("empty")
    assert (made.rows, made.dropped, made.quarantined) == (0, 0, 0) and rows(report, "empty__quarantine") == []


@pytest.mark.case(18)
def test_a_later_filter_hides_no_failure_of_a_view(project):
    methods = SOURCE + 'def last(self):\n    return self.spark.table("source").filter("x < 2").limit(1)'
    report = project.run(methods, [table("source", ("f", "x < 3", "fail"), kind="view"), table("last")])
    assert [(item.dataset, item.expectation, item.count) for item in report.failed] == [("source", "f", 1)]
    assert [(item.name, item.outcome) for item in report.datasets] == [("source", "failed"), ("last", "skipped")]


@pytest.mark.case(19)
@pytest.mark.parametrize("kind", ["table", "view"])
def test_rows_that_a_join_removes_cause_no_failure(project, kind):
    methods = SOURCE + (
        'def joined(self):\n    return self.source().join(self.spark.createDataFrame([(1,), (2,)], ["x"]), "x")\n'
        'def last(self):\n    return self.spark.table("joined")'
    )
    report = project.run(methods, [table("joined", ("f", "y is not null", "fail"), kind=kind), table("last")])
    assert report.failed == [] and rows(report, "last") == [(1, "a"), (2, "b")]


@pytest.mark.case(32)
@pytest.mark.parametrize("kind", ["table", "view"])
def test_quarantine_is_the_complement_with_the_names_of_what_failed(project, kind):
    items = [("q", "x <> 2", "quarantine"), ("r", "y <> 'b'", "quarantine"), ("w", "x < 2", "allow")]
    methods = SOURCE + 'def last(self):\n    return self.spark.table("source")'
    report = project.run(methods, [table("source", *items, kind=kind, quarantine={"table": "bad"}), table("last")])
    assert rows(report, "bad") == [(2, "b", ["q", "r"]), (3, None, ["r"])]
    assert rows(report, "last") == [(1, "a")]
    made = report.dataset("source")
    assert (made.rows, made.dropped, made.quarantined) == (1, 2, 2)
    assert (report.dataset("bad").kind, report.dataset("bad").rows) == ("quarantine", 2)


@pytest.mark.case(32)
def test_rows_of_a_quarantine_can_be_quarantined_again(project):
    methods = SOURCE + 'def again(self):\n    return self.spark.table("source__quarantine")'
    entries = [table("source", ("q", "x > 2", "quarantine")), table("again", ("r", "x > 1", "quarantine"))]
    report = project.run(methods, entries)
    assert rows(report, "again") == [(2, "b", ["q"])]
    assert rows(report, "again__quarantine") == [(1, "a", ["r"])]


@pytest.mark.case(32)
def test_a_dropped_row_is_in_quarantine_only_where_it_fails_that_too(project):
    items = [("d", "x > 1", "drop"), ("q", "x <> 2", "quarantine"), ("e", "x <> 2", "drop")]
    report = project.run(SOURCE, table("source", *items))
    assert (rows(report, "source"), rows(report, "source__quarantine")) == ([(3, None)], [(2, "b", ["q"])])
    assert (report.dataset("source").dropped, report.dataset("source").quarantined) == (2, 1)


@pytest.mark.case(32)
def test_both_tables_are_of_one_set_of_rows(project):
    methods = 'def a(self):\n    return self.spark.range(1000).withColumn("x", F.rand())'
    report = project.run(methods, table("a", ("q", "x < 0.5", "quarantine")))
    found = sorted(row[0] for name in ("a", "a__quarantine") for row in rows(report, name, "id"))
    assert found == list(range(1000))


@pytest.mark.case(32)
@pytest.mark.only("spark", reason="Spark's pipelines write by themselves")
def test_a_quarantine_leaves_the_settings_of_the_session_as_they_were(project, request):
    setting = "spark.sql.maxConcurrentOutputFileWriters"
    request.addfinalizer(lambda: project.spark.conf.unset(setting))
    project.spark.conf.set(setting, "7")
    project.run(SOURCE, table("source", ("q", "x > 1", "quarantine")))
    assert project.spark.conf.get(setting) == "7"


@pytest.mark.case(33)
@pytest.mark.only("spark", reason="what pipelines of Spark do not take is tested with their registry")
def test_what_has_no_effect_here_is_named(project, caplog):
    layout = {"comment": "c", "table_properties": {"a": "b"}, "partition_cols": ["x"]}
    options = {**layout, "row_filter": "ROW FILTER f ON (x)"}
    report = project.run(SOURCE, table("source", write_opts=options))
    assert len(rows(report, "source")) == 3
    assert [item.getMessage() for item in caplog.records if item.levelname == "WARNING"] == [
        "config: dlt.write_opts.row_filter: has no effect on plain Spark"
    ]


@pytest.mark.case(34)
@pytest.mark.only("spark", reason="Spark's pipelines make no schema: `test_sdp.py` has one made")
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    "read", ['read.table("silver.source")', 'sql("select source.x, silver.source.y from silver.source")']
)
def test_qualified_names_are_names_whether_the_schema_is_there_or_not(project, request, read, there):
    if there:
        project.spark.sql("CREATE DATABASE silver")
        request.addfinalizer(lambda: project.spark.sql("DROP DATABASE silver"))
    methods = SOURCE + f"def last(self):\n    return self.spark.{read}"
    entries = [{**table("last"), "name": "gold.last"}, {**table("source"), "name": "silver.source"}]
    report = project.run(methods, entries)
    assert rows(report, "gold.last") == [(1, "a"), (2, "b"), (3, None)]
    assert project.spark.catalog.databaseExists("silver") == there
    assert not project.spark.catalog.tableExists("silver.source")


@pytest.mark.case(34)
@pytest.mark.parametrize("name", ["nowhere.source", "default.nothing"])
def test_a_qualified_name_that_nobody_has_is_named_with_its_file(project, name):
    methods = SOURCE + f'def last(self):\n    return self.spark.sql("select * from {name}")'
    entries = [table("last"), {**table("source"), "name": "silver.source"}]
    with pytest.raises(LocalInputError, match=f"no table `{name}`.*/{name.replace('.', '/')}.csv"):
        project.run(methods, entries)


@pytest.mark.case(34)
@pytest.mark.only("spark", reason="Spark's pipelines have catalogs of their own")
def test_sql_text_cannot_read_a_name_with_a_catalog(project):
    methods = SOURCE + 'def last(self):\n    return self.spark.sql("select * from main.silver.source")'
    entries = [table("last"), {**table("source"), "name": "main.silver.source"}]
    with pytest.raises(dltflow.DefinitionError, match='SQL text looks for it: read it by `spark.table\\("main.silver'):
        project.run(methods, entries)


@pytest.mark.case(38)
def test_an_exception_of_a_method_stays_what_it_is_and_nothing_is_written(project):
    methods = SOURCE + "def broken(self):\n    return {}['no such key']"
    with pytest.raises(KeyError, match="no such key") as raised:
        project.run(methods, [table("source"), table("broken")])
    assert raised.traceback[-1].path.name == "the_module.py"
    assert not list(project.runs.glob("**/*.parquet"))


@pytest.mark.case(42)
@pytest.mark.only("spark", reason="on Spark's pipelines a failure loses what was there, as test_sdp shows")
def test_a_failure_leaves_its_tables_and_those_that_read_them_and_makes_the_others(project):
    methods = SOURCE.replace("[(1,", "[(self.first(),") + (
        'def first(self):\n    return json.load(open(self.FOLDER + "/first"))\n'
        'def reader(self):\n    return self.spark.table("source")\ndef other(self):\n    return self.source()'
    )
    items = [("f", "x > 0", "fail"), ("q", "x > 1", "quarantine")]
    entries = [table("source", *items), table("reader"), table("other")]
    project.write("first", "1")
    before = project.run(methods, entries)
    project.write("first", "-1")
    report = project.run(methods, entries)
    assert {item.name: item.outcome for item in report.datasets} == {
        "source": "failed", "source__quarantine": "skipped", "reader": "skipped", "other": "completed",
    }  # fmt: skip
    for name in ("source", "source__quarantine", "reader"):
        assert rows(report, name) == rows(before, name)
    assert rows(report, "source__quarantine") == [(1, "a", ["q"])] and (-1, "a") in rows(report, "other")


@pytest.mark.case(45)
@pytest.mark.only("spark", reason="two processes with pipelines of Spark are run by test_sdp")
def test_two_runs_at_once_and_one_again(project, tmp_path):
    project.run(SOURCE, table("source"), tmp_path / "one")
    found = {}

    def run(name):
        found[name] = dltflow.run_local("the_module", {"dlt": table("source")}, project.spark, folder=tmp_path / name)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [rows(found[name], "source") for name in ("one", "two")] == [[(1, "a"), (2, "b"), (3, None)]] * 2
    assert len(list((tmp_path / "one" / "tables" / "source").iterdir())) == 2
