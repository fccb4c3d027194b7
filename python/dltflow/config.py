"""From a configuration file to its dataflow graph: the rules that concern more than one entry, without an engine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from .entry import Entry
from .errors import ConfigError
from .graph import Dataset, Graph
from .schema import Reader, load, near, shown


READ = "_dltflow_read"


def read(path: Union[str, os.PathLike[str]]) -> Any:
    """The content of a JSON or YAML file; of a release that which was checked before it was deployed."""
    path = os.fspath(path)
    checked = _as_checked(path)
    if checked is not None:
        with open(checked, encoding="utf-8") as file:
            return json.load(file)
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        raise ConfigError(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, "is not UTF-8 text") from error
    try:
        if path.lower().endswith(".json"):
            return json.loads(text)
        import yaml  # here, so that JSON needs no YAML reader

        return yaml.safe_load(text)
    except ImportError as error:
        raise ConfigError(path, "reading YAML needs the package `pyyaml`: add it to `dependencies`") from error
    except Exception as error:  # each YAML reader has a root of its own
        raise ConfigError(path, str(error)) from error


def _as_checked(path: str) -> Optional[str]:
    """The file that has the content of `path` as it was read when the release was made, if this is of a release."""
    release = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    absolute = os.path.abspath(path)
    if not absolute.startswith(release + os.sep):
        return None
    found = os.path.join(release, READ, absolute[len(release) + 1 :])
    return found if os.path.isfile(found) else None


def to_graph(content: Any, source: str = "config") -> Graph:
    """The graph that the `dlt` section of `content` describes; `source` names it in errors.

    Keys beside `dlt` are the author's.
    """
    if not isinstance(content, Mapping):
        raise ConfigError(source, f"must be a mapping, not {shown(content)}")
    section = content.get("dlt")
    if section is None or section in ([], {}):
        hint = "" if "dlt" in content else near("dlt", map(str, content))
        raise ConfigError(source, f"there is no `dlt` section, so there is nothing to register{hint}")
    reader = Reader(load())
    values = reader.read(section, f"{source}: dlt")
    listed = isinstance(values, list)
    places = [f"{source}: dlt[{i}]" for i in range(len(values))] if listed else [f"{source}: dlt"]
    entries = [Entry(at, entry) for at, entry in zip(places, values if listed else [values])]
    makers = {entry.name.lower(): entry for entry in entries if entry.makes_its_name}
    for entry in entries:
        entry.check()
        entry.add(makers, reader.warnings)
    _refuse_doubles(entries)
    datasets = _without_repeated_targets(entries)
    flows = tuple(flow for entry in entries for flow in entry.flows)
    return Graph(tuple(datasets), flows, tuple(reader.warnings))


@dataclass(frozen=True)
class _Made:
    """A dataset or flow that an entry makes; a `shared` one can be made by several."""

    name: tuple[str, ...]
    entry: Entry
    shared: bool = False


def _made(entry: Entry) -> Iterable[_Made]:
    for dataset in entry.datasets:
        yield _Made((dataset.name,), entry, shared=entry.flow_key == "append_config")
        if dataset.quarantine:
            yield _Made((dataset.quarantine.name,), entry)
    for flow in entry.flows:
        if flow.name:
            yield _Made((flow.target, flow.name), entry)


def _refuse_doubles(entries: Iterable[Entry]) -> None:
    """Refuses two entries that make the same dataset or flow; several may append to one target."""
    places: dict[tuple[str, ...], _Made] = {}
    for made in (made for entry in entries for made in _made(entry)):
        key = tuple(part.lower() for part in made.name)
        other = places.setdefault(key, made)
        first = other.entry.at.rpartition(": ")[2]
        if other is not made and not (other.shared and made.shared):
            raise ConfigError(made.entry.at, f"`{made.name[-1]}` is already made by {first}")
        if other is not made and (made.entry.expectations or made.entry.options):
            raise ConfigError(made.entry.at, f"`{made.name[-1]}` gets its expectations and `write_opts` from {first}")


def _without_repeated_targets(entries: Iterable[Entry]) -> list[Dataset]:
    found: dict[str, Dataset] = {}
    for dataset in (dataset for entry in entries for dataset in entry.datasets):
        found.setdefault(dataset.name.lower(), dataset)
    return list(found.values())
