"""What a run of Spark's pipelines says of its flows, in terms of the configuration."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any, Optional

from .. import enforce
from ..classes import check
from ..driver import Pipeline
from ..errors import DefinitionError, DLTFlowError, ExpectationFailed
from ..plan import Dataset, Query
from .catalog import Catalog
from .graph import Node
from .report import COMPLETED, FAILED, SKIPPED

log = logging.getLogger("dltflow")

FLOW = re.compile(r"Flow '?(?P<flow>.+?)'? (?P<state>is STARTING|has COMPLETED|has FAILED|SKIPPED)")
UNRESOLVED = re.compile(r"Failed to resolve flow: '(?P<flow>.+?)'")
OUTCOMES = {"has COMPLETED": COMPLETED, "has FAILED": FAILED, "SKIPPED": SKIPPED}
DERIVED = re.compile(r"__dltflow_(raw|metrics|violations)$")
GIVES_NONE = ("BATCH_RELATION_FOR_STREAMING_TABLE", "INCOMPATIBLE_STREAMING_VIEW_READ")
GIVES_ONE = ("STREAMING_RELATION_FOR_MATERIALIZED_VIEW", "INCOMPATIBLE_BATCH_VIEW_READ")


class Events:
    """The last state of each flow. Names are those of the catalog: `schema.table`, in lower case."""

    def __init__(self, nodes: Sequence[Node], catalog: Catalog) -> None:
        self.catalog = catalog
        self.error: Optional[Exception] = None
        self.outcomes: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self.errors: dict[str, str] = {}
        self.unresolved: dict[str, str] = {}
        self._started: dict[str, float] = {}
        self.nodes = {catalog.name(node.name): node for node in nodes}
        for node in nodes:
            for flow in node.flows:
                self.nodes.setdefault(catalog.name(flow.name or flow.target), node)

    def follow(self, events: Iterable[Any]) -> None:
        """Reads them to the end of the run."""
        for event in events:
            self._read(event.message, event.timestamp.ToNanoseconds() / 1e9)

    def _read(self, message: str, time: float) -> None:
        first, _, rest = message.partition("\nError: ")
        unresolved, flow = UNRESOLVED.match(first), FLOW.match(first)
        if unresolved:
            self.unresolved[self.catalog.name(unresolved["flow"])] = rest
        if not flow:
            return
        name, state = self.catalog.name(flow["flow"]), flow["state"]
        if state not in OUTCOMES:
            self._started[name] = time
            return
        self.outcomes[name] = OUTCOMES[state]
        self.seconds[name] = round(time - self._started.get(name, time), 3)
        if self.outcomes[name] == FAILED:
            self.errors[name] = rest
        if name in self.nodes:
            log.info("%s: %s in %.1f s", self.nodes[name].name, self.outcomes[name], self.seconds[name])

    def outcome(self, node: Node) -> str:
        """The worst of the flows that fill `node`."""
        flows = {self.catalog.name(flow.name or flow.target) for flow in node.flows} | {self.catalog.name(node.name)}
        found = {self.outcomes[flow] for flow in flows if flow in self.outcomes}
        return next((outcome for outcome in (FAILED, SKIPPED, COMPLETED) if outcome in found), SKIPPED)

    def failed(self) -> dict[str, ExpectationFailed]:
        """The expectations that ended flows, by the flow."""
        found = {flow: enforce.raised_in(text) for flow, text in self.errors.items()}
        return {flow: error for flow, error in found.items() if error}

    def refuse(self, launched: Sequence[Pipeline]) -> None:
        """Raises what is no failed expectation, as the author should read it."""
        expected = self.failed()
        for flow, text in {**self.unresolved, **self.errors}.items():
            if flow not in expected:
                raise self._told(flow, text, launched) from self.error
        if self.error and not expected:
            raise self.error

    def _told(self, flow: str, text: str, launched: Sequence[Pipeline]) -> DLTFlowError:
        node, derived = self._of(flow)
        first = text.strip().splitlines()[0].rstrip(";.") if text.strip() else "failed"
        if node is None:
            return DLTFlowError(f"flow `{flow}`: {first}")
        query = _query(node, flow, self.catalog)
        if query and any(code in text for code in GIVES_NONE + GIVES_ONE):
            return _no_stream(node, query, any(code in text for code in GIVES_NONE))
        if derived in ("metrics", "violations") and flow in self.unresolved:
            return no_condition(node.dataset, _expectation(node.dataset, text), first)
        return DefinitionError(f"{_where(node, query, launched)}: {first}")

    def _of(self, flow: str) -> tuple[Optional[Node], str]:
        """The node that a flow or something derived of it belongs to."""
        derived = DERIVED.search(flow)
        if not derived:
            return self.nodes.get(flow), ""
        for node in self.nodes.values():
            names = (enforce.raw(node.name), enforce.metrics(node.name), enforce.violations(node.name))
            if flow in map(self.catalog.name, names):
                return node, derived[1]
        return None, derived[1]


def _query(node: Node, flow: str, catalog: Catalog) -> Optional[Query]:
    flows = [item for item in node.flows if item.query]
    named = [item for item in flows if item.name and catalog.name(item.name) == flow]
    return (named or flows)[0].query if flows else node.dataset.query


def _where(node: Node, query: Optional[Query], launched: Sequence[Pipeline]) -> str:
    for pipeline in launched:
        if query and any(item is query for _, item in pipeline.plan.queries()):
            return check(type(pipeline.instance), node.name, query)
    return f"{node.dataset.at}: dataset `{node.name}`"


def _no_stream(node: Node, query: Query, is_set: bool) -> DefinitionError:
    if node.flows:
        return DefinitionError(f"{node.flows[0].at}: method `{query.func_name}` gives no stream")
    problem = f"is set, but `{query.func_name}` gives no stream: read by `spark.readStream`, or leave it out"
    if not is_set:
        problem = f"is not set, but `{query.func_name}` gives a stream: set it, or read by `spark.read`"
    return DefinitionError(f"{query.at}.is_streaming_table: {problem}")


def _expectation(dataset: Dataset, text: str) -> str:
    """The one that an error of Spark is about: it shows the conditions, or the column that is not there."""
    shown = set(re.findall(r"`([^`]+)`", text.partition("Did you mean")[0]))
    shown |= set(re.findall(r'"\(?(.+?)(?: AND true\))?"', text.splitlines()[0]))
    for item in dataset.expectations:
        if any(part in item.constraint for part in shown):
            return item.name
    return dataset.expectations[0].name


def no_condition(dataset: Dataset, expectation: str, problem: str) -> DefinitionError:
    """An expectation that cannot be asked of a row."""
    constraint = next(item.constraint for item in dataset.expectations if item.name == expectation)
    first = problem.strip().splitlines()[0].rstrip(";.")
    where = f"{dataset.at}: dataset `{dataset.name}`, expectation `{expectation}`"
    return DefinitionError(f"{where}: `{constraint}` is no condition here: {first}")
