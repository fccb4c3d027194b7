"""Pages of `docs/` as tests read them: files, rows and messages, in their order.

A block belongs to the line above it. Where that starts with a name in backticks, a fenced block is that file and a
table the rows of that dataset; a table that starts with a column `dataset` is what expectations found.
"""

import pathlib
import re
from dataclasses import dataclass, field

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(
    r"(?:^(?P<lead>[^\n]+)\n\n)?(?:^```(?P<language>\w+)\n(?P<text>.*?)^```$|(?P<table>(?:^\|[^\n]*\n)+))",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Part:
    """A block. `kind` is `file`, `rows` or `found`, else the language of its fence, or `table`."""

    kind: str
    name: str
    text: str = ""
    header: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    lead: str = ""


def sections(page, level=2):
    """The parts below each heading of that level, by its text."""
    text = (DOCS / page).read_text(encoding="utf-8")
    split = re.split(rf"^{'#' * level} (.+)\n", text, flags=re.MULTILINE)
    return {title: [_part(found) for found in BLOCK.finditer(body)] for title, body in zip(split[1::2], split[2::2])}


def _part(found):
    lead = found["lead"] or ""
    named = re.match(r"`([^`]+)`", lead)
    name = named.group(1) if named else ""
    if found["language"]:
        return Part("file" if name else found["language"], name, found["text"], lead=lead)
    header, _, *rows = [_cells(line) for line in found["table"].splitlines()]
    kind = "found" if header[0] == "dataset" else "rows" if name else "table"
    return Part(kind, name, header=header, rows=rows, lead=lead)


def _cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def shown(value):
    """A value as the pages write it."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return "NULL" if value is None else str(value)
