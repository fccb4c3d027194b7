"""From a module to functions that an engine can call: the class, its construction, its methods."""

import sys
import textwrap
import traceback

import dltflow
import pytest
from sources import METHODS

A = {"func_name": "a", "kind": "table"}


def test_arguments_are_set_around_every_call_and_restored(project):
    before = list(sys.argv)
    project.launch(
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
        A,
        parameters=["--date", "today"],
    )
    project.engine.queries["a"]()
    assert sys.modules["the_module"].SEEN == [["--date", "today"]] * 3
    assert sys.argv == before


@pytest.mark.case(8)
@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("self, spark", {"spark"}),
        ("self, spark, init_conf=None", {"spark", "init_conf"}),
        ("self, spark_=None, *, conf", {"spark_", "conf"}),
        ("self, config, limit=3", {"config"}),
        ("self, init_conf, **kw", {"init_conf", "spark"}),
        ("self, *args, **kw", {"spark", "init_conf"}),
        ("self", set()),
    ],
)
def test_a_constructor_is_given_what_it_names(project, signature, expected):
    given = "{**locals(), **locals().get('kw', {})}.items()"
    names = "('spark', 'spark_', 'conf', 'config', 'init_conf')"
    body = f"GIVEN.update({{k: v for k, v in {given} if k in {names}}})"
    source = textwrap.dedent(METHODS).replace("self, spark", signature, 1).replace("self.spark = spark", body)
    project.launch(source + "GIVEN = {}\n", A)
    found = sys.modules["the_module"].GIVEN
    assert set(found) == expected
    for name, value in found.items():
        assert name.startswith("spark") == hasattr(value, "createDataFrame")


@pytest.mark.case(8)
def test_a_constructor_that_requires_more_is_refused(project):
    with pytest.raises(dltflow.DefinitionError, match=r"the_module.py:6\) requires `days`; a pipeline class can take"):
        project.launch(METHODS.replace("spark)", "spark, days)"), A)


def test_a_class_without_the_mixin_is_launched_by_its_method(project):
    source = """
        class Plain:
            called = []
            def __init__(self, config):
                self.config = config
            def launch(self):
                Plain.called.append(self.config)
    """
    assert project.launch(source, {"func_name": "a"}, method="launch") == []
    assert sys.modules["the_module"].Plain.called == [{"dlt": {"func_name": "a"}}]


def test_the_class_is_the_one_that_is_named_or_the_last_heir(project):
    heir = textwrap.dedent(METHODS) + "class Orders(Pipeline):\n    def a(self):\n        return self.b()\n"
    project.launch(heir, A)
    assert project.engine.queries["a"]().rows == [(2,)]
    for target in ("the_module:Pipeline", sys.modules["the_module"].Pipeline):
        dltflow.launch(target, config={"dlt": A})
        assert project.engine.queries["a"]().rows == [(1,)]
    with pytest.raises(dltflow.DefinitionError, match="defines no class `Pipelin`; did you mean `Pipeline`?"):
        dltflow.launch("the_module:Pipelin", config={"dlt": A})


def test_a_config_in_yaml_is_read_by_what_the_cluster_has(project, monkeypatch):
    project_yaml = type(sys)("yaml")
    project_yaml.safe_load = lambda text: {"dlt": {"func_name": text.strip(), "kind": "view"}}
    monkeypatch.setitem(sys.modules, "yaml", project_yaml)
    assert project.launch(METHODS, config=project.write("x.yml", "b")) == [("view", "b", {}, {})]


@pytest.mark.case(10, 11)
@pytest.mark.parametrize(
    ("change", "entry", "said"),
    [
        (("", ""), {"func_name": "aa"}, "dlt.func_name: `Pipeline` has no method `aa`; did you mean `a`?"),
        (("def a(self)", "def a(self, frame)"), {}, "the_module.py:8) requires `frame`: name the dataset that"),
        (("", ""), {"inputs": {"frame": "b"}}, "dlt.inputs.frame: `a` ("),
        (("def a(self)", "def a(self, frame)"), {"inputs": {"fram": "b"}}, "did you mean `frame`?"),
        (("class P", "class Q(DLTMetaMixin): pass\n    class P"), {}, "several pipeline classes (`Q`, `Pipeline`)"),
        (("(DLTMetaMixin)", ""), {}, "no class with `DLTMetaMixin`; its classes: `Pipeline`"),
    ],
)
def test_code_that_does_not_fit_the_config_is_refused_with_its_place(project, change, entry, said):
    with pytest.raises(dltflow.DLTFlowError) as caught:
        project.launch(METHODS.replace(*change), {**A, **entry})
    assert said in str(caught.value)
    assert project.engine.calls == []


def test_a_class_without_a_config_is_refused(project):
    with pytest.raises(dltflow.ConfigError, match="`Pipeline` needs a config file, and no parameter names"):
        project.launch(METHODS)


@pytest.mark.case(37)
@pytest.mark.parametrize(
    ("returned", "kind"), [("None", "NoneType"), ("3", "int"), ("type('DataFrame', (), {})()", "the_module.DataFrame")]
)
def test_a_method_that_returns_no_frame_is_named_when_it_is_called(project, returned, kind):
    project.launch(METHODS.replace('self.spark.createDataFrame([(1,)], ["x"])', returned), A)
    with pytest.raises(dltflow.DefinitionError) as caught:
        project.engine.queries["a"]()
    assert f"the_module.py:8) must return a Spark DataFrame, not `{kind}`" in str(caught.value)


@pytest.mark.case(38)
def test_an_error_of_a_method_keeps_its_kind_and_traceback(project):
    project.launch(METHODS.replace('return self.spark.createDataFrame([(1,)], ["x"])', "return {}['no']"), A)
    with pytest.raises(KeyError) as caught:
        project.engine.queries["a"]()
    assert "return {}['no']" in "".join(traceback.format_exception(None, caught.value, caught.tb))
    if sys.version_info >= (3, 11):
        assert "dataset `a`, method `a`" in caught.value.__notes__[0]
        assert "line 9: raised while the dataset was defined" in caught.value.__notes__[0]


@pytest.mark.case(36)
def test_the_error_of_an_engine_that_refuses_an_action_is_explained(project):
    blocked = "raise RuntimeError('[ATTEMPT_ANALYSIS_IN_PIPELINE_QUERY_FUNCTION] no')"
    project.launch(METHODS.replace('return self.spark.createDataFrame([(1,)], ["x"])', blocked), A)
    with pytest.raises(dltflow.DefinitionError) as caught:
        project.engine.queries["a"]()
    assert "method `a` (" in str(caught.value) and "line 9: runs or analyses the query" in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_files_that_cannot_be_read_are_named(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    missing = str(project.folder / "y.json")
    (project.folder / "w.json").write_bytes('{"dlt": "é"}'.encode("latin-1"))
    for path, said in [
        (project.write("x.json", "{"), "x.json: Expecting"),
        (str(project.folder / "w.json"), "w.json: is not UTF-8 text"),
        (missing, "y.json: cannot be read: No such"),
        (project.write("z.yml", "dlt: {}"), "z.yml: reading YAML needs the package `pyyaml`"),
    ]:
        with pytest.raises(dltflow.ConfigError) as caught:
            project.launch(METHODS, config=path)
        assert said in str(caught.value)
    with pytest.raises(dltflow.ConfigError, match="conf/none.json: is not among the files"):
        dltflow.shipped("conf/none.json")


@pytest.mark.case(11)
def test_a_plan_checks_the_class_against_the_configuration(project):
    project.write("planned.py", METHODS)
    assert dltflow.plan({"dlt": A}, "planned").datasets[0].name == "a"
    with pytest.raises(dltflow.DefinitionError, match="has no method `aa`"):
        dltflow.plan({"dlt": {**A, "func_name": "aa"}}, "planned:Pipeline")
    with pytest.raises(dltflow.ConfigError, match="config: must be a mapping"):
        dltflow.plan([A])


def test_patterns_of_the_original_keep_working(project):
    from dltflow.quality.exceptions import DLTException

    assert issubclass(DLTException, Exception) and issubclass(dltflow.ConfigError, DLTException)
    source = METHODS.replace("self, spark", "self, spark, init_conf") + "        def launch(self): raise SystemExit\n"
    assert len(project.launch(source, A)) == 1, "a `launch` of its own is not needed"
    the_class = sys.modules["the_module"].Pipeline
    assert the_class(spark="s", init_conf={}).spark == "s"
    assert dltflow.plan({"dlt": A}, the_class).warnings == (
        f"{project.folder}/the_module.py:14: `Pipeline.launch` is not called: "
        "`dltflow.launch` registers what the `dlt` section names",
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("launch", "; `dltflow.launch` registers its datasets, a pipeline has no method for it"),
        ("_logger", "; use `logging.getLogger(__name__)`"),
        ("_conf", "; name a parameter `config` in `__init__`, which receives it"),
        ("anything", ""),
    ],
)
def test_errors_for_what_the_mixin_no_longer_has_say_what_to_write(project, asked, said):
    project.launch(METHODS, A)
    with pytest.raises(AttributeError) as caught:
        getattr(sys.modules["the_module"].Pipeline("s"), asked)
    assert str(caught.value) == f"`Pipeline` has no attribute `{asked}`{said}"


@pytest.mark.case(8)
@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("super().__init__(spark)", dltflow.DefinitionError, "line 7: `DLTMetaMixin` takes no arguments: write"),
        ("self.first = self.spark.conf", AttributeError, "`spark`; name a parameter `spark` in `__init__`"),
        ("int(None)", TypeError, "int() argument"),
    ],
)
def test_a_constructor_that_fails_says_why(project, body, error, said):
    with pytest.raises(error) as caught:
        project.launch(METHODS.replace("self.spark = spark", body), A)
    assert said in str(caught.value)
