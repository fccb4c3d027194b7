"""Flags beside a row say what it fails; how many rows have which flags is counted while they are written.

An observation is outside the code that Spark generates for a whole stage: each of its aggregates looks at every row on
its own. So one aggregate covers `BITS` facts, and it skips rows without flags, which are most.
`benches/enforcement.py` shows the cost that remains.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce
from typing import Any

from ... import expectations
from ...graph import Dataset
from ..report import Tally

BITS = 8
FLAGS = "__dltflow_flags"


def flagged(frame: Any, dataset: Dataset) -> Any:
    """`frame` with the flags of each row: a bit for each fact that holds, NULL for none."""
    from pyspark.sql import functions as F

    facts, columns = _facts(dataset), []
    for start, name in zip(range(0, len(facts), BITS), names(dataset)):
        bits = [F.when(fact, F.lit(1 << i)).otherwise(F.lit(0)) for i, fact in enumerate(facts[start : start + BITS])]
        flags = reduce(lambda one, other: one.bitwiseOR(other), bits)
        columns.append(F.when(flags != 0, flags).alias(name))
    return frame.select("*", *columns)


def unflagged(frame: Any, dataset: Dataset) -> Any:
    """The rows of a flagged frame that stay, without their flags."""
    from pyspark.sql import functions as F

    columns = names(dataset)
    if dataset.expecting("drop", "quarantine"):
        first = F.col(columns[0])
        frame = frame.filter(first.isNull() | (first.bitwiseAND(1) == 0))
    return frame.drop(*columns)


def tallies(dataset: Dataset) -> list[Any]:
    """The aggregates over a flagged frame that `tally` reads.

    A histogram with a bin for each value, which it adds as values appear, counts them exactly. It is JSON because some
    versions of Spark Connect cannot return a list of rows from an observation.
    """
    from pyspark.sql import functions as F

    bins = F.lit(2**31 - 1)
    flags = [F.to_json(F.histogram_numeric(name, bins)).alias(name) for name in names(dataset)]
    return [F.count(F.lit(1)).alias("rows"), *flags]


def tally(dataset: Dataset, tallied: Mapping[str, Any]) -> Tally:
    """The counts in the values of `tallies`."""
    found = [0] * (1 + len(dataset.expectations))
    for start, name in enumerate(names(dataset)):
        for each in json.loads(tallied[name] or "[]"):
            for i in range(start * BITS, min(len(found), (start + 1) * BITS)):
                if int(each["x"]) >> i % BITS & 1:
                    found[i] += int(each["y"])
    return Tally(tallied["rows"], found[0], found[1:])


def _facts(dataset: Dataset) -> list[Any]:
    """Whether a row is dropped or quarantined, and whether it fails each expectation."""
    return [expectations.leaves(dataset), *(~expectations.ok(item.constraint) for item in dataset.expectations)]


def names(dataset: Dataset) -> list[str]:
    """The columns with flags; none for a dataset without expectations."""
    number = 1 + len(dataset.expectations)
    return [f"{FLAGS}{i}" for i in range((number + BITS - 1) // BITS)] if dataset.expectations else []
