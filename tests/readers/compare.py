"""Two readers of every configuration: what `dltflow` reads, and what a class reads that opens the file itself.

    python tests/readers/compare.py PROGRAM CONFIGURATIONS FOLDER

PROGRAM is `dltflow`, CONFIGURATIONS the example of that name; FOLDER holds the versions of PyYAML, each as `pip install
--target` leaves it. Fails where a reader differs and `check` says nothing of it.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python"), str(pathlib.Path(__file__).parent)]

import documents  # noqa: E402
from dltflow import config  # noqa: E402
from dltflow.errors import ConfigError  # noqa: E402

AT_ONCE = 100
# The report has at most a hundred findings of a file and five hundred in all.
MOST_FINDINGS = 450
FEWEST = 5_000
PROJECT = """\
dltflow: {name: shop}
include: {code: {name: shop}, conf: {name: conf}, workflows: {name: workflows}}
targets: {dev: {default: true}}
"""


def projects(folder: pathlib.Path, texts: dict[str, str]) -> list[tuple[pathlib.Path, list[str]]]:
    """Projects with a workflow for each text, and the names of their configurations."""
    names = list(texts)
    made = []
    for start in range(0, len(names), AT_ONCE):
        project, some = folder / str(start), names[start : start + AT_ONCE]
        for name in ("shop", "conf", "workflows"):
            (project / name).mkdir(parents=True)
        (project / "dltflow.yml").write_text(PROJECT)
        (project / "shop" / "orders.py").write_text("class Orders:\n    pass\n")
        for name in some:
            (project / "conf" / name).write_bytes(texts[name].encode("utf-8"))
        made.append((project, some))
    return made


def told(program: str, project: pathlib.Path, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """What `check` says of each configuration, for a pull request."""
    workflows = [
        {"name": name, "target": "shop", "tasks": {"items": [{"python_file": "shop/orders.py", "parameters": ["--conf", f"conf/{name}"]}]}}
        for name in names
    ]
    (project / "workflows" / "all.json").write_text(json.dumps({"dev": {"workflows": workflows}}))
    ran = subprocess.run([program, "check", "--pull-request", "7", "--output", "json"], cwd=project, capture_output=True, check=False)
    listed = json.loads(ran.stdout)["findings"]
    if len(listed) > MOST_FINDINGS:
        half = len(names) // 2
        return told(program, project, names[:half]) | told(program, project, names[half:])
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for finding in listed:
        # Of the project itself there are none; a name that is not there would be one.
        found[pathlib.PurePosixPath(finding["path"]).name].append(finding)
    return found


def lines(command: list[str], made: list[tuple[pathlib.Path, list[str]]], path: str = "") -> dict[str, Any]:
    """What a program says of each configuration."""
    folder = made[0][0].parent
    names = [name for _, some in made for name in some]
    given = "".join(f"{project.name}/conf/{name}\n" for project, some in made for name in some)
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(command, cwd=folder, input=given, text=True, capture_output=True, check=True, env=environment)
    said = ran.stdout.rstrip("\n").split("\n")
    assert len(said) == len(names), ran.stderr
    return {name: json.loads(line) for name, line in zip(names, said)}


def carried(program: str, made: list[tuple[pathlib.Path, list[str]]]) -> dict[str, dict[str, Any]]:
    """What is read of each configuration, and the values and the graph that its pipeline has."""
    return lines([program], made)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are one, types included: `1` is neither `1.0` nor `true`."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one == other


def graph(values: Any) -> Any:
    """What the runtime would create; `None` if it refuses."""
    try:
        return config.to_graph(values).to_json()
    except ConfigError:
        return None


def is_shared(made: Any) -> bool:
    """Whether something is written outside the schema of the preview."""
    return any(
        "." in dataset["name"] or dataset["type"] == "sink" or "path" in dataset.get("options", {}) for dataset in made["datasets"]
    )


def main(program: str, configurations: str, folder: str) -> int:
    texts = dict(documents.documents())
    ordinary = dict(documents.ORDINARY)
    names = [*texts, *ordinary]
    assert len(texts) >= FEWEST, len(texts)
    versions = sorted(path.name for path in pathlib.Path(folder).iterdir() if (path / "yaml").is_dir())
    with tempfile.TemporaryDirectory() as place:
        made = projects(pathlib.Path(place), {**texts, **ordinary})
        findings = {name: found for project, some in made for name, found in told(program, project, some).items()}
        ours = carried(configurations, made)
        other = [sys.executable, "-S", str(pathlib.Path(__file__).parent / "other.py")]
        others = {version: lines(other, made, f"{folder}/{version}") for version in versions}
    problems: list[str] = []
    differing, needless = set(), []
    for name in names:
        text = texts.get(name, ordinary.get(name))
        mine = ours[name]
        differs = [version for version in versions if not agree(mine["values"], others[version][name])]
        is_told = any(finding["rule"] != "preview-fixed-place" for finding in findings[name])
        if differs:
            differing.add(name)
            if not is_told:
                problems.append(f"nothing told of {text!r}: {mine['values']!r}, {differs[0]}: {others[differs[0]][name]!r}")
        elif any(finding["rule"] == "readers-differ" for finding in findings[name]):
            needless.append(name)
        problems.extend(of_graph(text, mine, findings[name]))
    for name in ordinary:
        if findings[name]:
            problems.append(f"told of what teams write: {findings[name]}")
    for problem in problems[:40]:
        print(problem[:400])
    if "VERBOSE" in os.environ:
        for name in needless:
            print("needless:", repr(texts.get(name))[:150], [f["message"] for f in findings[name]][:2])
    tally = (
        f"{len(names)} configurations by dltflow and PyYAML {', '.join(versions)}: {len(differing)} read otherwise by one of them, "
        f"{len(problems)} of which `check` says nothing"
    )
    print(tally)
    if "TALLY" in os.environ:
        (pathlib.Path(os.environ["TALLY"]) / "readers").write_text(tally + "\n")
    return 1 if problems else 0


def agree(read: Any, other: dict[str, Any]) -> bool:
    """Whether another reader has our values; what cannot be read has none."""
    return "fails" not in other and is_same(plain(read), other["value"])


def plain(value: Any) -> Any:
    """The value as `other.py` writes it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ["!float", repr(value)]
    return value


def of_graph(text: str, mine: dict[str, Any], findings: list[dict[str, Any]]) -> Iterable[str]:
    """What is wrong with what the runtime creates of the values that are carried."""
    made = graph(mine["values"])
    is_refused = any(finding["severity"] == "error" for finding in findings)
    if mine["graph"] is not None and made != mine["graph"]:
        yield f"another graph of {text!r}: {mine['graph']!r}, the runtime: {made!r}"
    if made is not None and is_shared(made) and not is_refused:
        yield f"a preview writes to what is shared: {text!r}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
