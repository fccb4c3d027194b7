"""The events of a run of Spark's pipelines, in terms of the configuration."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any, Optional

from ... import expectations
from ...classes import check
from ...driver import Pipeline
from ...errors import DefinitionError, DLTFlowError, ExpectationFailed, LocalInputError
from ...graph import Dataset, Query
from ..input import not_found
from ..nodes import Node, streaming_mismatch
from ..report import COMPLETED, FAILED, SKIPPED
from .catalog import Catalog

log = logging.getLogger("dltflow")

FLOW = re.compile(r"Flow '?(?P<flow>.+?)'? (?P<state>is STARTING|has COMPLETED|has FAILED|SKIPPED)")
UNRESOLVED = re.compile(r"Failed to resolve flow: '(?P<flow>.+?)'")
CIRCULAR = re.compile(r"(?:downstream|upstream) table (?:or view )?'([^']+)'")
INVALID = re.compile(r"(?:[Ff]low|[Tt]able|dataset) ((?:`[^`]+`\.)*`[^`]+`)")
OUTCOMES = {"has COMPLETED": COMPLETED, "has FAILED": FAILED, "SKIPPED": SKIPPED}
DERIVED = re.compile(r"__dltflow_(raw|metrics|violations)$")
NOT_STREAMING = ("BATCH_RELATION_FOR_STREAMING_TABLE", "INCOMPATIBLE_STREAMING_VIEW_READ")
STREAMING = ("STREAMING_RELATION_FOR_MATERIALIZED_VIEW", "INCOMPATIBLE_BATCH_VIEW_READ")


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
        """The worst outcome of the flows that fill `node`."""
        flows = {self.catalog.name(flow.name or flow.target) for flow in node.flows} | {self.catalog.name(node.name)}
        found = {self.outcomes[flow] for flow in flows if flow in self.outcomes}
        return next((outcome for outcome in (FAILED, SKIPPED, COMPLETED) if outcome in found), SKIPPED)

    def failed(self) -> dict[str, ExpectationFailed]:
        """The expectations that stopped flows, by flow."""
        found = {flow: expectations.raised_in(text) for flow, text in self.errors.items()}
        return {flow: error for flow, error in found.items() if error}

    def refuse(self, launched: Sequence[Pipeline]) -> None:
        """Raises any error that is not a failed expectation, in terms of the configuration."""
        expected = self.failed()
        for flow, text in {**self.unresolved, **self.errors}.items():
            if flow not in expected:
                raise self._described(flow, text, launched) from self.error
        if self.error and not expected:
            text = str(self.error)
            named = INVALID.search(text)
            if named and self._of(self.catalog.name(named[1]))[0]:
                raise self._described(self.catalog.name(named[1]), text, launched) from self.error
            raise self._cycle(text) or self.error from self.error

    def _cycle(self, text: str) -> Optional[DefinitionError]:
        """The error for a cycle, of which Spark names two datasets."""
        names = [self.catalog.name(name) for name in CIRCULAR.findall(text)] if "Circular" in text else []
        nodes = [self._of(name)[0] for name in names]
        if len(nodes) < 2 or not nodes[0] or not nodes[1]:
            return None
        of, what = nodes[1], nodes[0]
        return DefinitionError(f"{of.dataset.at}: datasets form a cycle: `{of.name}` reads `{what.name}`")

    def _described(self, flow: str, text: str, launched: Sequence[Pipeline]) -> DLTFlowError:
        node, derived = self._of(flow)
        first = text.strip().splitlines()[0].rstrip(";.") if text.strip() else "failed"
        if node is None:
            return DLTFlowError(f"flow `{flow}`: {first}")
        query = _query(node, flow, self.catalog)
        if query and any(code in text for code in NOT_STREAMING + STREAMING):
            if node.flows:
                return DefinitionError(f"{node.flows[0].at}: method `{query.func_name}` does not return a stream")
            return streaming_mismatch(query, not any(code in text for code in NOT_STREAMING))
        if derived in ("metrics", "violations") and flow in self.unresolved:
            return invalid_condition(node.dataset, _expectation(node.dataset, text), first)
        where, missing = _where(node, query, launched), not_found(text)
        if missing:
            return LocalInputError(f"{where}: {self.catalog.missing(missing)}")
        return DefinitionError(f"{where}: {first}")

    def _of(self, flow: str) -> tuple[Optional[Node], str]:
        """The node that a flow, or a companion of its dataset, belongs to."""
        derived = DERIVED.search(flow)
        if not derived:
            return self.nodes.get(flow), ""
        for node in self.nodes.values():
            names = (expectations.raw(node.name), expectations.metrics(node.name), expectations.violations(node.name))
            if flow in map(self.catalog.name, names):
                return node, derived[1]
        return None, derived[1]


def _query(node: Node, flow: str, catalog: Catalog) -> Optional[Query]:
    flows = [item for item in node.flows if item.query]
    named = [item for item in flows if item.name and catalog.name(item.name) == flow]
    return (named or flows)[0].query if flows else node.dataset.query


def _where(node: Node, query: Optional[Query], launched: Sequence[Pipeline]) -> str:
    for pipeline in launched:
        if query and any(item is query for _, item in pipeline.graph.queries()):
            return check(type(pipeline.instance), node.name, query)
    return f"{node.dataset.at}: dataset `{node.name}`"


def _expectation(dataset: Dataset, text: str) -> str:
    """The expectation that an error of Spark is about: it quotes the conditions, or the column that is missing."""
    shown = set(re.findall(r"`([^`]+)`", text.partition("Did you mean")[0]))
    shown |= set(re.findall(r'"\(?(.+?)(?: AND true\))?"', text.splitlines()[0]))
    for item in dataset.expectations:
        if any(part in item.constraint for part in shown):
            return item.name
    return dataset.expectations[0].name


def invalid_condition(dataset: Dataset, expectation: str, problem: str) -> DefinitionError:
    """The error for an expectation whose condition Spark cannot evaluate."""
    constraint = next(item.constraint for item in dataset.expectations if item.name == expectation)
    first = problem.strip().splitlines()[0].rstrip(";.")
    where = f"{dataset.at}: dataset `{dataset.name}`, expectation `{expectation}`"
    return DefinitionError(f"{where}: `{constraint}` is not a valid condition: {first}")
