"""Every exchange with GitHub's API that the tests made, against the descriptions that GitHub publishes.

SANDBOX_RECORD names the folder with the exchanges, MATERIAL the one with `@octokit/openapi`.
"""

import functools
import json
import os
import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import pytest
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

ROOT = Path(__file__).parents[2]
GENERATED = Path(os.environ["MATERIAL"]) / "node_modules/@octokit/openapi/generated"
OURS = "dltflow-action/"
HERE = "urn:description"

# What any operation may answer although its description does not say so, and where it is documented.
ANYWHERE = {
    401: "authentication in the REST API: a token that is missing or wrong",
    403: "rate limits; permissions of a token",
    404: "troubleshooting the REST API: what the token may not see is not there",
    429: "rate limits",
}


# What GitHub answers although its description does not allow it.
FORGOTTEN = {
    "answer/head/repo: None": "a pull request whose fork was deleted has no repository",
}


def with_null(schema):
    """The description writes `nullable` beside `oneOf`, where OpenAPI 3.0 gives it no meaning."""
    if schema.get("nullable") and "oneOf" in schema:
        schema["oneOf"].append({"type": "string", "nullable": True, "enum": [None]})
    return schema


class Description:
    """One published description and its operations."""

    def __init__(self, name):
        # A schema is taken out of its description, so that references have to name the description as well.
        text = (GENERATED / f"{name}.json").read_text().replace('"#/components/', f'"{HERE}#/components/')
        self.whole = json.loads(text, object_hook=with_null)
        # Draft 4 has the references of OpenAPI 3.0.
        self.registry = Registry().with_resource(HERE, Resource(contents=self.whole, specification=DRAFT4))
        self.operations = []
        for template, methods in self.whole["paths"].items():
            pattern = re.compile(self.pattern(template, methods))
            for method, operation in methods.items():
                if "responses" in operation:
                    self.operations.append((template, method.upper(), pattern, operation))
        # A name that is written out goes before one that stands for any.
        self.operations.sort(key=lambda found: found[0].count("{"))

    def pattern(self, template, methods):
        parameters = [self.of(given) for operation in methods.values() for given in operation.get("parameters", [])]
        wide = {given["name"] for given in parameters if given.get("x-multi-segment")}

        def group(name):
            return f"(?P<{identifier(name)}>{'.+' if name in wide else '[^/]+'})"

        # Every other part is the name of a parameter.
        parts = re.split(r"{([\w-]+)}", template)
        return "".join(group(part) if index % 2 else re.escape(part) for index, part in enumerate(parts)) + r"\Z"

    def of(self, value):
        """The value, or what its reference leads to."""
        while "$ref" in value:
            value = functools.reduce(lambda part, key: part[key], value["$ref"].split("/")[1:], self.whole)
        return value

    def find(self, method, path):
        for template, of_template, pattern, operation in self.operations:
            if of_template == method and (found := pattern.match(path)):
                return template, operation, {name: unquote(text) for name, text in found.groupdict().items()}
        return None

    def faults(self, schema, value, where):
        checker = OAS30Validator(schema, registry=self.registry, format_checker=oas30_format_checker)
        found = [f"{where}/{'/'.join(map(str, fault.path))}: {fault.message[:200]}" for fault in checker.iter_errors(value)]
        return [fault for fault in found if not fault.startswith(tuple(FORGOTTEN))]

    def properties(self, schema):
        """The names that an object of this schema may have; None where it may have any."""
        schema = self.of(schema)
        parts = [part for kind in ("allOf", "anyOf", "oneOf") for part in schema.get(kind, [])]
        names = set(schema.get("properties", {})).union(*(self.properties(part) or set() for part in parts))
        return names or None


def identifier(name):
    """A parameter's name as one that a regular expression can give a group."""
    return name.replace("-", "_")


def typed(schema, text):
    """The text of a parameter as the value that its schema speaks of, where it is one."""
    if schema.get("type") in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else text


def request_faults(description, exchange, operation, in_path):
    if operation.get("deprecated"):
        yield "the operation is deprecated"
    declared = {}
    for given in map(description.of, operation.get("parameters", [])):
        declared[given["in"], identifier(given["name"]) if given["in"] == "path" else given["name"]] = given
    sent = {("path", name): text for name, text in in_path.items()}
    sent |= {("query", name): text for name, text in parse_qsl(exchange["query"], keep_blank_values=True)}
    for key, text in sent.items():
        if key not in declared:
            yield f"the {key[0]} parameter `{key[1]}` is not declared"
            continue
        schema = description.of(declared[key]["schema"])
        yield from description.faults(schema, typed(schema, text), key[1])
        if key[1] == "per_page" and text.isdecimal() and int(text) > 100:
            yield "a page has at most 100 items"
    for key, given in declared.items():
        if given.get("required") and key not in sent and key[0] != "header":
            yield f"the {key[0]} parameter `{key[1]}` is missing"
    yield from header_faults(exchange["headers"], exchange["body"])
    yield from body_faults(description, exchange["body"], operation.get("requestBody"))


def header_faults(headers, body):
    """The headers that GitHub's guide to the REST API asks for."""
    expected = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
    if body is not None:
        expected["content-type"] = "application/json"
    for name, value in expected.items():
        if headers.get(name) != value:
            yield f"the header `{name}` is `{headers.get(name)}`, and is to be `{value}`"
    if not headers.get("user-agent"):
        yield "the header `user-agent` is missing"


def body_faults(description, body, declared):
    if body is None or declared is None:
        if body is not None or declared and declared.get("required"):
            yield "a body is sent where none is declared, or is missing"
        return
    schema = description.of(declared)["content"]["application/json"]["schema"]
    yield from description.faults(schema, body, "body")
    for name in set(body) - (description.properties(schema) or set()):
        yield f"`{name}` of the body is not declared"


def answer_faults(description, exchange, operation):
    status, answer = exchange["status"], exchange["answer"]
    declared = operation["responses"].get(str(status))
    if declared is None:
        if status not in ANYWHERE:
            yield f"the status {status} is not declared"
        declared = {"$ref": f"{HERE}#/components/responses/forbidden"}
    declared = description.of(declared)
    content = declared.get("content", {})
    if not content:
        if answer is not None:
            yield "there is an answer where none is declared"
        return
    kind = exchange["answer_headers"].get("content-type", "").split(";")[0]
    if kind not in content:
        yield f"the media type `{kind}` is not declared"
        return
    schema = content[kind]["schema"]
    yield from description.faults(schema, answer, "answer")
    known = description.properties(schema)
    if isinstance(answer, dict) and known and status < 300:
        for name in set(answer) - known:
            yield f"`{name}` of the answer is not declared"
    page = operation["externalDocs"]["url"].split("/rest/")[-1]
    if status in (403, 404) and "#" in answer["documentation_url"] and not answer["documentation_url"].endswith(page):
        yield f"the refusal points at {answer['documentation_url']}"


def below(exchange):
    """The path behind the base path; None for one that is not below it."""
    base, path = exchange["base_path"], exchange["path"]
    return path.removeprefix(base) if path.startswith(f"{base}/") else None


def is_ours(exchange):
    return exchange["headers"].get("user-agent", "").startswith(OURS)


@pytest.fixture(scope="module")
def exchanges():
    files = sorted(Path(os.environ["SANDBOX_RECORD"]).glob("*.jsonl"))
    # Names of files in them hold other ends of lines, too.
    found = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]
    assert found, "nothing was recorded: run the tests with SANDBOX_RECORD"
    return found


@pytest.fixture(scope="module")
def github():
    return Description("api.github.com")


@pytest.fixture(scope="module", params=["api.github.com", "ghes"])
def description(request):
    if request.param != "ghes":
        return request.getfixturevalue("github")
    versions = [re.match(r"ghes-(\d+)\.(\d+)\.json", name) for name in os.listdir(GENERATED)]
    newest = max((int(version[1]), int(version[2])) for version in versions if version)
    return Description(f"ghes-{newest[0]}.{newest[1]}")


def test_every_exchange_is_as_the_description_says(exchanges, description):
    faults = Counter()
    for exchange in exchanges:
        faults.update(exchange_faults(description, exchange))
    assert not faults, "\n".join(f"{count} times: {fault}" for fault, count in faults.items())


def exchange_faults(description, exchange):
    line = f"{exchange['method']} {exchange['path']}"
    path = below(exchange)
    # Addresses of pages name a repository by its number: the same operations, which no description repeats.
    found = path and description.find(exchange["method"], re.sub(r"^/repositories/\d+", "/repos/owner/repo", path))
    if not found:
        if is_ours(exchange) or exchange.get("status") not in (404, None):
            yield f"{line}: no such operation below `{exchange['base_path']}`"
        return
    template, operation, in_path = found
    faults = []
    if is_ours(exchange):
        faults += request_faults(description, exchange, operation, in_path)
    if exchange.get("status") and not exchange["ordered"]:
        faults += answer_faults(description, exchange, operation)
    for fault in faults:
        yield f"{exchange['method']} {template} -> {exchange.get('status')}: {fault}"


def operation_rows():
    rows = [row.strip("| \n").split(" | ") for row in (ROOT / "docs/github.md").open() if row.startswith("| `")]
    return {row[0].strip("`"): row[2].strip("`") for row in rows}


def test_what_is_asked_is_what_the_documents_say(exchanges, github):
    asked = Counter()
    for exchange in filter(is_ours, exchanges):
        if found := github.find(exchange["method"], below(exchange) or ""):
            asked[f"{exchange['method']} {found[0]}"] += 1
    assert set(asked) == set(operation_rows())
    if tally := os.environ.get("TALLY"):
        Path(tally).mkdir(parents=True, exist_ok=True)
        answers = sum(1 for exchange in exchanges if exchange.get("status") and not exchange["ordered"])
        line = f"{asked.total()} requests of {len(asked)} operations and {answers} answers, checked against GitHub's descriptions"
        (Path(tally) / "contract").write_text(f"{line}\n")
        print(line)


def test_the_documented_permissions_are_no_more_than_the_workflow_file_asks_for():
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"\n    permissions:\n((?:      .*\n)+)", readme)[1]
    given = dict(re.findall(r"([\w-]+): (\w+)", block))
    levels = ["read", "write"]
    needed = {}
    for permission in set(operation_rows().values()) - {"none"}:
        name, level = permission.split(": ")
        needed[name] = max(needed.get(name, "read"), level, key=levels.index)
    assert given == needed


def broken(exchange, **fields):
    return {**exchange, **fields}


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda sound: broken(sound, path="/api/v4" + sound["path"]), "no such operation"),
        (lambda sound: broken(sound, method="PUT"), "no such operation"),
        (lambda sound: broken(sound, query="per_page=101"), "at most 100"),
        (lambda sound: broken(sound, query="per_page=many"), "per_page"),
        (lambda sound: broken(sound, query="sort=asc"), "`sort` is not declared"),
        (lambda sound: broken(sound, body={"body": "x"}), "a body is sent"),
        (lambda sound: broken(sound, headers={**sound["headers"], "accept": "*/*"}), "`accept`"),
        (lambda sound: broken(sound, status=418), "418 is not declared"),
        (lambda sound: broken(sound, answer=[{**sound["answer"][0], "id": "1"}]), "answer/0/id"),
        (lambda sound: broken(sound, answer=[{**sound["answer"][0], "user": 1}]), "answer/0/user"),
        (lambda sound: broken(sound, answer_headers={"content-type": "text/html"}), "media type"),
    ],
)
def test_what_is_wrong_is_seen(exchanges, github, spoil, message):
    listing = re.compile(r"/repos/[^/]+/[^/]+/issues/\d+/comments")
    sound = next(
        exchange
        for exchange in exchanges
        if is_ours(exchange) and exchange["method"] == "GET" and exchange.get("status") == 200
        and not exchange["ordered"] and not exchange["base_path"] and exchange["answer"] and listing.fullmatch(exchange["path"])
    )
    assert list(exchange_faults(github, sound)) == []
    faults = list(exchange_faults(github, spoil(sound)))
    assert any(message in fault for fault in faults), faults
