"""The GitHub side against models that are generated from GitHub's published OpenAPI description.

`parsed_data` refuses an answer that lacks a field or has a wrong type.
"""

import os
import subprocess

import pytest
from githubkit import GitHub
from githubkit.exception import RequestFailed

REPOSITORY = ("octocat", "hello")


@pytest.fixture
def history(tmp_path):
    """Two commits: `work` renames a file of `main`, adds one, and is tagged."""

    def git(*arguments):
        identity = ["-c", "user.name=Mona Lisa Octocat", "-c", "user.email=octocat@github.com"]
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", tmp_path, *identity, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q", "-b", "main")
    (tmp_path / "a.txt").write_text("a\n" * 9)
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    git("switch", "-q", "-c", "work")
    git("mv", "a.txt", "c.txt")
    (tmp_path / "b.txt").write_text("b\n")
    git("add", "-A")
    git("commit", "-q", "-m", "second")
    git("tag", "-a", "v1", "-m", "one")
    return git


@pytest.fixture
def rest(sandbox, history, tmp_path):
    name = "github/repositories/octocat/hello"
    sandbox.control("PUT", name, {"id": 77, "path": str(tmp_path)})
    sandbox.control("PUT", f"{name}/pulls/1", {"head_ref": "work"})
    client = GitHub("sandbox-token", base_url=sandbox.github, auto_retry=False, http_cache=False)
    yield client.rest


def test_comments(rest):
    made = rest.issues.create_comment(*REPOSITORY, 1, body="hello").parsed_data
    assert (made.user.login, made.user.type) == ("github-actions[bot]", "Bot")
    assert made.performed_via_github_app.slug == "github-actions"
    edited = rest.issues.update_comment(*REPOSITORY, made.id, body="edited").parsed_data
    assert rest.issues.get_comment(*REPOSITORY, made.id).parsed_data == edited
    assert [found.body for found in rest.issues.list_comments(*REPOSITORY, 1).parsed_data] == ["edited"]
    assert rest.issues.delete_comment(*REPOSITORY, made.id).status_code == 204


def test_a_pull_request_and_its_files(rest, history):
    pull = rest.pulls.get(*REPOSITORY, 1).parsed_data
    assert (pull.state, pull.changed_files, pull.head.ref) == ("open", 2, "work")
    assert (pull.head.sha, pull.base.sha) == (history("rev-parse", "work"), history("rev-parse", "main"))
    files = rest.pulls.list_files(*REPOSITORY, 1).parsed_data
    shown = [(file.filename, file.status, file.previous_filename or None) for file in files]
    assert shown == [("b.txt", "added", None), ("c.txt", "renamed", "a.txt")]
    assert [file.sha for file in files] == [history("rev-parse", f"work:{file.filename}") for file in files]


def test_a_comparison_a_commit_and_references(rest, history):
    compared = rest.repos.compare_commits(*REPOSITORY, "main...work").parsed_data
    assert (compared.status, compared.ahead_by, compared.behind_by, len(compared.files)) == ("ahead", 1, 0, 2)
    assert compared.merge_base_commit.sha == history("rev-parse", "main")
    head = history("rev-parse", "work")
    commit = rest.repos.get_commit(*REPOSITORY, head).parsed_data
    assert (commit.commit.message, commit.stats.additions, commit.parents[0].sha) == ("second", 1, compared.base_commit.sha)
    assert rest.git.get_ref(*REPOSITORY, "heads/work").parsed_data.object_.sha == head
    assert rest.git.get_ref(*REPOSITORY, "tags/v1").parsed_data.object_.type == "tag"


@pytest.mark.parametrize(
    "call, status",
    [
        (lambda rest: rest.issues.create_comment(*REPOSITORY, 1, body="x" * 65_537), 422),
        (lambda rest: rest.issues.create_comment(*REPOSITORY, 2, body="x"), 404),
        (lambda rest: rest.pulls.get(*REPOSITORY, 2), 404),
        (lambda rest: rest.repos.compare_commits(*REPOSITORY, "main...none"), 404),
        (lambda rest: rest.repos.get_commit(*REPOSITORY, "none"), 422),
        (lambda rest: rest.git.get_ref(*REPOSITORY, "heads/none"), 404),
        (lambda rest: rest.users.get_authenticated(), 403),
    ],
)
def test_refusals_are_documented_ones(rest, call, status):
    with pytest.raises(RequestFailed) as refused:
        call(rest)
    assert refused.value.response.status_code == status
    assert refused.value.response.parsed_data.message
