"""The threshold of an alert's expression, and the expression without it."""

import pytest

from maintainer.analyse.alerts.thresholds import Threshold, threshold, with_threshold


@pytest.mark.parametrize(
    ("expr", "operator", "value", "left"),
    [
        ("a > 5", ">", 5, "a"),
        ("5 < a", ">", 5, "a"),
        ("a >= -0.5", ">=", -0.5, "a"),
        ("(a < 1e-3)", "<", 0.001, "(a)"),
        ("((2 >= a))", "<=", 2, "((a))"),
        ("a > 5 and on (name) b == 1", ">", 5, "a and on (name) b == 1"),
        ("(sum by (name) (a) > 3) unless b", ">", 3, "(sum by (name) (a)) unless b"),
        ("((1 < a) and b) unless on (name) c > 2", ">", 1, "((a) and b) unless on (name) c > 2"),
        ("time() - a > 60 * 15 and b", ">", 900, "time() - a and b"),
        ("time() - a > (60 * 15)", ">", 900, "time() - a"),
        ("count(a > 5) > 3", ">", 3, "count(a > 5)"),
        ('rate(a{path="x > 3"}[5m]) # > 4\n > 2 # more', ">", 2, 'rate(a{path="x > 3"}[5m]) # > 4\n # more'),
        ('a{name=~"b.*|c"} / on (name) b > .5', ">", 0.5, 'a{name=~"b.*|c"} / on (name) b'),
        ("max_over_time((a > 1)[5m:1m]) > 2", ">", 2, "max_over_time((a > 1)[5m:1m])"),
        ("-a < -4", "<", -4, "-a"),
    ],
)
def test_the_left_side_is_the_expression_without_its_comparison(
    expr: str, operator: str, value: float, left: str
) -> None:
    found = threshold(expr)
    assert isinstance(found, Threshold), found
    assert (found.operator, found.value, found.left.rstrip()) == (operator, value, left.rstrip())


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        ("a >", "rejected"),
        ("a > 1 " + "and a > 1 " * 3000, "rejected"),
        ("a", "no-comparison"),
        ("rate(a[5m])", "no-comparison"),
        ("sum(a > 5)", "no-comparison"),
        ("a > bool 5", "bool"),
        ("a == 1", "equality"),
        ("a != 1 and b > 2", "equality"),
        ("a > b", "no-number"),
        ("a > on (name) b", "no-number"),
        ("a > time()", "no-number"),
        ("1 > bool 2", "bool"),
        ("a > 5 > 3", "nested"),
        ("10 > (a > 5)", "nested"),
        ("a > 5 or b > 3", "or"),
        ("(a or b) and c > 1", "or"),
        ("absent(a) > 0", "absent"),
        ("a > 1 unless absent_over_time(b[5m])", "absent"),
        ("topk(3, a) > 5", "top"),
        ("a > 1 and bottomk(1, b)", "top"),
        ('a > 1 unless on (name) ALERTS{alertname="B"}', "alerts"),
        ('{__name__="ALERTS_FOR_STATE"} > 1', "alerts"),
    ],
)
def test_an_expression_whose_threshold_cannot_be_tried_says_why(expr: str, why: str) -> None:
    assert threshold(expr) == why


@pytest.mark.parametrize(
    ("expr", "value", "changed"),
    [
        ("a > 5", 7, "a > 7"),
        ("a >5# five", 0.25, "a >0.25# five"),
        ("(5<a) and on (name) b == 1", -2, "(-2<a) and on (name) b == 1"),
        ("time() - a > (60 * 15) unless b", 1200, "time() - a > 1200 unless b"),
        ("count(a > 5) > 3", 4, "count(a > 5) > 4"),
        ("a > 1", 1e20, "a > 1e+20"),
    ],
)
def test_another_threshold_leaves_the_rest_of_the_text(expr: str, value: float, changed: str) -> None:
    found = threshold(expr)
    assert isinstance(found, Threshold)
    assert with_threshold(expr, found, value) == changed


def test_a_threshold_of_another_expression_changes_nothing() -> None:
    found = threshold("a > 5")
    assert isinstance(found, Threshold)
    assert with_threshold("b > 5", found, 7) is None
