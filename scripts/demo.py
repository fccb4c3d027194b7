"""A pull request from its opening to the release, played against two sandboxes: GitHub with the workspace of `dev`, and
the workspace of `prod`. `scripts/demo` builds what it needs and starts it.

Each step is the real program in the environment that GitHub's runner gives it. What it does is shown, and checked:
the exit code is 1 when something is not as it should be.
"""

import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parent.parent / "examples" / "shop"
REPOSITORY = {
    "id": 4242, "name": "shop", "full_name": "octo-org/shop", "private": True, "fork": False,
    "default_branch": "main", "owner": {"login": "octo-org", "id": 7},
}  # fmt: skip
NAME = REPOSITORY["full_name"]
OCTOCAT = {"login": "octocat", "id": 1, "type": "User"}
TOKEN = "sandbox-token"
PULL = 42
BRANCH = "more-workers"


def main(built):
    started = time.monotonic()
    on_stop(lambda number, _: sys.exit(128 + number))
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dltflow-demo-")))
        github, dev = stack.enter_context(sandbox(built / "sandbox"))
        _, prod = stack.enter_context(sandbox(built / "sandbox"))
        # Cleaning up is not to be stopped half-way.
        stack.callback(on_stop, signal.SIG_IGN)
        origin = first_commits(Repo(folder / "origin"))
        github.register(origin)
        runner = Runner(built / "dltflow", github, origin, folder)
        pull_request(runner, github, dev, origin)
        releases(runner, dev, prod, origin)
    title("all of it is as it should be")
    say(f"{runner.steps} runs in {time.monotonic() - started:.1f} s; the services and their files are gone")


def on_stop(handler):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


@contextlib.contextmanager
def sandbox(program):
    """A running sandbox: GitHub and a workspace."""
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as running:
        try:
            urls = dict(running.stdout.readline().split() for _ in range(2))
            yield GitHub(urls["github"]), Workspace(urls["databricks"])
        finally:
            running.terminate()


def first_commits(repo):
    title(f"the repository {NAME}")
    shutil.copytree(PROJECT, repo.path, ignore=shutil.ignore_patterns("__pycache__"))
    repo.git("init", "--quiet", "--initial-branch=main")
    repo.commit("Orders", "dltflow.yml", "shop/__init__.py", "shop/prices.py", "shop/pipelines/__init__.py", "*orders*")
    repo.commit("Returns")
    show(repo.git("log", "--reverse", "--name-only", "--format=%h %s"))
    return repo


def pull_request(runner, github, dev, repo):
    title(f"pull request {PULL} is opened: it gives the orders more workers")
    repo.git("checkout", "--quiet", "-b", BRANCH)
    repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4")
    repo.commit("More workers for the orders")
    opened = runner.on_pull_request("opened", dev)
    opened.ended("deployed", created=1)
    dev.stands("[dev_octocat_pr42] shop-orders")
    comment = tell_comment(github, opened)
    tell_pages(dev, opened.urls)
    tell_sent(dev, github)

    title("the same commit runs again: nothing is written, the comment stays as it is")
    runner.on_pull_request("reopened", dev).ended("unchanged", unchanged=1)
    sent = tell_sent(dev, github)
    expect(all(method == "GET" for method, _ in sent), "the run only reads")
    expect(github.comment() == comment, "the comment was not edited")

    title(f"a commit is pushed to pull request {PULL}: returns without a reason are dropped")
    repo.replace("conf/returns.json", '"allow"', '"drop"')
    repo.commit("Drop returns without a reason")
    pushed = runner.on_pull_request("synchronize", dev)
    pushed.ended("deployed", created=1, unchanged=1)
    dev.stands("[dev_octocat_pr42] shop-orders", "[dev_octocat_pr42] shop-returns")
    tell_comment(github, pushed)
    tell_pages(dev, pushed.urls)
    tell_sent(dev, github)

    title(f"pull request {PULL} is merged and its branch deleted: the preview goes")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", f"Merge pull request #{PULL} from octo-org/{BRANCH}", BRANCH)
    closed = runner.on_pull_request("closed", dev)
    closed.ended("destroyed", destroyed=2)
    dev.stands()
    expect(not dev.objects("/previews/"), "no notebook, wheel or folder of the preview is left")
    tell_comment(github, closed)
    tell_pages(dev, pushed.urls, status=404)
    tell_sent(dev, github)


def releases(runner, dev, prod, repo):
    title("the merge arrives on main: the shared pipelines, in the workspace of `dev`")
    pushed = runner.on_push("refs/heads/main", dev)
    pushed.ended("deployed", environment="dev", created=2)
    dev.stands("shop-orders", "shop-returns")
    tell_pages(dev, pushed.urls)
    tell_sent(dev, runner.github)

    title("the tag v1.0.0 is pushed: every pipeline, in the workspace of `prod`")
    repo.git("tag", "v1.0.0")
    tagged = runner.on_push("refs/tags/v1.0.0", prod)
    tagged.ended("deployed", environment="prod", created=2)
    prod.stands("shop-orders", "shop-returns")
    tell_pages(prod, tagged.urls)
    tell_sent(prod, runner.github)


def tell_comment(github, step):
    comment = github.comment()
    say(f"the comment on pull request {PULL}:")
    show(comment, "│ ")
    expect(all(url in comment for url in step.urls.values()), "the comment links every pipeline")
    return comment


def tell_pages(workspace, urls, status=200):
    expect(urls, "there are addresses of pipelines")
    say("the addresses of the pipelines:")
    for name, url in urls.items():
        found, page_title = workspace.page(url)
        show(f"{url}\n  answers {found}, `{page_title}`")
        expect(found == status, f"the page of `{name}` answers {status}")
        expect(status != 200 or page_title.endswith(name), f"it is the page of `{name}`")


def tell_sent(*services):
    """Shows the requests since the last call of this and gives them as method and path."""
    sent = []
    for service in services:
        requests = service.sent()
        say(f"requests sent to {service.name}: {len(requests)}")
        counted = collections.Counter(f"{method:6} {path}" for method, path in requests)
        show("\n".join(f"{count:2} × {request}" for request, count in counted.items()))
        sent += requests
    return sent


class Service:
    """One of the sandbox's two services, with its control API."""

    def __init__(self, url):
        self.url = url
        self.told = 0

    def control(self, method, path, body=None):
        return json.loads(ask(f"{self.url}/_sandbox/{path}", method, body)[1])

    def sent(self):
        """Method and path of each request that the runs have sent since the last call of this."""
        log = self.control("GET", "log")
        mine = [entry for entry in log if entry["service"] == self.name and "dltflow" in entry["headers"]["user-agent"]]
        sent, self.told = mine[self.told :], len(mine)
        return [(entry["method"], entry["path"]) for entry in sent]


class Workspace(Service):
    name = "databricks"

    def page(self, url):
        """Status and title of a page."""
        status, text = ask(url)
        return status, re.search("<title>(.*)</title>", text).group(1)

    def stands(self, *names):
        """These pipelines stand in the workspace, and no other."""
        pipelines = self.control("GET", "state")["databricks"]["pipelines"]
        found = sorted(pipeline["spec"]["name"] for pipeline in pipelines)
        expect(found == sorted(names), f"the workspace holds {found}, expected {sorted(names)}")

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
        expect(hidden.startswith("<!-- dltflow:"), "the comment carries its key")
        return body


class Repo:
    """A git repository with a work tree; it stands for the one on GitHub."""

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
        expect(old in text, f"`{old}` stands in {path}")
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
        for name, wanted in {"result": result, **outputs}.items():
            found = self.outputs.get(name)
            expect(found == str(wanted), f"output `{name}` is `{found}`, expected `{wanted}`")


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


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
