"""The project that `docs/authoring.md` builds, as `dltflow check` sees it."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "runtime"))

import documents  # noqa: E402


def test_the_project_of_the_page_has_no_finding(tmp_path):
    files = [part for parts in documents.sections("authoring.md").values() for part in parts if part.kind == "file"]
    for part in files:
        if not part.name.startswith("/"):
            path = tmp_path / part.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(part.text, encoding="utf-8")
    program = os.environ.get("DLTFLOW_BIN", ROOT / "target" / "debug" / "dltflow")
    ran = subprocess.run([program, "check", "--output", "json"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert len(report["workflows"]) == sum(part.name.startswith("workflows/") for part in files)
    assert report["findings"] == []
