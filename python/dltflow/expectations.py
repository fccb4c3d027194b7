"""Expectations for engines that have none: lazy expressions over the rows, never an action.

A row meets a condition that is true; false and NULL are the same. The condition itself must be a boolean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Optional

from .errors import ExpectationFailed
from .graph import Dataset, one_word

FAILED = "_failed_expectations"


def raw(name: str) -> str:
    """The view of all rows of a dataset."""
    return f"{one_word(name)}__dltflow_raw"


def metrics(name: str) -> str:
    """The table with the counts of the expectations of a dataset that is not a stream."""
    return f"{name}__dltflow_metrics"


def violations(name: str) -> str:
    """The table of the rows of a stream that fail an expectation."""
    return f"{name}__dltflow_violations"


def ok(constraint: str) -> Any:
    """Whether a row meets `constraint`: an `if`, which takes a boolean or NULL and never casts text to one."""
    from pyspark.sql import functions as F

    return F.call_function("if", F.expr(constraint), F.lit(True), F.lit(False))


def kept(frame: Any, dataset: Dataset, columns: Sequence[str] = ("*",)) -> Any:
    """The rows that stay in `dataset`; reading one that fails a `fail` expectation is an error.

    Spark 3.5 needs the names of the `columns`, which a pipeline that is being defined cannot provide.
    """
    return staying(guarded(frame, dataset, columns), dataset)


def staying(frame: Any, dataset: Dataset) -> Any:
    """The rows of `frame` that are neither dropped nor quarantined."""
    return frame.filter(~leaves(dataset)) if dataset.expecting("drop", "quarantine") else frame


def guarded(frame: Any, dataset: Dataset, columns: Sequence[str] = ("*",)) -> Any:
    """`frame` with a check of each row that no optimisation moves, as none passes an observation.

    Otherwise Spark 3.5 pushes the check below a join, where rows fail that the join removes, and Spark 4.3 lets a
    later filter hide a row that fails.
    """
    from pyspark.sql import functions as F

    check = F
    for expectation, constraint in dataset.expecting("fail").items():
        check = check.when(~ok(constraint), _raised(dataset.name, expectation, columns))
    if check is F:
        return frame
    counted = F.count(F.lit(1)).alias("rows")
    frame = frame.observe(f"{raw(dataset.name)}_before", counted)
    return frame.filter(check.otherwise(F.lit(True))).observe(f"{raw(dataset.name)}_after", counted)


def _raised(name: str, expectation: str, columns: Sequence[str]) -> Any:
    from pyspark.sql import functions as F

    start = json.dumps({"dataset": name, "expectation": expectation})[:-1] + ', "record": '
    record = F.to_json(F.struct(*map(F.col, columns)), {"ignoreNullFields": "false"})
    return F.raise_error(F.concat(F.lit(start), record, F.lit("}"))).cast("boolean")


RAISED = re.compile(r'\{"dataset": ("(?:[^"\\]|\\.)*"), "expectation": ("(?:[^"\\]|\\.)*"), "record": ')


def raised_in(text: str) -> Optional[ExpectationFailed]:
    """The failed expectation in the error `text` that `guarded` raised; Spark may have truncated it."""
    found = RAISED.search(text)
    if not found:
        return None
    rest = text[found.end() :]
    try:
        record, _ = json.JSONDecoder().raw_decode(rest)
        shown = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        shown = f"{rest.splitlines()[0]}…"
    return ExpectationFailed(json.loads(found[1]), json.loads(found[2]), shown)


def fails(conditions: Mapping[str, str]) -> Any:
    """Whether a row fails at least one of `conditions`."""
    from pyspark.sql import functions as F

    return reduce(lambda one, other: one | other, [~ok(item) for item in conditions.values()], F.lit(False))


def leaves(dataset: Dataset) -> Any:
    """Whether a row is dropped or quarantined."""
    return fails(dataset.expecting("drop", "quarantine"))


def failed(conditions: Mapping[str, str]) -> Any:
    """The names of those `conditions` that a row fails."""
    from pyspark.sql import functions as F

    names = [F.when(~ok(constraint), F.lit(name)) for name, constraint in conditions.items()]
    return F.filter(F.array(*names), lambda name: name.isNotNull())


def violating(frame: Any, conditions: Mapping[str, str]) -> Any:
    """The rows that fail at least one of `conditions`, with the names of the failed ones."""
    return frame.filter(fails(conditions)).withColumn(FAILED, failed(conditions))


def counts(frame: Any, dataset: Dataset) -> Any:
    """A row for each expectation with the numbers of all rows and of those that meet it, fail it and are dropped.

    All in one pass. `sample` is the least row, as JSON, that fails an expectation with the action `fail`.
    """
    from pyspark.sql import functions as F

    record = F.to_json(F.struct("*"), {"ignoreNullFields": "false"})
    items = dataset.expectations
    samples = [
        F.min(F.when(F.lit(item.action == "fail") & ~ok(item.constraint), record)).alias(f"sample{i}")
        for i, item in enumerate(items)
    ]
    failed = [F.count(F.when(~ok(item.constraint), F.lit(1))).alias(f"failed{i}") for i, item in enumerate(items)]
    dropped = F.count(F.when(leaves(dataset), F.lit(1))).alias("dropped")
    totals = frame.agg(F.count(F.lit(1)).alias("rows"), dropped, *failed, *samples)
    each = [
        F.struct(
            F.lit(item.name).alias("expectation"),
            F.lit(item.action).alias("action"),
            F.col("rows"),
            (F.col("rows") - F.col(f"failed{i}")).alias("passed"),
            F.col(f"failed{i}").alias("failed"),
            F.col("dropped"),
            F.col(f"sample{i}").alias("sample"),
        )
        for i, item in enumerate(items)
    ]
    return totals.select(F.explode(F.array(*each)).alias("count")).select("count.*")


def with_last(frame: Any, columns: list[str]) -> Any:
    """`frame` with `columns` at the end, where file formats have their partition columns.

    Spark Connect analyses `drop` and its input at once, which a pipeline that is being defined refuses.
    """
    quoted = [f"`{column}`" for column in columns]
    return frame.selectExpr(f"* EXCEPT ({', '.join(quoted)})", *quoted) if columns else frame
