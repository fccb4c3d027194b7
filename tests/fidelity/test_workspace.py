"""Workspace objects and the caller, as the official SDK sees them."""

import base64
import io
import urllib.error
import urllib.parse
import urllib.request

import pytest
from databricks.sdk import errors
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType

NOTEBOOK = b"# Databricks notebook source\nprint(1)\n"
LIMIT = 10_485_760


def paths(workspace, folder):
    return [found.path for found in workspace.workspace.list(folder)]


def import_file(workspace, path, body, overwrite=False):
    """The route that the Databricks CLI uploads with; the SDK has no method for it."""
    segment = urllib.parse.quote(path.lstrip("/"), safe="")
    return workspace.api_client.do(
        "POST",
        f"/api/2.0/workspace-files/import-file/{segment}",
        query={"overwrite": str(overwrite).lower()},
        data=io.BytesIO(body),
    )


def test_the_caller_and_the_workspace(workspace):
    me = workspace.current_user.me()
    assert (me.user_name, me.display_name, me.active) == ("octocat@github.com", "Mona Lisa Octocat", True)
    assert workspace.get_workspace_id() == 1234567890123456


def test_a_service_principal(sandbox):
    robot = "6a1f0000-0000-4000-8000-000000000001"
    sandbox.control("PUT", "settings", {"user": {"user_name": robot, "display_name": "deployer"}})
    assert sandbox.client().current_user.me().user_name == robot


def test_tokens(sandbox):
    with pytest.raises(errors.PermissionDenied):
        sandbox.client(token="other").current_user.me()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{sandbox.databricks}/api/2.0/preview/scim/v2/Me", timeout=10)


def test_an_unknown_route(workspace):
    with pytest.raises(errors.NotFound, match="No API found"):
        workspace.api_client.do("GET", "/api/2.0/no/such")


def test_folders(workspace):
    home = "/Users/octocat@github.com"
    assert workspace.workspace.get_status(home).object_type == ObjectType.DIRECTORY
    workspace.workspace.mkdirs("/Workspace/Shared/a/b")
    workspace.workspace.mkdirs("/Shared/a/b")
    assert paths(workspace, "/Shared") == ["/Shared/a"]
    assert paths(workspace, "/Shared/a/b") == []
    first = workspace.workspace.get_status("/Shared/a").object_id
    assert first == workspace.workspace.get_status("/Workspace/Shared/a").object_id
    with pytest.raises(errors.BadRequest) as refused:
        workspace.workspace.delete("/Shared/a")
    assert refused.value.error_code == "DIRECTORY_NOT_EMPTY"
    workspace.workspace.delete("/Shared/a", recursive=True)
    for call in [workspace.workspace.get_status, workspace.workspace.delete, lambda path: paths(workspace, path)]:
        with pytest.raises(errors.ResourceDoesNotExist):
            call("/Shared/a")
    workspace.workspace.mkdirs("/Shared/a")
    assert workspace.workspace.get_status("/Shared/a").object_id != first


def test_a_file_is_no_folder(workspace):
    workspace.workspace.upload("/Shared/f.txt", b"x", format=ImportFormat.AUTO)
    with pytest.raises(errors.ResourceAlreadyExists):
        workspace.workspace.mkdirs("/Shared/f.txt/below")
    assert paths(workspace, "/Shared/f.txt") == ["/Shared/f.txt"]


@pytest.mark.parametrize("name, content, format, path, kind", [
    ("n.py", NOTEBOOK, ImportFormat.AUTO, "n", ObjectType.NOTEBOOK),
    ("n.SQL", b"-- Databricks notebook source\r\n", ImportFormat.AUTO, "n", ObjectType.NOTEBOOK),
    ("m.py", b"print(1)\n", ImportFormat.AUTO, "m.py", ObjectType.FILE),
    ("blank.py", b"\n" + NOTEBOOK, ImportFormat.AUTO, "blank.py", ObjectType.FILE),
    ("raw.py", NOTEBOOK, ImportFormat.RAW, "raw.py", ObjectType.FILE),
    ("source.py", b"print(1)\n", ImportFormat.SOURCE, "source.py", ObjectType.NOTEBOOK),
    ("book.ipynb", b'{"cells": []}', ImportFormat.AUTO, "book", ObjectType.NOTEBOOK),
    ("d.designer.ipynb", b'{"cells": []}', ImportFormat.AUTO, "d.designer.ipynb", ObjectType.NOTEBOOK),
    ("data.whl", b"PK\x03\x04\xff", ImportFormat.AUTO, "data.whl", ObjectType.FILE),
])
def test_what_an_upload_becomes(workspace, name, content, format, path, kind):
    workspace.workspace.upload(f"/Shared/{name}", content, format=format)
    [found] = workspace.workspace.list("/Shared")
    assert (found.path, found.object_type) == (f"/Shared/{path}", kind)
    if kind == ObjectType.FILE:
        assert found.size == len(content) and found.modified_at
        assert workspace.workspace.download(found.path, format=ExportFormat.AUTO).read() == content
    else:
        assert found.size is None and found.language is not None


def test_import_as_json(workspace):
    content = base64.b64encode(b"print(1)\n").decode()
    fields = {"format": ImportFormat.SOURCE, "language": Language.PYTHON, "content": content}
    workspace.workspace.import_("/Shared/n", **fields)
    with pytest.raises(errors.ResourceAlreadyExists):
        workspace.workspace.import_("/Shared/n", **fields)
    workspace.workspace.import_("/Shared/n", **fields, overwrite=True)
    status = workspace.workspace.get_status("/Shared/n")
    assert (status.object_type, status.language) == (ObjectType.NOTEBOOK, Language.PYTHON)
    exported = base64.b64decode(workspace.workspace.export("/Shared/n").content)
    assert exported == b"# Databricks notebook source\nprint(1)\n"


def test_import_refusals(workspace):
    upload = workspace.workspace.upload
    with pytest.raises(errors.DatabricksError, match="language"):
        upload("/Shared/n", b"")
    with pytest.raises(errors.ResourceDoesNotExist, match="parent folder"):
        upload("/Shared/none/n.py", b"")
    upload("/Shared/f", b"x", format=ImportFormat.RAW)
    with pytest.raises(errors.ResourceAlreadyExists):
        upload("/Shared/f", b"y", format=ImportFormat.RAW)
    with pytest.raises(errors.DatabricksError, match="NOTEBOOK"):
        upload("/Shared/n.py", NOTEBOOK, format=ImportFormat.AUTO)
        upload("/Shared/n", b"", format=ImportFormat.RAW, overwrite=True)
    upload("/Shared/large", bytes(LIMIT), format=ImportFormat.RAW)
    with pytest.raises(errors.BadRequest, match="exceeded max size") as refused:
        upload("/Shared/larger", bytes(LIMIT + 1), format=ImportFormat.RAW)
    assert refused.value.error_code == "MAX_NOTEBOOK_SIZE_EXCEEDED"


def test_import_file(workspace):
    with pytest.raises(errors.NotFound):
        import_file(workspace, "/Shared/a b/ü.txt", b"1")
    workspace.workspace.mkdirs("/Shared/a b")
    import_file(workspace, "/Workspace/Shared/a b/ü.txt", b"1")
    with pytest.raises(errors.ResourceConflict):
        import_file(workspace, "/Shared/a b/ü.txt", b"2")
    import_file(workspace, "/Shared/a b/ü.txt", b"2", overwrite=True)
    assert workspace.workspace.download("/Shared/a b/ü.txt").read() == b"2"
    import_file(workspace, "/Shared/n.py", NOTEBOOK)
    assert workspace.workspace.get_status("/Shared/n").object_type == ObjectType.NOTEBOOK
    with pytest.raises(errors.BadRequest, match="already exists."):
        import_file(workspace, "/Shared/n.py", NOTEBOOK)
