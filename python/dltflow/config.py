"""The `dlt` section of a configuration: from what people write to datasets, without an engine."""

import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union

from .errors import ConfigError

Options = dict[str, Any]


@dataclass(frozen=True)
class Expectation:
    """A condition that each row should meet, and what happens to one that does not."""

    name: str
    constraint: str
    action: str


@dataclass(frozen=True)
class Dataset:
    """One entry of the `dlt` section: a method and what is made of it."""

    at: str
    func_name: str
    kind: str
    name: str
    expectations: tuple[Expectation, ...] = ()
    options: Options = field(default_factory=dict)
    append: Optional[Options] = None
    cdc: Optional[Options] = None


def read(config: Union[str, "os.PathLike[str]"]) -> Any:
    """The content of a JSON or YAML file."""
    path = os.fspath(config)
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        if path.lower().endswith(".json"):
            return json.loads(text)
        import yaml  # here, so that JSON needs no YAML reader

        return yaml.safe_load(text)
    except ImportError as error:
        raise ConfigError(f"{path}: reading YAML needs the package `pyyaml`: add it to `dependencies`") from error
    except Exception as error:  # each YAML reader has a root of its own
        raise ConfigError(f"{path}: {error}") from error


def datasets(config: Any, source: str) -> list[Dataset]:
    """The datasets of a configuration in its order; `source` names it in errors."""
    section = mapping(config, source).get("dlt")
    if not section:
        raise ConfigError(f"{source}: there is no `dlt` section, so there is nothing to register")
    listed = isinstance(section, list)
    entries = section if listed else [section]
    found = [_dataset(entry, f"{source}: dlt[{i}]" if listed else f"{source}: dlt") for i, entry in enumerate(entries)]
    _refuse_doubles(found)
    return found


# How single values are read: each reader takes a value and its place, and gives the value or raises.


def text(value: Any, at: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{at}: must be text, not {_shown(value)}")
    return value


def flag(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{at}: must be `true` or `false`, not {_shown(value)}")
    return value


def texts(value: Any, at: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{at}: must be a list of text, not {_shown(value)}")
    return [text(item, f"{at}[{i}]") for i, item in enumerate(value)]


def mapping(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{at}: must be a mapping, not {_shown(value)}")
    return value


def properties(value: Any, at: str) -> dict[str, str]:
    """Names to text, as Spark takes them: `true` and `1` become text as people write it."""
    found = {}
    for key, item in mapping(value, at).items():
        if not isinstance(item, (str, bool, int, float)):
            raise ConfigError(f"{at}.{key}: must be text, not {_shown(item)}")
        found[text(key, at)] = str(item).lower() if isinstance(item, bool) else str(item)
    return found


def one_of(*allowed: Any) -> Callable[[Any, str], Any]:
    def choose(value: Any, at: str) -> Any:
        if isinstance(value, bool) or value not in allowed:
            choices = ", ".join(f"`{item}`" for item in dict.fromkeys(map(str, allowed)))
            raise ConfigError(f"{at}: must be one of {choices}, not {_shown(value)}{_near(value, allowed)}")
        return value

    return choose


def anything(value: Any, at: str) -> Any:
    return value


@dataclass(frozen=True)
class Key:
    """How the value of a key is read; `alias` is an older name of the same key."""

    read: Callable[[Any, str], Any]
    required: bool = False
    alias: Optional[str] = None


ACTION = one_of("allow", "drop", "fail")

ENTRY = {
    "func_name": Key(text, required=True),
    "kind": Key(one_of("table", "view"), required=True),
    "name": Key(text),
    "expectations": Key(anything),
    "expectation_action": Key(ACTION),
    "is_streaming_table": Key(flag, alias="is_streaming"),
    "append_config": Key(mapping),
    "apply_cdc_config": Key(mapping, alias="apply_chg_config"),
    "write_opts": Key(mapping),
}

EXPECTATION = {
    "name": Key(text, required=True),
    "constraint": Key(text, required=True, alias="inv"),
    "action": Key(ACTION),
}

WRITE = {
    "name": Key(text),
    "database": Key(text),
    "tablename": Key(text),
    "comment": Key(text),
    "spark_conf": Key(properties),
    "table_properties": Key(properties),
    "path": Key(text),
    "partition_cols": Key(texts),
    "cluster_by": Key(texts),
    "schema": Key(text),
    "row_filter": Key(text),
    "temporary": Key(flag),
}
VIEW_OPTIONS = {"comment", "spark_conf"}

APPEND = {
    "target": Key(text, required=True),
    "name": Key(text),
    "comment": Key(text),
    "spark_conf": Key(properties),
    "once": Key(flag),
    "create_target": Key(flag),
}

CDC = {
    "target": Key(text, required=True),
    "source": Key(text),
    "keys": Key(texts, required=True),
    "sequence_by": Key(text, required=True),
    "where": Key(text),
    "ignore_null_updates": Key(flag),
    "apply_as_deletes": Key(text),
    "apply_as_truncates": Key(text),
    "column_list": Key(texts),
    "except_column_list": Key(texts),
    "stored_as_scd_type": Key(one_of(1, 2, "1", "2")),
    "track_history_column_list": Key(texts),
    "track_history_except_column_list": Key(texts),
    "flow_name": Key(text, alias="name"),
    "once": Key(flag),
}


def _section(value: Any, at: str, keys: Mapping[str, Key]) -> Options:
    """The values of a mapping under today's names; keys without a value count as left out."""
    aliases = {key.alias: name for name, key in keys.items() if key.alias}
    found: Options = {}
    for written, item in mapping(value, at).items():
        name = aliases.get(written, written)
        if name not in keys:
            raise ConfigError(f"{at}: unknown key `{written}`{_near(written, [*keys, *aliases])}")
        if item is None:
            continue
        if name in found:
            raise ConfigError(f"{at}: `{keys[name].alias}` is an older name of `{name}`: keep one of the two")
        found[name] = keys[name].read(item, f"{at}.{written}")
    for name, key in keys.items():
        if key.required and name not in found:
            raise ConfigError(f"{at}: `{name}` is missing")
    return found


def _dataset(value: Any, at: str) -> Dataset:
    entry = _section(value, at, ENTRY)
    options = _section(entry.get("write_opts", {}), f"{at}.write_opts", WRITE)
    append, cdc = entry.get("append_config"), entry.get("apply_cdc_config")
    dataset = Dataset(
        at=at,
        func_name=entry["func_name"],
        kind=entry["kind"],
        name=_name(entry, options, at),
        expectations=_expectations(entry.get("expectations") or [], entry.get("expectation_action", "allow"), at),
        options=options,
        append=None if append is None else _section(append, f"{at}.append_config", APPEND),
        cdc=None if cdc is None else _cdc(cdc, f"{at}.apply_cdc_config"),
    )
    _check(dataset, entry)
    return dataset


def _name(entry: Options, options: Options, at: str) -> str:
    """Takes what names the dataset out of `options`."""
    database, table = options.pop("database", None), options.pop("tablename", None)
    if (database is None) != (table is None):
        raise ConfigError(f"{at}.write_opts: `database` and `tablename` belong together")
    qualified = None if database is None else f"{database}.{table}"
    names = {name for name in (entry.get("name"), options.pop("name", None), qualified) if name}
    if len(names) > 1:
        raise ConfigError(f"{at}: the dataset has {len(names)} names ({_listed(names)}): keep one")
    return names.pop() if names else entry["func_name"]


def _expectations(value: Any, action: str, at: str) -> tuple[Expectation, ...]:
    at = f"{at}.expectations"
    if isinstance(value, dict):
        return tuple(Expectation(text(name, at), text(item, f"{at}.{name}"), action) for name, item in value.items())
    if not isinstance(value, list):
        raise ConfigError(f"{at}: must be a list or a mapping of names to conditions, not {_shown(value)}")
    found: dict[str, Expectation] = {}
    for i, item in enumerate(value):
        fields = _section(item, f"{at}[{i}]", EXPECTATION)
        if fields["name"] in found:
            raise ConfigError(f"{at}[{i}].name: `{fields['name']}` is the name of an expectation above")
        found[fields["name"]] = Expectation(fields["name"], fields["constraint"], fields.get("action", action))
    return tuple(found.values())


def _cdc(value: Any, at: str) -> Options:
    cdc = _section(value, at, CDC)
    for one, other in [
        ("column_list", "except_column_list"),
        ("track_history_column_list", "track_history_except_column_list"),
    ]:
        if one in cdc and other in cdc:
            raise ConfigError(f"{at}: `{one}` and `{other}` exclude each other")
    tracked = [key for key in cdc if key.startswith("track_history")]
    if tracked and str(cdc.get("stored_as_scd_type", 1)) != "2":
        raise ConfigError(f"{at}: `{tracked[0]}` needs `stored_as_scd_type: 2`")
    if cdc.setdefault("source", f"{cdc['target']}__source") == cdc["target"]:
        raise ConfigError(f"{at}: `source` and `target` are both `{cdc['target']}`")
    return cdc


def _check(dataset: Dataset, entry: Options) -> None:
    """What no single key can know."""
    at = dataset.at
    flows = [key for key in ("append_config", "apply_cdc_config") if key in entry]
    if len(flows) > 1:
        raise ConfigError(f"{at}: `append_config` and `apply_cdc_config` exclude each other")
    if flows and dataset.kind == "view":
        raise ConfigError(f"{at}: a view cannot have `{flows[0]}`: use `kind: table`")
    if flows and entry.get("is_streaming_table") is False:
        raise ConfigError(f"{at}: `{flows[0]}` makes a streaming table, but `is_streaming_table` is `false`")
    if flows and "temporary" in dataset.options:
        raise ConfigError(f"{at}.write_opts: `temporary` is not known to streaming tables with `{flows[0]}`")
    if dataset.append and dataset.append.get("create_target") is False and (dataset.expectations or dataset.options):
        raise ConfigError(f"{at}: expectations and `write_opts` belong to the target, which is not created here")
    if dataset.kind == "view":
        for option in sorted(set(dataset.options) - VIEW_OPTIONS):
            raise ConfigError(f"{at}.write_opts: a view has no `{option}`: use `kind: table`")


def _refuse_doubles(found: list[Dataset]) -> None:
    """No two entries make the same dataset or the same flow; several may append to one target."""
    places: dict[tuple[str, ...], Dataset] = {}
    for dataset in found:
        for name in _made(dataset):
            other = places.setdefault(name, dataset)
            if other is not dataset and not (name[0] == "dataset" and other.append and dataset.append):
                raise ConfigError(f"{dataset.at}: `{name[-1]}` is made by {other.at.rpartition(': ')[2]} already")
            if other is not dataset and (dataset.expectations or dataset.options):
                first = other.at.rpartition(": ")[2]
                raise ConfigError(f"{dataset.at}: `{name[-1]}` gets its expectations and `write_opts` from {first}")


def _made(dataset: Dataset) -> list[tuple[str, ...]]:
    if dataset.append is not None:
        target = dataset.append["target"]
        flow = ("flow", target, dataset.append.get("name", dataset.name))
        return [flow] if dataset.append.get("create_target") is False else [flow, ("dataset", target)]
    if dataset.cdc is not None:
        return [("dataset", dataset.cdc["target"]), ("dataset", dataset.cdc["source"])]
    return [("dataset", dataset.name)]


def _near(written: Any, known: Any) -> str:
    near = difflib.get_close_matches(str(written), [str(item) for item in known], 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _shown(value: Any) -> str:
    shown = json.dumps(value, default=str)
    return f"`{shown if len(shown) <= 60 else shown[:57] + '...'}`"
