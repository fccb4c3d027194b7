"""The state of a local run in another place: Spark's logs name the files that are there."""

import json
import shutil

import pytest
from dltflow.local import moved

STATE = ".dltflow/local/shop/sdp"
WRITTEN = "sdp/tables/db/orders/_spark_metadata"
READ = "sdp/storage/_checkpoints/c/orders/0/sources/0"


def log(path, *uris):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["v1", *(json.dumps({"path": uri, "batchId": 0}, separators=(",", ":")) for uri in uris)]
    path.write_text("\n".join(lines), encoding="utf-8")
    path.with_name(f".{path.name}.crc").write_text("checksum", encoding="utf-8")


def paths(path):
    return [json.loads(line)["path"] for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def state(project, uri):
    log(project / STATE / WRITTEN / "0", f"{uri}/{STATE}/sdp/tables/db/orders/x=1/part-0.parquet")
    log(project / STATE / READ / "0", f"{uri}/in/a%20b.json", "file:///data/outside.json", f"{uri}er/in/c.json")
    (project / "in").mkdir()
    (project / "in" / "a b.json").touch()
    return project / STATE


@pytest.mark.parametrize("name, raw", [("copy", "copy"), ("a copy#1", "a%20copy%231"), ("größe", "größe")])
@pytest.mark.parametrize("scheme", ["file://", "file:"])
@pytest.mark.parametrize("at_once", [False, True], ids=["moved", "copied"])
def test_paths_of_the_project_are_those_of_its_place(tmp_path, name, raw, scheme, at_once):
    first, second = tmp_path / "first one", tmp_path / name
    state(first, f"{scheme}{tmp_path}/first%20one")
    shutil.copytree(first, second) if at_once else first.rename(second)
    folder = second / STATE
    moved.follow(folder)
    now = f"{scheme}{tmp_path}/{raw}"
    assert paths(folder / WRITTEN / "0") == [f"{now}/{STATE}/sdp/tables/db/orders/x=1/part-0.parquet"]
    outside = ["file:///data/outside.json", f"{scheme}{tmp_path}/first%20oneer/in/c.json"]
    assert paths(folder / READ / "0") == [f"{now}/in/a%20b.json", *outside]
    assert not list(folder.glob("**/.*.crc")) and (folder / READ / "0").read_text(encoding="utf-8").startswith("v1\n")


def test_what_is_in_its_place_is_not_touched(tmp_path):
    folder = state(tmp_path / "shop", f"file://{tmp_path}/shop")
    before = {path: path.stat().st_mtime_ns for path in folder.glob("**/*") if path.is_file()}
    moved.follow(folder)
    moved.follow(tmp_path / "not there")
    assert before == {path: path.stat().st_mtime_ns for path in folder.glob("**/*") if path.is_file()}


def test_a_folder_outside_a_project_takes_its_own_paths_along(tmp_path):
    log(tmp_path / "new" / WRITTEN / "0", f"file://{tmp_path}/old/sdp/tables/db/orders/part-0.parquet")
    log(tmp_path / "new" / READ / "0", f"file://{tmp_path}/old/sdp/tables/db/raw/part-1.parquet", f"file://{tmp_path}/in/1")
    moved.follow(tmp_path / "new")
    assert paths(tmp_path / "new" / WRITTEN / "0") == [f"file://{tmp_path}/new/sdp/tables/db/orders/part-0.parquet"]
    read = [f"file://{tmp_path}/new/sdp/tables/db/raw/part-1.parquet", f"file://{tmp_path}/in/1"]
    assert paths(tmp_path / "new" / READ / "0") == read


def test_what_was_read_elsewhere_and_did_not_come_along_stays_read(tmp_path, monkeypatch):
    shutil.copytree(state(tmp_path / "first", f"file://{tmp_path}/first"), tmp_path / "second" / STATE)
    log(tmp_path / "third" / "runs" / WRITTEN / "0", f"file://{tmp_path}/first/runs/sdp/tables/db/orders/part-0.parquet")
    log(tmp_path / "third" / "runs" / READ / "0", f"file://{tmp_path}/first/in/a%20b.json")
    monkeypatch.chdir(tmp_path / "third")
    for folder in (tmp_path / "second" / STATE, tmp_path / "third" / "runs"):
        moved.follow(folder)
        assert paths(folder / WRITTEN / "0")[0].startswith(f"file://{folder}/sdp/")
        assert paths(folder / READ / "0")[0] == f"file://{tmp_path}/first/in/a%20b.json"
