"""Lets the folder of a run be moved and copied, with the project around it.

Spark's logs hold whole paths: of the files that a stream wrote (`_spark_metadata`), and of those that it has read
(`sources` among its checkpoints). In another place its rows would be missing, or those of the original, and what was read
would be read again.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple, Optional
from urllib.parse import quote, unquote

URI = re.compile(r"(file:(?://)?)(/.*)")
PLAIN = frozenset("-_!.~'()*,;:$&+=@/")
"""What Java leaves as it is in the path of a URI, beside letters and digits."""


class Move(NamedTuple):
    """What began with the path `old` now begins with `new`; unless `whole`, only what is there."""

    old: str
    new: str
    whole: bool


def follow(folder: pathlib.Path) -> None:
    """Makes the paths in the logs of `folder` those of the place where it is now."""
    written = list(folder.glob("**/_spark_metadata/[0-9]*"))
    before = {old for log in written for old in _places(log, folder)} - {folder}
    moves = [move for old in sorted(before) for move in _moves(old, folder)]
    if not moves:
        return
    # Those that tell where the folder was come last, in case this is interrupted.
    for log in [*folder.glob("**/sources/*/[0-9]*"), *written]:
        _rewrite(log, moves)


def _places(log: pathlib.Path, folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Where the folder was when its files were logged."""
    table = f"/{log.parent.parent.relative_to(folder).as_posix()}/"
    for line in log.read_text(encoding="utf-8").splitlines():
        found = URI.match(_path(line) or "")
        place, known, _ = unquote(found[2]).rpartition(table) if found else ("", "", "")
        if known:
            yield pathlib.Path(place)


def _moves(old: pathlib.Path, new: pathlib.Path) -> Iterator[Move]:
    """The folder, and the project around it if that came along."""
    yield Move(str(old), str(new), whole=True)
    within = _within_project(new)
    if within and old.parts[-len(within) :] == within:
        project = [str(pathlib.Path(*path.parts[: -len(within)])) for path in (old, new)]
        yield Move(*project, whole=False)


def _within_project(folder: pathlib.Path) -> tuple[str, ...]:
    """The last parts of its path, from the folder of the project on, if it is in one."""
    here = pathlib.Path.cwd()
    if ".dltflow" in folder.parts:
        return folder.parts[folder.parts.index(".dltflow") :]
    return folder.relative_to(here).parts if here in folder.parents else ()


def _path(line: str) -> Optional[str]:
    """The path of an entry; the first line is a version."""
    return json.loads(line).get("path") if line.startswith("{") else None


def _rewrite(log: pathlib.Path, moves: list[Move]) -> None:
    lines = log.read_text(encoding="utf-8").splitlines()
    changed = [_rewritten(line, moves) for line in lines]
    if changed == lines:
        return
    # Of the old text; a file without a checksum is not checked.
    log.with_name(f".{log.name}.crc").unlink(missing_ok=True)
    temporary = log.with_name(f".{log.name}.new")
    temporary.write_text("\n".join(changed), encoding="utf-8")
    os.replace(temporary, log)


def _rewritten(line: str, moves: list[Move]) -> str:
    found = URI.match(_path(line) or "")
    for move in moves if found else ():
        path = unquote(found[2])
        if path.startswith(f"{move.old}/") and (move.whole or os.path.exists(move.new + path[len(move.old) :])):
            # What is not moved stays as Spark wrote it: it compares these texts.
            rest = found[2].split("/")[move.old.count("/") + 1 :]
            entry = {**json.loads(line), "path": "/".join([found[1] + _quoted(move.new), *rest])}
            return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
    return line


def _quoted(path: str) -> str:
    return "".join(char if char.isalnum() or char in PLAIN or not char.isascii() else quote(char) for char in path)
