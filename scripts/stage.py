"""What the demo plays with: the sandbox's services, a repository, the runner of its workflow, and what is shown."""

import base64
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile

REPOSITORY = {
    "id": 4242, "name": "shop", "full_name": "octo-org/shop", "private": True, "fork": False,
    "default_branch": "main", "owner": {"login": "octo-org", "id": 7},
}  # fmt: skip
NAME = REPOSITORY["full_name"]
OCTOCAT = {"login": "octocat", "id": 1, "type": "User"}
TOKEN = "sandbox-token"
PULL = 42
BRANCH = "more-workers"


@contextlib.contextmanager
def sandbox(program):
    """A running sandbox: GitHub and a workspace."""
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as running:
        try:
            urls = dict(running.stdout.readline().split() for _ in range(2))
            yield GitHub(urls["github"]), Workspace(urls["databricks"])
        finally:
            running.terminate()


def run_driver(python, driver, engine, folder, spark=None):
    """Runs a generated notebook with the code and the runtime that lie unpacked beside it; `spark` has pyspark."""
    path = os.pathsep.join(filter(None, [str(driver.parent), spark and str(spark), os.environ.get("PYTHONPATH")]))
    command = [python, "-m", "dltflow", "run", "--driver", driver, "--engine", engine, "--folder", folder]
    environment = {**os.environ, "PYTHONPATH": path, "PYSPARK_PYTHON": str(python), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("SPARK_HOME", None)
    return subprocess.run([*command, "--output", "json"], env=environment, capture_output=True, text=True)


class Service:
    """One of the sandbox's two services, with its control API."""

    def __init__(self, url):
        self.url = url
        self.seen = 0

    def control(self, method, path, body=None):
        return json.loads(ask(f"{self.url}/_sandbox/{path}", method, body)[1])

    def sent(self):
        """Method and path of each request that the runs have sent since the last call of this."""
        log = self.control("GET", "log")
        mine = [entry for entry in log if entry["service"] == self.name and "dltflow" in entry["headers"]["user-agent"]]
        sent, self.seen = mine[self.seen :], len(mine)
        return [(entry["method"], entry["path"]) for entry in sent]


class Workspace(Service):
    name = "databricks"

    def page(self, url):
        """Status and title of a page."""
        status, text = ask(url)
        return status, re.search("<title>(.*)</title>", text).group(1)

    def expect_pipelines(self, *names):
        """Checks that the workspace has exactly these pipelines."""
        pipelines = self.control("GET", "state")["databricks"]["pipelines"]
        found = sorted(pipeline["spec"]["name"] for pipeline in pipelines)
        expect(found == sorted(names), f"the workspace holds {found}, expected {sorted(names)}")

    def download(self, name, folder):
        """Unpacks the wheels that a pipeline installs, and gives the path of its notebook beside them."""
        pipelines = self.control("GET", "state")["databricks"]["pipelines"]
        spec = next(pipeline["spec"] for pipeline in pipelines if pipeline["spec"]["name"] == name)
        notebook = self.exported(spec["libraries"][0]["notebook"]["path"]).decode()
        installed = notebook + " ".join(spec.get("environment", {}).get("dependencies", []))
        for wheel in re.findall(r"(/Workspace/\S+\.whl)", installed):
            zipfile.ZipFile(io.BytesIO(self.exported(wheel))).extractall(folder)
        driver = folder / "driver.py"
        driver.write_text(notebook)
        return driver

    def exported(self, path):
        query = urllib.parse.urlencode({"path": path.removeprefix("/Workspace"), "format": "AUTO"})
        status, text = ask(f"{self.url}/api/2.0/workspace/export?{query}")
        expect(status == 200, f"`{path}` can be read: {text}")
        return base64.b64decode(json.loads(text)["content"])

    def objects(self, part):
        objects = self.control("GET", "state")["databricks"]["objects"]
        return [entry["path"] for entry in objects if part in entry["path"]]


class GitHub(Service):
    name = "github"

    def register(self, repo):
        self.control("PUT", f"github/repositories/{NAME}", {"id": REPOSITORY["id"], "path": str(repo.path)})

    def comment(self):
        """What people see of the one comment."""
        comments = json.loads(ask(f"{self.url}/repos/{NAME}/issues/{PULL}/comments")[1])
        expect(len(comments) == 1, "there is one comment")
        hidden, body = re.match(r"((?:<!--.*-->\n)*)(.*)", comments[0]["body"], re.DOTALL).groups()
        expect(hidden.startswith("<!-- dltflow:"), "the comment starts with its key")
        return body


class Repo:
    """A git repository with a work tree; stands in for the one on GitHub."""

    def __init__(self, path):
        self.path = path

    def git(self, *arguments):
        return git(self.path, *arguments)

    def commit(self, message, *paths):
        self.git("add", "--", *(paths or ["."]))
        self.git("commit", "--quiet", "--message", message)

    def replace(self, path, old, new):
        file = self.path / path
        text = file.read_text()
        expect(old in text, f"`{old}` is in {path}")
        file.write_text(text.replace(old, new))


class Runner:
    """Runs the program as a step of a workflow, each time in new folders and a shallow checkout."""

    def __init__(self, program, github, origin, folder):
        self.program = program
        self.github = github
        self.origin = origin
        self.folder = folder
        self.steps = 0
        # Where main stood, for `before` of a push; the base of an open pull request.
        self.main = origin.git("rev-parse", "main")

    def on_pull_request(self, action, workspace):
        closed = action == "closed"
        state = {
            "title": "More workers", "base_ref": "main", "head_ref": BRANCH, "user": "octocat",
            "state": "closed" if closed else "open", "merged": closed,
        }  # fmt: skip
        head = self.origin.git("rev-parse", f"refs/heads/{BRANCH}")
        self.github.control("PUT", f"github/repositories/{NAME}/pulls/{PULL}", state)
        changed = self.origin.git("diff", "--name-only", f"{self.main}...{head}").splitlines()
        ends = {"base": ("main", self.main), "head": (BRANCH, head)}
        payload = {
            "action": action, "number": PULL, "repository": REPOSITORY, "sender": OCTOCAT,
            "pull_request": {
                "number": PULL, "user": OCTOCAT, "changed_files": len(changed), "draft": False,
                "author_association": "MEMBER", "title": state["title"], "state": state["state"], "merged": closed,
                **{end: {"ref": ref, "sha": sha, "repo": REPOSITORY} for end, (ref, sha) in ends.items()},
            },
        }  # fmt: skip
        ref = "refs/heads/main" if closed else f"refs/pull/{PULL}/merge"
        if closed:
            self.origin.git("branch", "--quiet", "-D", BRANCH)
        else:
            message = f"Merge {head} into {self.main}"
            merge = self.origin.git("commit-tree", f"{head}^{{tree}}", "-p", self.main, "-p", head, "-m", message)
            self.origin.git("update-ref", ref, merge)
        variables = {"GITHUB_HEAD_REF": BRANCH, "GITHUB_BASE_REF": "main"}
        return self.run("pull_request", payload, ref, workspace, variables)

    def on_push(self, ref, workspace):
        tag = ref.startswith("refs/tags/")
        before, after = "0" * 40 if tag else self.main, self.origin.git("rev-parse", ref)
        payload = {
            "ref": ref, "before": before, "after": after, "created": tag, "deleted": False, "forced": False,
            "base_ref": None, "repository": REPOSITORY, "sender": OCTOCAT, "pusher": {"name": "octocat"},
            "commits": [], "head_commit": {"id": after},
        }  # fmt: skip
        return self.run("push", payload, ref, workspace, {})

    def run(self, event, payload, ref, workspace, variables):
        self.steps += 1
        step = self.folder / f"run-{self.steps}"
        for name in ("home", "workflow", "file_commands", "runner_temp", "workspace"):
            (step / name).mkdir(parents=True)
        checkout(self.origin, ref, step / "workspace")
        (step / "workflow" / "event.json").write_text(json.dumps(payload))
        for name in ("ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY"):
            (step / "file_commands" / name).touch()
            variables[f"GITHUB_{name}"] = str(step / "file_commands" / name)
        variables.update({
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "octocat", "HOME": str(step / "home"),
            "GITHUB_API_URL": self.github.url, "GITHUB_SERVER_URL": self.github.url,
            "GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(step / "workflow" / "event.json"),
            "GITHUB_REF": ref, "GITHUB_REF_TYPE": "tag" if ref.startswith("refs/tags/") else "branch",
            "GITHUB_REPOSITORY": NAME, "GITHUB_REPOSITORY_ID": str(REPOSITORY["id"]),
            "GITHUB_RUN_ID": str(100 + self.steps), "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SHA": git(step / "workspace", "rev-parse", "HEAD"), "GITHUB_WORKSPACE": str(step / "workspace"),
            "RUNNER_TEMP": str(step / "runner_temp"), "INPUT_GITHUB-TOKEN": TOKEN,
            "DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": TOKEN,
        })  # fmt: skip
        command = [self.program, "action"]
        ran = subprocess.run(command, env=variables, cwd=step / "workspace", capture_output=True, text=True)
        return Step(ran, (step / "file_commands" / "OUTPUT").read_text())


class Step:
    """A step that ran."""

    def __init__(self, ran, outputs):
        self.ran = ran
        found = re.findall(r"^([\w-]+)<<(\S+)\n(.*?)\n?^\2$", outputs, re.DOTALL | re.MULTILINE)
        self.outputs = {name: value for name, _, value in found}
        self.urls = json.loads(self.outputs.get("pipeline-urls") or "{}")

    def ended(self, result, **outputs):
        """The step succeeded with these outputs."""
        say(f"`dltflow action` ended with {self.ran.returncode}:")
        show(self.ran.stderr)
        expect(self.ran.returncode == 0, f"the step succeeds\n{self.ran.stdout}")
        for name, expected in {"result": result, **outputs}.items():
            found = self.outputs.get(name)
            expect(found == str(expected), f"output `{name}` is `{found}`, expected `{expected}`")


def checkout(origin, ref, folder):
    """The newest commit of a ref and nothing else, as `actions/checkout` leaves it."""
    git(folder, "init", "--quiet")
    git(folder, "fetch", "--quiet", "--depth=1", f"file://{origin.path}", ref)
    git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")


def git(folder, *arguments):
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
           for key, value in (("NAME", "octocat"), ("EMAIL", "octocat@github.com"))}  # fmt: skip
    alone = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}
    ran = subprocess.run(["git", *arguments], cwd=folder, env=alone, capture_output=True, text=True)
    expect(ran.returncode == 0, f"`git {' '.join(arguments)}`: {ran.stderr}")
    return ran.stdout.strip()


def ask(url, method="GET", body=None):
    """Status and text of an answer, whatever the status."""
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    request = urllib.request.Request(url, body and json.dumps(body).encode(), headers, method=method)
    try:
        with OPENER.open(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


# The sandbox listens on this machine; a proxy has no part in it.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")


def title(text):
    print(f"\n{BOLD}━━ {text}{PLAIN}", flush=True)


def say(text):
    print(f"\n  {text}", flush=True)


def show(text, edge=""):
    for line in text.strip("\n").splitlines():
        print(f"    {edge}{line}".rstrip(), flush=True)


def expect(holds, what):
    if not holds:
        sys.exit(f"\nthis is not as it should be: {what}")
