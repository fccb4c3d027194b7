"""The authoring runtime against a strict recording stand-in for the engine.

Run: `python3 -m unittest discover --start-directory tests/runtime`.
"""

import importlib
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

RUNTIME = pathlib.Path(__file__).resolve().parents[2] / "python"
# Modules of one name and size that are written within a second would be taken for one another.
sys.dont_write_bytecode = True
sys.path[:0] = [str(RUNTIME), str(pathlib.Path(__file__).parent)]

import dltflow  # noqa: E402
import fakes  # noqa: E402
import seed  # noqa: E402
from dltflow.config import datasets  # noqa: E402

METHODS = """
    import sys
    from dltflow.quality import DLTMetaMixin

    class Pipeline(DLTMetaMixin):
        def __init__(self, spark):
            self.spark = spark
        def a(self):
            return self.spark.createDataFrame([(1,)], ["x"])
        def b(self):
            return self.spark.createDataFrame([(2,)], ["x"])
"""


class Engine(unittest.TestCase):
    """A project folder on `sys.path`, and the engine's stand-ins in place of its modules."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        modules = mock.patch.dict(sys.modules)
        path = mock.patch.object(sys, "path", [str(self.folder), *sys.path])
        for patch in (modules, path):
            patch.start()
            self.addCleanup(patch.stop)
        self.dlt = fakes.install()
        importlib.invalidate_caches()

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content), encoding="utf-8")
        return str(path)

    def launch(self, source, entries=None, **options):
        self.write("the_module.py", source)
        if entries is not None:
            options["config"] = {"dlt": entries}
        dltflow.launch("the_module", **options)
        return self.dlt.calls


class Seed(Engine):
    def setUp(self):
        super().setUp()
        text = seed.document()
        if text is None:
            self.skipTest("shared/seed/dltflow-readme.md does not lie beside the checkout: not tested against it")
        self.write("samples/simple-dltflow-pipeline.py", seed.block("simple-dltflow-pipeline.py", text))
        self.config = self.write("conf/pipeline.json", seed.block("pipeline-code-config.json", text))

    def test_the_class_and_its_config_register_one_table_with_its_expectation(self):
        arguments = ["--conf", self.config]
        dltflow.launch("samples.simple-dltflow-pipeline", parameters=arguments, config=self.config)
        expectations = {"expect_all": {"check_addition": "result < 10"}}
        self.assertEqual(self.dlt.calls, [("table", "orchestrate", {}, expectations)])
        self.assertEqual([row[-1] for row in self.dlt.queries["orchestrate"]().rows], [3, 13, 6])

    def test_launching_again_registers_again(self):
        for _ in range(2):
            dltflow.launch("samples.simple-dltflow-pipeline", config=self.config)
        self.assertEqual(len(self.dlt.calls), 2)

    def test_the_class_works_without_a_launch(self):
        module = importlib.import_module("samples.simple-dltflow-pipeline")
        session = sys.modules["pyspark.sql"].SparkSession()
        self.assertEqual(len(module.MyPipeline(session).orchestrate().rows), 3)


class Registration(Engine):
    def test_entries_become_calls_in_the_order_of_the_config(self):
        both = [{"name": "x", "constraint": "x > 0"}, {"name": "y", "inv": "x < 9", "action": "fail"}]
        for entries, wanted in [
            (
                [
                    {"func_name": "b", "kind": "view", "expectations": {"ok": "x > 0"}, "expectation_action": "drop"},
                    {"func_name": "a", "kind": "table", "write_opts": {"comment": "all", "partition_cols": ["x"]}},
                ],
                [
                    ("view", "b", {}, {"expect_all_or_drop": {"ok": "x > 0"}}),
                    ("table", "a", {"comment": "all", "partition_cols": ["x"]}, {}),
                ],
            ),
            (
                {
                    "func_name": "a",
                    "kind": "table",
                    "is_streaming": True,
                    "expectations": both,
                    "write_opts": {"database": "s", "tablename": "t", "table_properties": {"p": True}},
                },
                [
                    (
                        "table",
                        "s.t",
                        {"table_properties": {"p": "true"}},
                        {"expect_all": {"x": "x > 0"}, "expect_all_or_fail": {"y": "x < 9"}},
                    )
                ],
            ),
            (
                [
                    {
                        "func_name": "a",
                        "kind": "table",
                        "append_config": {"target": "t"},
                        "expectations": {"ok": "x > 0"},
                        "write_opts": {"comment": "both"},
                    },
                    {"func_name": "b", "kind": "table", "append_config": {"target": "t", "name": "late", "once": True}},
                ],
                [
                    ("create_streaming_table", "t", {"comment": "both", "expect_all": {"ok": "x > 0"}}, {}),
                    ("append_flow", "a", {"target": "t"}, {}),
                    ("append_flow", "late", {"target": "t", "once": True}, {}),
                ],
            ),
            (
                {
                    "func_name": "a",
                    "kind": "table",
                    "expectations": {"ok": "x > 0"},
                    "apply_chg_config": {
                        "target": "t",
                        "keys": ["x"],
                        "sequence_by": "x",
                        "apply_as_deletes": "op = 'D'",
                        "stored_as_scd_type": 2,
                        "track_history_column_list": ["x"],
                        "name": "f",
                    },
                },
                [
                    ("view", "t__source", {}, {"expect_all": {"ok": "x > 0"}}),
                    ("create_streaming_table", "t", {}, {}),
                    (
                        "apply_changes",
                        "t",
                        {
                            "target": "t",
                            "source": "t__source",
                            "keys": ["x"],
                            "sequence_by": "x",
                            "apply_as_deletes": "op = 'D'",
                            "stored_as_scd_type": 2,
                            "track_history_column_list": ["x"],
                            "flow_name": "f",
                        },
                        {},
                    ),
                ],
            ),
            (
                [
                    {"func_name": "a", "kind": "table", "name": "one"},
                    {"func_name": "a", "kind": "table", "name": "two"},
                ],
                [("table", "one", {}, {}), ("table", "two", {}, {})],
            ),
        ]:
            with self.subTest(entries=entries):
                self.dlt.calls.clear()
                self.assertEqual(self.launch(METHODS, entries), wanted)

    def test_arguments_are_set_around_every_call_and_restored(self):
        before = list(sys.argv)
        self.launch(
            """
            import sys
            from dltflow.quality import DLTMetaMixin
            SEEN = [sys.argv[1:]]
            class Pipeline(DLTMetaMixin):
                def __init__(self):
                    SEEN.append(sys.argv[1:])
                def a(self):
                    SEEN.append(sys.argv[1:])
                    return self.spark.createDataFrame([], [])
            """,
            {"func_name": "a", "kind": "table"},
            parameters=["--date", "today"],
        )
        self.dlt.queries["a"]()
        self.assertEqual(sys.modules["the_module"].SEEN, [["--date", "today"]] * 3)
        self.assertEqual(sys.argv, before)

    def test_a_constructor_is_given_what_it_names(self):
        for signature, wanted in [
            ("self, spark", {"spark"}),
            ("self, spark_=None, *, conf", {"spark_", "conf"}),
            ("self, config, limit=3", {"config"}),
            ("self, init_conf, **kw", {"init_conf", "spark"}),
            ("self, *args, **kw", {"spark", "init_conf"}),
            ("self", set()),
        ]:
            with self.subTest(signature=signature):
                sys.modules.pop("the_module", None)
                source = (
                    textwrap.dedent(METHODS)
                    .replace("self, spark", signature, 1)
                    .replace(
                        "self.spark = spark",
                        "GIVEN.update({k: v for k, v in {**locals(), **locals().get('kw', {})}.items()"
                        " if k in ('spark', 'spark_', 'conf', 'config', 'init_conf')})",
                    )
                    + "GIVEN = {}\n"
                )
                self.launch(source, {"func_name": "a", "kind": "table"})
                given = sys.modules["the_module"].GIVEN
                self.assertEqual(set(given), wanted)
                for name, value in given.items():
                    self.assertEqual(name.startswith("spark"), hasattr(value, "createDataFrame"))

    def test_a_class_without_the_mixin_is_launched_by_its_method(self):
        source = """
            class Plain:
                called = []
                def __init__(self, config):
                    self.config = config
                def launch(self):
                    Plain.called.append(self.config)
        """
        self.launch(source, {"func_name": "a"}, method="launch")
        self.assertEqual(sys.modules["the_module"].Plain.called, [{"dlt": {"func_name": "a"}}])
        self.assertEqual(self.dlt.calls, [])

    def test_the_class_that_builds_upon_another_of_its_module_is_launched(self):
        source = textwrap.dedent(METHODS) + "class Orders(Pipeline):\n    pass\n"
        self.assertEqual(self.launch(source, {"func_name": "a", "kind": "table"}), [("table", "a", {}, {})])

    def test_a_config_in_yaml_is_read_by_what_the_cluster_has(self):
        sys.modules.update(fakes.fake_yaml())
        sys.modules["yaml"].safe_load = lambda text: {"dlt": {"func_name": text.strip(), "kind": "view"}}
        self.assertEqual(self.launch(METHODS, config=self.write("x.yml", "b")), [("view", "b", {}, {})])


class Mistakes(Engine):
    def refused(self, error, said, source, *arguments, **options):
        sys.modules.pop("the_module", None)
        with self.subTest(said=said), self.assertRaises(error) as caught:
            self.launch(source, *arguments, **options)
        for part in said:
            self.assertIn(part, str(caught.exception))
        self.assertEqual(self.dlt.calls, [])

    def test_config_that_cannot_be_meant_is_refused_with_its_place(self):
        good = {"func_name": "a", "kind": "table"}
        cdc = {"target": "t", "keys": ["x"], "sequence_by": "x"}
        view = {**good, "kind": "view"}
        for entries, said in [
            ([], "config: there is no `dlt` section"),
            ("a", 'config: dlt: must be a mapping, not `"a"`'),
            ({"kind": "table"}, "config: dlt: `func_name` is missing"),
            ({**good, "expectation": []}, "dlt: unknown key `expectation`; did you mean `expectations`?"),
            (
                [{**good, "kind": "tabel"}],
                'dlt[0].kind: must be one of `table`, `view`, not `"tabel"`; did you mean `table`?',
            ),
            ({**good, "expectation_action": "warn"}, "dlt.expectation_action: must be one of `allow`, `drop`, `fail`"),
            (
                {**good, "expectations": [{"name": "x", "constrain": "y"}]},
                "dlt.expectations[0]: unknown key `constrain`; did",
            ),
            ({**good, "expectations": [{"name": "x", "inv": "y"}] * 2}, "dlt.expectations[1].name: `x` is the name of"),
            ({**good, "is_streaming": True, "is_streaming_table": True}, "`is_streaming` is an older name of"),
            ({**good, "is_streaming_table": "true"}, 'dlt.is_streaming_table: must be `true` or `false`, not `"true"`'),
            ({**good, "write_opts": {"coment": "x"}}, "dlt.write_opts: unknown key `coment`; did you mean `comment`?"),
            ({**good, "name": "x", "write_opts": {"name": "y"}}, "dlt: the dataset has 2 names (`x`, `y`)"),
            ({**view, "write_opts": {"path": "/x"}}, "dlt.write_opts: a view has no `path`"),
            ({**view, "append_config": {"target": "t"}}, "dlt: a view cannot have `append_config`"),
            ({**good, "append_config": {}}, "dlt.append_config: `target` is missing"),
            ({**good, "append_config": {"target": "t"}, "apply_cdc_config": cdc}, "exclude each other"),
            (
                {**good, "apply_cdc_config": {**cdc, "apply_as_deletes": True}},
                "dlt.apply_cdc_config.apply_as_deletes: must be text",
            ),
            (
                {**good, "apply_cdc_config": {**cdc, "track_history_column_list": ["x"]}},
                "needs `stored_as_scd_type: 2`",
            ),
            ([good, good], "dlt[1]: `a` is made by dlt[0] already"),
            ([{**good, "append_config": {"target": "t"}}] * 2, "dlt[1]: `a` is made by dlt[0] already"),
        ]:
            self.refused(dltflow.ConfigError, [said], METHODS, entries)

    def test_code_that_does_not_fit_the_config_is_refused_with_its_place(self):
        entry = {"func_name": "a", "kind": "table"}
        parameter = METHODS.replace("def a(self)", "def a(self, frame)")
        two = textwrap.dedent(METHODS) + "class Other(DLTMetaMixin):\n    pass\n"
        for source, entries, said in [
            (
                METHODS,
                {**entry, "func_name": "aa"},
                ["dlt.func_name: `Pipeline` has no method `aa`; did you mean `a`?"],
            ),
            (parameter, entry, ["dataset `a`, method `a` (", "the_module.py:8) requires `frame`"]),
            (METHODS.replace("spark)", "spark, days)"), entry, ["the_module.py:6) requires `days`"]),
            (two, entry, ["defines several pipeline classes (`Pipeline`, `Other`)"]),
            ("class Plain:\n    pass\n", entry, ["no class with `DLTMetaMixin`", "its classes: `Plain`"]),
        ]:
            self.refused(dltflow.DefinitionError, said, source, entries)
        self.refused(dltflow.ConfigError, ["no parameter names one"], METHODS)

    def test_a_method_that_returns_no_frame_is_named_when_it_is_called(self):
        source = METHODS.replace('return self.spark.createDataFrame([(1,)], ["x"])', "return None")
        self.launch(source, {"func_name": "a", "kind": "table"})
        with self.assertRaisesRegex(
            dltflow.DefinitionError, r"`a` \(.*the_module.py:8\) must return a Spark DataFrame"
        ):
            self.dlt.queries["a"]()

    def test_a_module_of_another_package_is_not_taken_for_the_engine(self):
        del self.dlt.expect_all
        self.refused(
            dltflow.DLTFlowError,
            ["not that of Databricks: it has no `expect_all`"],
            METHODS,
            {"func_name": "a", "kind": "table"},
        )

    def test_files_that_cannot_be_read_are_named(self):
        for name, content, said in [
            ("x.json", "{", "x.json: Expecting"),
            ("y.json", None, "y.json: cannot be read: No such"),
        ]:
            path = str(self.folder / name) if content is None else self.write(name, content)
            self.refused(dltflow.ConfigError, [said], METHODS, config=path)
        sys.modules["yaml"] = None
        path = self.write("z.yml", "dlt: {}")
        self.refused(dltflow.ConfigError, ["z.yml: reading YAML needs the package `pyyaml`"], METHODS, config=path)
        with self.assertRaisesRegex(dltflow.ConfigError, "conf/none.json: is not among the files"):
            dltflow.shipped("conf/none.json")


class Standalone(unittest.TestCase):
    def test_importing_needs_the_standard_library_alone(self):
        code = "import dltflow.quality, sys; print(sorted({'pyspark', 'dlt', 'yaml'} & set(sys.modules)))"
        printed = subprocess.run([sys.executable, "-S", "-c", code], cwd=RUNTIME, capture_output=True, text=True)
        self.assertEqual((printed.stdout, printed.stderr), ("[]\n", ""))

    def test_equal_configurations_are_equal_datasets_from_either_form(self):
        forms = [{"x": "y > 0"}, [{"name": "x", "constraint": "y > 0"}]]
        one, other = (
            datasets({"dlt": {"func_name": "a", "kind": "view", "expectations": form}}, "c") for form in forms
        )
        self.assertEqual(one, other)


if __name__ == "__main__":
    unittest.main()
