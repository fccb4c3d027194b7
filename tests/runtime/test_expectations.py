"""The expressions of expectations for engines that have none, as text."""

import pytest
from dltflow import config

A = {"func_name": "a", "kind": "table"}


def dataset(*items, **entry):
    listed = [{"name": name, "constraint": name, "action": action} for name, action in items]
    return config.to_graph({"dlt": {**A, **entry, "expectations": listed}}).datasets[0]


def calls_of(frame):
    return [(call[0], *map(str, call[1:])) for call in frame.asked]


@pytest.mark.case(18)
def test_the_check_of_a_failure_is_between_observations_and_before_rows_are_dropped(project):
    from dltflow import expectations
    from fakes import DataFrame

    described = dataset(("f", "fail"), ("d", "drop"), ("w", "allow"), ("q", "quarantine"))
    calls = calls_of(expectations.kept(DataFrame(), described))
    assert [call[0] for call in calls] == ["observe", "filter", "observe", "filter"]
    assert (calls[0][1], calls[2][1]) == ("a__dltflow_raw_before", "a__dltflow_raw_after")
    assert 'F.lit({"dataset": "a", "expectation": "f", "record": )' in calls[1][1]
    assert "F.expr(d)" in calls[3][1] and "F.expr(q)" in calls[3][1] and "F.expr(w)" not in calls[3][1]
    assert calls_of(expectations.kept(DataFrame(), dataset(("w", "allow")))) == []


@pytest.mark.case(35)
def test_partition_columns_are_moved_to_the_end(project):
    from dltflow import expectations
    from fakes import DataFrame

    moved = calls_of(expectations.with_last(DataFrame(), ["x", "y"]))
    assert moved == [("selectExpr", "* EXCEPT (`x`, `y`)", "`x`", "`y`")]
    assert calls_of(expectations.with_last(DataFrame(), [])) == []
