"""The document that the project was asked for: its class and its configuration, word for word."""

import pathlib
import re


def document():
    """The text, or `None` where it does not lie beside the checkout."""
    for folder in pathlib.Path(__file__).resolve().parents:
        path = folder / "shared" / "seed" / "dltflow-readme.md"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return None


def block(name, text):
    """The fenced block after the line `name`."""
    return re.search(rf"^{re.escape(name)}\n+```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE).group(1)


def blocks(language, text):
    """All fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
