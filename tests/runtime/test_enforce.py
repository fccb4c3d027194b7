"""What is asked of rows where the engine has no expectations, as text."""

import pytest
from dltflow import config

A = {"func_name": "a", "kind": "table"}


def dataset(*expectations, **entry):
    listed = [{"name": name, "constraint": name, "action": action} for name, action in expectations]
    return config.plan({"dlt": {**A, **entry, "expectations": listed}}).datasets[0]


def asked(frame):
    return [(call[0], *map(str, call[1:])) for call in frame.asked]


@pytest.mark.case(18)
def test_a_failure_stands_between_observations_and_before_what_is_dropped(project):
    from dltflow import enforce
    from fakes import DataFrame

    calls = asked(enforce.kept(DataFrame(), dataset(("f", "fail"), ("d", "drop"), ("w", "allow"), ("q", "quarantine"))))
    assert [call[0] for call in calls] == ["observe", "filter", "observe", "filter"]
    assert (calls[0][1], calls[2][1]) == ("a__dltflow_raw_before", "a__dltflow_raw_after")
    assert 'F.lit({"dataset": "a", "expectation": "f", "record": )' in calls[1][1]
    assert "F.expr(d)" in calls[3][1] and "F.expr(q)" in calls[3][1] and "F.expr(w)" not in calls[3][1]
    assert asked(enforce.kept(DataFrame(), dataset(("w", "allow")))) == []


@pytest.mark.case(35)
def test_partition_columns_are_moved_to_the_end(project):
    from dltflow import enforce
    from fakes import DataFrame

    assert asked(enforce.with_last(DataFrame(), ["x", "y"])) == [("selectExpr", "* EXCEPT (`x`, `y`)", "`x`", "`y`")]
    assert asked(enforce.with_last(DataFrame(), [])) == []
