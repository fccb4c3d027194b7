"""Modules of the runtime never import one another in a cycle."""

import imports
import pytest
from conftest import ROOT


@pytest.fixture
def package(tmp_path):
    """Writes a package of the given sources; returns its import graph."""

    def write(sources):
        for name, source in {"__init__.py": "", "inner/__init__.py": "", **sources}.items():
            path = tmp_path / "package" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        return imports.graph(tmp_path / "package")

    return write


def test_the_runtime_has_no_cycle():
    modules = imports.graph(ROOT / "python" / "dltflow")
    assert "dltflow.graph" in modules["dltflow.config"], "the imports of the runtime are seen"
    assert imports.cycle(modules) == []


@pytest.mark.parametrize(
    "module, source, expected",
    [
        ("a.py", "import os, package.b", {"package.b"}),
        ("a.py", "from package.inner import c, nothing", {"package.inner", "package.inner.c"}),
        ("a.py", "from .b import name", {"package.b"}),
        ("a.py", "from . import b, name", {"package", "package.b"}),
        ("a.py", "def called():\n    from .inner import c as other", {"package.inner.c"}),
        ("inner/a.py", "from ..b import name\nfrom .c import name", {"package.b", "package.inner.c"}),
        ("inner/a.py", "from .. import b", {"package.b"}),
        ("inner/__init__.py", "from . import c\nfrom .. import b", {"package.b", "package.inner.c"}),
    ],
)
def test_imports_are_resolved(package, module, source, expected):
    modules = package({"b.py": "", "inner/c.py": "", module: source})
    (name,) = (name for name in modules if modules[name])
    assert modules[name] == expected


@pytest.mark.parametrize(
    "sources, expected",
    [
        ({"a.py": "from . import b", "b.py": "from .inner import c"}, []),
        ({"a.py": "from . import b", "b.py": "def called():\n    from . import a"}, ["a", "b", "a"]),
        ({"inner/__init__.py": "from .c import name", "inner/c.py": "from . import other"}, ["inner", "inner.c", "inner"]),
        ({"a.py": "import package.b", "b.py": "from .inner import c", "inner/c.py": "from .. import a"},
         ["a", "b", "inner.c", "a"]),
        ({"a.py": "import package.a"}, ["a", "a"]),
    ],
)  # fmt: skip
def test_a_cycle_is_found(package, sources, expected):
    modules = package({"b.py": "", "inner/c.py": "", **sources})
    assert imports.cycle(modules) == [f"package.{name}" for name in expected]
