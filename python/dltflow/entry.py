"""One entry of the `dlt` section: the rules across its keys, and what it adds to the dataflow graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .errors import ConfigError
from .graph import (
    APPEND,
    CHANGES,
    MATERIALIZED_VIEW,
    SINK,
    SNAPSHOTS,
    STREAMING_TABLE,
    VIEW,
    Dataset,
    Expectation,
    Flow,
    Input,
    Options,
    Quarantine,
    Query,
    has_schema,
    one_word,
)

FLOWS = ("append_config", "apply_cdc_config", "apply_snapshot_config", "sink")
VIEW_OPTIONS = ("comment", "spark_conf")


class Entry:
    """One entry of the section, its keys under their current names, and what it adds to the graph."""

    def __init__(self, at: str, entry: Options) -> None:
        self.at, self.entry = at, entry
        self.options: Options = dict(entry.get("write_opts", {}))
        self.flow_key = next((key for key in FLOWS if key in entry), None)
        self.streaming: bool = entry.get("is_streaming_table", False)
        self.old_name = self._qualified()
        self.name = self._name()
        self.makes_its_name = self.flow_key is None
        self.expectations = self._expectations()
        self.query = Query(at, entry["func_name"], _inputs(entry.get("inputs", {})))
        self.datasets: list[Dataset] = []
        self.flows: list[Flow] = []

    def _qualified(self) -> Any:
        """The name that `database` and `tablename` form in older configurations."""
        database, table = self.options.pop("database", None), self.options.pop("tablename", None)
        if (database is None) != (table is None):
            raise ConfigError(f"{self.at}.write_opts", "`database` and `tablename` belong together")
        return f"{database}.{table}" if database else None

    def _name(self) -> str:
        given = (self.entry.get("name"), self.options.pop("name", None), self.old_name)
        names = sorted({name for name in given if name})
        self.named = bool(names)
        if len(names) > 1:
            listed = ", ".join(f"`{name}`" for name in names)
            raise ConfigError(self.at, f"the dataset has {len(names)} names ({listed}): keep one")
        return names[0] if names else self.entry["func_name"]

    def _expectations(self) -> tuple[Expectation, ...]:
        written = self.entry.get("expectations", [])
        action = self.entry.get("expectation_action", "allow")
        if isinstance(written, dict):
            written = [{"name": name, "constraint": constraint} for name, constraint in written.items()]
        found: dict[str, Expectation] = {}
        for i, item in enumerate(written):
            name = item["name"]
            if name in found:
                raise ConfigError(f"{self.at}.expectations[{i}].name", f"`{name}` is the name of an expectation above")
            found[name] = Expectation(name, item["constraint"], item.get("action", action))
        return tuple(found.values())

    def check(self) -> None:
        """Refuses keys that contradict each other."""
        view, flow, options = self.entry["kind"] == "view", self.flow_key, self.options
        if view and flow:
            raise ConfigError(self.at, f"a view cannot have `{flow}`: use `kind: table`")
        for option in sorted(set(options) - set(VIEW_OPTIONS)) if view else ():
            raise ConfigError(f"{self.at}.write_opts", f"a view has no `{option}`: use `kind: table`")
        if view:
            _check_view_name(self.at, self.name)
        if flow == "apply_snapshot_config" and self.streaming:
            raise ConfigError(f"{self.at}.is_streaming_table", "a snapshot is not a stream")
        if flow and flow != "apply_snapshot_config" and self.entry.get("is_streaming_table") is False:
            raise ConfigError(f"{self.at}.is_streaming_table", f"is `false`, but `{flow}` takes a stream")
        if flow and "private" in options:
            raise ConfigError(f"{self.at}.write_opts.private", f"a streaming table with `{flow}` cannot be private")
        for parameter, given in self.query.inputs.items():
            if given.dataset.lower() == self.name.lower() and self.makes_its_name:
                raise ConfigError(f"{self.at}.inputs.{parameter}", f"`{self.name}` would read itself")
        self._check_quarantine()

    def _check_quarantine(self) -> None:
        used = any(item.action == "quarantine" for item in self.expectations)
        if "quarantine" in self.entry and not used:
            raise ConfigError(f"{self.at}.quarantine", "no expectation has the action `quarantine`")
        if used and self.flow_key in ("append_config", "apply_snapshot_config"):
            hint = "make the method a view that does, and read that"
            raise ConfigError(self.at, f"rows of `{self.flow_key}` are not quarantined: {hint}")

    def add(self, makers: Mapping[str, Entry], warnings: list[str]) -> None:
        """Adds the datasets and flows; `makers` are the entries by the names of the datasets that they make."""
        if self.old_name:
            hint = f"write `name: {self.old_name}`"
            warnings.append(f"{self.at}.write_opts: `database` and `tablename` are older: {hint}")
        if self.flow_key is None:
            stored = STREAMING_TABLE if self.streaming else MATERIALIZED_VIEW
            made = VIEW if self.entry["kind"] == "view" else stored
            self.datasets.append(self._dataset(self.name, made, self.streaming, self.options))
        elif self.flow_key == "append_config":
            self._append(self.entry["append_config"])
        elif self.flow_key == "sink":
            self._sink(self.entry["sink"])
        elif self.flow_key == "apply_cdc_config":
            self._changes(self.entry["apply_cdc_config"], makers, warnings)
        else:
            self._snapshots(self.entry["apply_snapshot_config"], makers, warnings)

    def _dataset(self, name: str, made: str, streaming: bool, options: Options, query: Any = None) -> Dataset:
        quarantine = None
        if any(item.action == "quarantine" for item in self.expectations):
            inner = dict(self.entry.get("quarantine", {}))
            quarantine = Quarantine(inner.pop("table", f"{name}__quarantine"), inner)
        return Dataset(self.at, name, made, streaming, query or self.query, self.expectations, options, quarantine)

    def _target(self, name: str, expectations: tuple[Expectation, ...] = ()) -> Dataset:
        made = STREAMING_TABLE
        return Dataset(self.at, name, made, True, expectations=expectations, options=self.options)

    def _append(self, append: Options) -> None:
        options = dict(append)
        target = options.pop("target")
        is_table = self.name.lower() == target.lower()  # as older configurations have it, for each entry of a target
        name = options.pop("name", self.query.func_name if is_table else self.name)
        if options.pop("create_target", True):
            self.datasets.append(self._target(target, self.expectations))
        elif self.expectations or self.options:
            raise ConfigError(self.at, "expectations and `write_opts` belong to the target, which is not created here")
        flow = Flow(f"{self.at}.append_config", APPEND, target, name, query=self.query, options=options)
        self.flows.append(flow)

    def _sink(self, sink: Options) -> None:
        for key in ("expectations", "write_opts"):
            if self.entry.get(key):
                raise ConfigError(f"{self.at}.{key}", "a sink has none: put them on a view that the method reads")
        options = dict(sink)
        name = options.pop("name", self.name)
        self.datasets.append(Dataset(f"{self.at}.sink", name, SINK, True, options=options))
        self.flows.append(Flow(f"{self.at}.sink", APPEND, name, self.name, query=self.query))

    def _changes(self, written: Any, makers: Mapping[str, Entry], warnings: list[str]) -> None:
        place = f"{self.at}.apply_cdc_config"
        listed = isinstance(written, list)
        placed = {f"{place}[{i}]": item for i, item in enumerate(written)} if listed else {place: written}
        several = len(placed) > 1
        for at, changes in placed.items():
            options = dict(changes)
            func_name, target = options.pop("func_name", None), options.pop("target")
            self._check_target(target)
            if self.flows and target.lower() != self.flows[0].target.lower():
                problem = f"the flows of one list have one target, and the first has `{self.flows[0].target}`"
                raise ConfigError(f"{at}.target", problem)
            default = f"{one_word(target)}__source" + (f"_{func_name}" if func_name and several else "")
            stream = not options.get("once", False)
            source = self._source(at, options.pop("source", default), target, func_name, stream, makers, warnings)
            name = options.pop("name", source if several else None)
            _check_history(at, options, self.options)
            options["stored_as_scd_type"] = int(options.get("stored_as_scd_type", 1))
            self.flows.append(Flow(at, CHANGES, target, name, source, options=options))
        self.datasets.append(self._target(self.flows[0].target))

    def _snapshots(self, snapshots: Options, makers: Mapping[str, Entry], warnings: list[str]) -> None:
        at, options = f"{self.at}.apply_snapshot_config", dict(snapshots)
        target, source, query = options.pop("target"), options.pop("source", None), None
        self._check_target(target)
        if options.pop("versioned", False):
            if self.expectations:
                problem = "a `versioned` method makes no dataset that could have them"
                raise ConfigError(f"{self.at}.expectations", problem)
            query = replace(self.query, versioned=True)
        else:
            source = self._source(at, source or f"{one_word(target)}__snapshot", target, None, False, makers, warnings)
        _check_history(at, options, self.options)
        options["stored_as_scd_type"] = int(options.get("stored_as_scd_type", 1))
        self.datasets.append(self._target(target))
        self.flows.append(Flow(at, SNAPSHOTS, target, None, source, query, options))

    def _check_target(self, target: str) -> None:
        """The table that changes are applied to is named by `target` alone."""
        if self.named and self.name.lower() != target.lower():
            raise ConfigError(self.at, f"the dataset is named `{self.name}`, but its `target` is `{target}`: keep one")

    def _source(
        self,
        at: str,
        source: str,
        target: str,
        func_name: Any,
        streaming: bool,
        makers: Mapping[str, Entry],
        warnings: list[str],
    ) -> str:
        """The dataset that has the changes: another entry's, or a view of this entry's method."""
        if source.lower() == target.lower():
            raise ConfigError(at, f"`source` and `target` are both `{target}`")
        if source.lower() not in makers:
            _check_view_name(f"{at}.source", source)
            query = Query(at, func_name) if func_name else self.query
            self.datasets.append(self._dataset(source, VIEW, streaming, {}, query))
            return source
        if self.expectations:
            raise ConfigError(f"{self.at}.expectations", f"the rows are those of `{source}`: put them there")
        warnings.append(f"{at}.source: the rows are those of `{source}`, so `{self.query.func_name}` is not called")
        return source


def _check_view_name(at: str, name: str) -> None:
    if has_schema(name):
        raise ConfigError(at, f"the view `{name}` cannot be in a schema: call it `{one_word(name)}`")


def _inputs(written: Options) -> dict[str, Input]:
    return {name: Input(**({"dataset": item} if isinstance(item, str) else item)) for name, item in written.items()}


def _check_history(at: str, flow: Options, table: Options) -> None:
    keeps_history = str(flow.get("stored_as_scd_type", 1)) == "2"
    tracked = next((key for key in flow if key.startswith("track_history")), None)
    if tracked and not keeps_history:
        raise ConfigError(f"{at}.{tracked}", "needs `stored_as_scd_type: 2`")
    for column in ("__START_AT", "__END_AT"):
        if keeps_history and "schema" in table and column not in table["schema"]:
            raise ConfigError(at, f"`write_opts.schema` of a target with history needs the column `{column}`")
