"""Every case has a test, or is known to wait for real engines."""

import pathlib
import re

from cases import CASES, ENGINES

MARK = re.compile(r"^\s*@pytest\.mark\.case\(([\d, ]+)\)", re.MULTILINE)


def test_every_case_is_covered_here_or_by_engines():
    sources = [path.read_text(encoding="utf-8") for path in pathlib.Path(__file__).parent.glob("test_*.py")]
    marked = {int(number) for text in sources for mark in MARK.findall(text) for number in mark.split(",")}
    assert marked | ENGINES == set(CASES)
