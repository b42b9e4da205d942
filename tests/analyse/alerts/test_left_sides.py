"""What is kept of a left side says when another threshold would have been passed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.alerts.left_sides import answers_for, left_side, left_side_presences, near
from maintainer.analyse.alerts.runs import runs_of
from maintainer.analyse.alerts.thresholds import Threshold
from maintainer.model.alerts import DAY, MINUTE, AlertRule, RawSeries
from maintainer.model.facts import Labels

LABELS: Labels = (("name", "web"),)
COMPARE = {
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
}
SAMPLES = st.dictionaries(st.integers(0, 60), st.integers(-30, 30) | st.just(float("nan")), min_size=1)


def rule(expr: str = "a > 5") -> AlertRule:
    return AlertRule("Alert", "g", "rules.yml", expr, 0, 0, MINUTE)


def series(samples: dict[int, float]) -> RawSeries:
    return RawSeries(LABELS, [at * MINUTE for at in sorted(samples)], [samples[at] for at in sorted(samples)])


@given(
    SAMPLES,
    SAMPLES,
    st.sampled_from(sorted(COMPARE)),
    st.sampled_from((5.0, -5.0, 0.0)),
    st.sampled_from((0.0, 1.0)) | st.floats(0, 1, width=16),
)
def test_each_threshold_that_is_answered_for_is_answered_exactly(
    first: dict[int, float], second: dict[int, float], operator: str, value: float, share: float
) -> None:
    found = Threshold(operator, value, "a", (0, 0))
    samples = {**first, **second}
    # Each read has all samples of its hours, and the second begins with the last of the first.
    sides = [
        left_side(rule(), found, series({at: of for at, of in samples.items() if begin <= at < end}), most=1000)
        for begin, end in ((0, 40), (30, 61))
    ]
    low, high = near(found)
    tried = low + (high - low) * share
    if answers_for(sides[0], tried):
        true = [at * MINUTE for at, of in sorted(samples.items()) if COMPARE[operator](of, tried)]
        presences = left_side_presences(sides, tried)
        assert [presence.runs for presence in presences] == ([runs_of(true, MINUTE)] if true else [])
    else:
        assert tried in {low, high}


@pytest.mark.parametrize("operator", [">", "<"])
def test_the_present_threshold_and_those_near_it_are_answered_for(operator: str) -> None:
    side = left_side(rule(), Threshold(operator, 8, "a", (0, 0)), series({0: 1}), most=10)
    assert [answers_for(side, value) for value in (3.9, 4.5, 8, 15.5, 16.1)] == [False, True, True, True, False]


def test_of_a_day_with_too_many_values_only_the_highest_is_kept() -> None:
    calm = dict.fromkeys(range(100), 9.0)
    wild = {at: 6.0 + at % 3 for at in range(DAY // MINUTE, DAY // MINUTE + 100)}
    side = left_side(rule(), Threshold(">", 8, "a", (0, 0)), series({**calm, **wild}), most=50)
    assert side.values == ((0, 99 * MINUTE, 9.0),)
    assert side.maxima == ((DAY, 8.0),)
    assert not answers_for(side, 8)
    whole = left_side(rule(), Threshold(">", 8, "a", (0, 0)), series({at: 9.0 + at for at in range(3)}), most=3)
    assert len(whole.values) == 3
    with pytest.raises(ValueError, match="nothing says when > 8 was true"):
        left_side_presences([side], 8)
