"""Every case has a test, here, on real engines or with the program."""

import pathlib
import re

from cases import CASES

TESTS = pathlib.Path(__file__).resolve().parents[1]
CASE = re.compile(r"^\s*@pytest\.mark\.case\(([\d, ]+)\)", re.MULTILINE)


def test_every_case_is_covered():
    folders = [TESTS / name for name in ("runtime", "engines", "fidelity")]
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("test_*.py")]
    covered = {int(number) for text in sources for mark in CASE.findall(text) for number in mark.split(",")}
    assert covered == set(CASES)
