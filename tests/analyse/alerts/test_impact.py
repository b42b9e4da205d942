"""When users were harmed: what the query's answers mean, of a day and of days that overlap."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.alerts.impact import harmed, impact_of, impact_promql, joined_impact, unseen
from maintainer.model.alerts import DAY, HOUR, MINUTE, Impact, ImpactRun, RawSeries, Run
from maintainer.model.harvest import SEEN

WEB = (("name", "web"), ("namespace", "shop"))
THERE = (SEEN,)


def series(labels: tuple[tuple[str, str], ...], minutes: list[int]) -> RawSeries:
    return RawSeries(labels, [minute * MINUTE for minute in minutes], [1.0] * len(minutes))


def test_the_query_also_tells_when_anything_was_there() -> None:
    promql = impact_promql("a > 1 # much", ["a", "b", "a"])

    assert promql == (
        'group without () (\na > 1 # much\n) or label_replace(group(a) or group(b), "maintainer_seen", "yes", "", "")'
    )


def test_results_are_runs_and_the_series_that_tells_of_samples_is_none() -> None:
    found = impact_of([series(WEB, [3, 4, 5, 40]), series(THERE, [*range(60)])])

    assert found.runs == (ImpactRun(WEB, 3 * MINUTE, 5 * MINUTE), ImpactRun(WEB, 40 * MINUTE, 40 * MINUTE))
    assert found.seen == (Run(0, 59 * MINUTE),)


def test_harm_that_begins_again_soon_is_the_same() -> None:
    assert impact_of([series(WEB, [3, 18])]).runs == (ImpactRun(WEB, 3 * MINUTE, 18 * MINUTE),)
    assert len(impact_of([series(WEB, [3, 19])]).runs) == 2


def test_without_samples_nothing_is_known() -> None:
    assert impact_of([]) == Impact()
    assert list(unseen((), Run(0, DAY))) == [Run(0, DAY)]


def test_what_was_not_seen_is_told_and_a_short_hole_is_not() -> None:
    seen = (Run(-HOUR, 6 * HOUR), Run(6 * HOUR + 15 * MINUTE, 12 * HOUR), Run(13 * HOUR, DAY - 10 * MINUTE))

    assert list(unseen(seen, Run(0, DAY))) == [Run(12 * HOUR, 13 * HOUR)]


@settings(max_examples=60)
@given(
    st.sets(st.integers(-59, 3 * 24 * 60 - 1), max_size=60),
    st.sets(st.integers(-59, 3 * 24 * 60 - 1), max_size=60),
    st.sampled_from(list(permutations(range(3)))),
)
def test_three_days_joined_are_what_one_read_shows(harm: set[int], there: set[int], order: tuple[int, ...]) -> None:
    def read(start: int, end: int) -> Impact:
        within = ([minute for minute in sorted(each) if start <= minute < end] for each in (harm, there))
        return impact_of(series(own, minutes) for own, minutes in zip((WEB, THERE), within, strict=True) if minutes)

    days = [read(number * 24 * 60 - 60, (number + 1) * 24 * 60) for number in order]

    assert joined_impact(days) == read(-60, 3 * 24 * 60)


def test_harm_is_an_incident_that_says_whom_it_was_about() -> None:
    impact = Impact((ImpactRun(WEB, 0, HOUR), ImpactRun((("service", "pay"),), HOUR, DAY), ImpactRun((), DAY, DAY)))

    assert [one.id for one in harmed(impact, 0, DAY)] == [
        "shop/web users 1970-01-01T00:00Z",
        "service=pay users 1970-01-01T01:00Z",
    ]
    assert [one.id for one in harmed(impact, DAY, 2 * DAY)] == [
        "service=pay users 1970-01-01T01:00Z",
        "users 1970-01-02T00:00Z",
    ]
