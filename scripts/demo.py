"""A pull request from its opening to the release, played against two sandboxes: GitHub with the workspace of `dev`, and
the workspace of `prod`. `scripts/demo` builds what it needs and starts it; `--with-spark` then runs the release that
is deployed in `prod` on real Spark.

Each step runs the real program in the environment of GitHub's runner, shows what it does, and checks that:
the exit code is 1 if a check fails.
"""

import collections
import contextlib
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from stage import BRANCH, NAME, PULL, Repo, Runner, expect, run_driver, sandbox, say, show, title

PROJECT = pathlib.Path(__file__).resolve().parent.parent / "examples" / "shop"


def main(built, python=None):
    """Plays everything with the programs in the folder `built`; `python`, if given, has Spark and runs the release."""
    started = time.monotonic()
    on_stop(lambda number, _: sys.exit(128 + number))
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dltflow-demo-")))
        github, dev = stack.enter_context(sandbox(built / "sandbox"))
        _, prod = stack.enter_context(sandbox(built / "sandbox"))
        # Cleaning up must not be interrupted.
        stack.callback(on_stop, signal.SIG_IGN)
        origin = first_commits(Repo(folder / "origin"))
        github.register(origin)
        runner = Runner(built / "dltflow", github, origin, folder)
        pull_request(runner, github, dev, origin)
        releases(runner, dev, prod, origin)
        if python:
            on_spark(python, prod, folder / "spark")
    title("all checks passed")
    say(f"{runner.steps} runs in {time.monotonic() - started:.1f} s; the services are stopped and their files removed")


def on_stop(handler):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


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
    dev.expect_pipelines("[dev_octocat_pr42] shop-orders")
    comment = show_comment(github, opened)
    check_pages(dev, opened.urls)
    show_requests(dev, github)

    title("the same commit runs again: nothing is written, the comment stays as it is")
    runner.on_pull_request("reopened", dev).ended("unchanged", unchanged=1)
    sent = show_requests(dev, github)
    expect(all(method == "GET" for method, _ in sent), "the run only reads")
    expect(github.comment() == comment, "the comment was not edited")

    title(f"a commit is pushed to pull request {PULL}: returns without a reason are dropped")
    repo.replace("conf/returns.json", '"allow"', '"drop"')
    repo.commit("Drop returns without a reason")
    pushed = runner.on_pull_request("synchronize", dev)
    pushed.ended("deployed", created=1, unchanged=1)
    dev.expect_pipelines("[dev_octocat_pr42] shop-orders", "[dev_octocat_pr42] shop-returns")
    show_comment(github, pushed)
    check_pages(dev, pushed.urls)
    show_requests(dev, github)

    title(f"pull request {PULL} is merged and its branch deleted: the preview goes")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", f"Merge pull request #{PULL} from octo-org/{BRANCH}", BRANCH)
    closed = runner.on_pull_request("closed", dev)
    closed.ended("destroyed", destroyed=2)
    dev.expect_pipelines()
    expect(not dev.objects("/previews/"), "no notebook, wheel or folder of the preview is left")
    show_comment(github, closed)
    check_pages(dev, pushed.urls, status=404)
    show_requests(dev, github)


def releases(runner, dev, prod, repo):
    title("the merge arrives on main: the shared pipelines, in the workspace of `dev`")
    pushed = runner.on_push("refs/heads/main", dev)
    pushed.ended("deployed", environment="dev", created=2)
    dev.expect_pipelines("shop-orders", "shop-returns")
    check_pages(dev, pushed.urls)
    show_requests(dev, runner.github)

    title("the tag v1.0.0 is pushed: every pipeline, in the workspace of `prod`")
    repo.git("tag", "v1.0.0")
    tagged = runner.on_push("refs/tags/v1.0.0", prod)
    tagged.ended("deployed", environment="prod", created=2)
    prod.expect_pipelines("shop-orders", "shop-returns")
    check_pages(prod, tagged.urls)
    show_requests(prod, runner.github)


def on_spark(python, workspace, folder):
    for name, dataset, rows, dropped in [("shop-orders", "orders", 2, 1), ("shop-returns", "returns", 2, 0)]:
        driver = workspace.download(name, folder / name)
        for engine, called in [("spark", "plain Spark"), ("sdp", "Spark's own pipelines")]:
            title(f"what was deployed as `{name}` runs on {called}")
            ran = run_driver(python, driver, engine, folder / f"{name}-{engine}")
            show(ran.stderr)
            expect(ran.returncode == 0, f"the run succeeds\n{ran.stderr}")
            found = {item["name"]: (item["rows"], item["dropped"]) for item in json.loads(ran.stdout)["datasets"]}
            say(f"rows and dropped rows: {found}")
            expect(found == {dataset: (rows, dropped)}, f"`{dataset}` has {rows} rows, and {dropped} were dropped")


def show_comment(github, step):
    comment = github.comment()
    say(f"the comment on pull request {PULL}:")
    show(comment, "│ ")
    expect(all(url in comment for url in step.urls.values()), "the comment links every pipeline")
    return comment


def check_pages(workspace, urls, status=200):
    expect(urls, "there are pipeline URLs")
    say("the pages of the pipelines:")
    for name, url in urls.items():
        found, page_title = workspace.page(url)
        show(f"{url}\n  returns {found}, `{page_title}`")
        expect(found == status, f"the page of `{name}` returns {status}")
        expect(status != 200 or page_title.endswith(name), f"it is the page of `{name}`")


def show_requests(*services):
    """Shows the requests since the last call of this and returns them as method and path."""
    sent = []
    for service in services:
        requests = service.sent()
        say(f"requests sent to {service.name}: {len(requests)}")
        counted = collections.Counter(f"{method:6} {path}" for method, path in requests)
        show("\n".join(f"{count:2} × {request}" for request, count in counted.items()))
        sent += requests
    return sent


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), *sys.argv[2:])
