"""Marks beside a row say what it fails, and how many rows have which marks is counted while they are written.

An observation is outside of the code that Spark makes of a whole stage: each of its aggregates looks at each row by
itself. So there is one for `BITS` facts at a time, which has nothing to do for a row without marks, as most rows are.
`benches/enforcement.py` shows what is left of the cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce
from typing import Any

from ... import enforce
from ...plan import Dataset
from ..report import Tally

BITS = 8
MARK = "__dltflow_mark"


def marked(frame: Any, dataset: Dataset) -> Any:
    """With the marks of each row: a bit for each fact that holds, NULL for none."""
    from pyspark.sql import functions as F

    facts, columns = _facts(dataset), []
    for start, name in zip(range(0, len(facts), BITS), names(dataset)):
        bits = [F.when(fact, F.lit(1 << i)).otherwise(F.lit(0)) for i, fact in enumerate(facts[start : start + BITS])]
        mark = reduce(lambda one, other: one.bitwiseOR(other), bits)
        columns.append(F.when(mark != 0, mark).alias(name))
    return frame.select("*", *columns)


def unmarked(frame: Any, dataset: Dataset) -> Any:
    """The rows of a marked frame that stay, as they were."""
    from pyspark.sql import functions as F

    columns = names(dataset)
    if dataset.expecting("drop", "quarantine"):
        first = F.col(columns[0])
        frame = frame.filter(first.isNull() | (first.bitwiseAND(1) == 0))
    return frame.drop(*columns)


def tallies(dataset: Dataset) -> list[Any]:
    """The aggregates over a marked frame that `tally` reads.

    A histogram counts each value by itself while it has a bin for each, and these come into being as they are needed.
    As text every session hands it over: not each version of Spark Connect can do that with rows in a list.
    """
    from pyspark.sql import functions as F

    bins = F.lit(2**31 - 1)
    marks = [F.to_json(F.histogram_numeric(name, bins)).alias(name) for name in names(dataset)]
    return [F.count(F.lit(1)).alias("rows"), *marks]


def tally(dataset: Dataset, tallied: Mapping[str, Any]) -> Tally:
    """What `tallies` found."""
    found = [0] * (1 + len(dataset.expectations))
    for start, name in enumerate(names(dataset)):
        for each in json.loads(tallied[name] or "[]"):
            for i in range(start * BITS, min(len(found), (start + 1) * BITS)):
                if int(each["x"]) >> i % BITS & 1:
                    found[i] += int(each["y"])
    return Tally(tallied["rows"], found[0], found[1:])


def _facts(dataset: Dataset) -> list[Any]:
    """Whether a row leaves, and whether it fails each expectation."""
    return [enforce.leaves(dataset), *(~enforce.ok(item.constraint) for item in dataset.expectations)]


def names(dataset: Dataset) -> list[str]:
    """The columns of marks; none for a dataset that expects nothing."""
    number = 1 + len(dataset.expectations)
    return [f"{MARK}{i}" for i in range((number + BITS - 1) // BITS)] if dataset.expectations else []
