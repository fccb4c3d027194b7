"""The first class and configuration: those of the document that the project was asked for, or the same in our words."""

import pathlib
import re

OURS = pathlib.Path(__file__).resolve().parents[1] / "samples" / "first.md"
NOT_THEIRS = "not its own bytes, as shared/seed/dltflow-readme.md is not beside the checkout: tests/samples/first.md"


def theirs():
    """The path of the document, or `None` where it does not lie beside the checkout."""
    paths = (folder / "shared" / "seed" / "dltflow-readme.md" for folder in pathlib.Path(__file__).resolve().parents)
    return next((path for path in paths if path.is_file()), None)


def document():
    """The document's text, or ours."""
    return (theirs() or OURS).read_text(encoding="utf-8")


def documents():
    """Both texts by name, as far as they are there."""
    paths = {"ours": OURS, "theirs": theirs()}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path}


def block(name, text):
    """The fenced block after the line `name`."""
    return re.search(rf"^{re.escape(name)}\n+```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE).group(1)


def blocks(language, text):
    """All fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
