"""The sandbox binary (named by SANDBOX_BIN) and the official Databricks SDK as its client."""

import json
import os
import subprocess
import urllib.request

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config


def pytest_configure(config):
    config.addinivalue_line("markers", "case(*numbers): the cases of `tests/runtime/cases.py` that a test covers")


class Sandbox:
    """A running sandbox and its control API."""

    def __init__(self, urls):
        self.databricks = urls["databricks"]
        self.github = urls["github"]

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.databricks}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def requests(self):
        """Method and path of each request so far."""
        return [(entry["method"], entry["path"]) for entry in self.control("GET", "log")]

    def client(self, token="sandbox-token"):
        # No retries: a test sees the first answer.
        return WorkspaceClient(config=Config(host=self.databricks, token=token, retry_timeout_seconds=0))


@pytest.fixture(scope="session")
def process():
    command = [os.environ["SANDBOX_BIN"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        urls = dict(running.stdout.readline().split() for _ in range(2))
        yield Sandbox(urls)
        running.terminate()


@pytest.fixture
def sandbox(process):
    """The sandbox as it is at its start."""
    process.control("POST", "reset", {})
    return process


@pytest.fixture
def workspace(sandbox):
    client = sandbox.client()
    sandbox.control("DELETE", "log")
    return client
