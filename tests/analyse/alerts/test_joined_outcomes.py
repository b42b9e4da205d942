"""The outcomes of days that overlap, joined: nothing counts twice, nothing gets lost."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.alerts.joined_outcomes import ReadOutcomes, joined_outcomes
from maintainer.model.alerts import DAY, HOUR, MINUTE
from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun

WEB = ("shop", "web")
PLACES = st.integers(0, 3 * 24 * 60)


def read(number: int, whole: Outcomes) -> ReadOutcomes:
    """What a harvest of the day with this number reads of what really happened: from an hour before it."""
    start, end = number * DAY - HOUR, (number + 1) * DAY

    def cut(first: int, last: int) -> tuple[int, int] | None:
        first, last = max(first, start), min(last, end - MINUTE)
        return (first, last) if first <= last else None

    return ReadOutcomes(
        start,
        end,
        Outcomes(
            phases=tuple(
                PhaseRun(run.subject, run.phase, *own) for run in whole.phases if (own := cut(run.first, run.last))
            ),
            increases=tuple(one for one in whole.increases if start < one.at < end),
            short=tuple(
                ShortRun(run.subject, *own, run.desired, run.least_available)
                for run in whole.short
                if (own := cut(run.first, run.last))
            ),
            revisions=tuple(one for one in whole.revisions if start < one.at < end),
        ),
    )


@settings(max_examples=50)
@given(
    st.sets(PLACES, max_size=8), st.sets(PLACES, min_size=1, max_size=6), st.sampled_from(list(permutations(range(3))))
)
def test_three_days_joined_are_what_happened(edges: set[int], events: set[int], order: tuple[int, ...]) -> None:
    ordered = [-HOUR + edge * MINUTE for edge in sorted(edges)]
    pairs = list(zip(ordered[::2], ordered[1::2], strict=False))
    whole = Outcomes(
        phases=tuple(PhaseRun(WEB, "Timeout", first, last) for first, last in pairs),
        increases=tuple(CounterIncrease(WEB, "RolloutAborted", at * MINUTE + 1, 2) for at in sorted(events)),
        short=tuple(ShortRun(WEB, first, last, 5, 3) for first, last in pairs),
        revisions=tuple(RevisionChange(WEB, at * MINUTE + 1) for at in sorted(events)),
    )
    days = [read(number, whole) for number in range(3)]

    joined = joined_outcomes(days[number] for number in order)
    assert joined == joined_outcomes([ReadOutcomes(-HOUR, 3 * DAY, read_all(whole))])
    assert joined_outcomes([*days, days[1]]) == joined


def read_all(whole: Outcomes) -> Outcomes:
    """What is left of it where three days are all that there is."""
    return Outcomes(
        phases=tuple(
            PhaseRun(run.subject, run.phase, run.first, min(run.last, 3 * DAY - MINUTE))
            for run in whole.phases
            if run.first < 3 * DAY
        ),
        increases=tuple(one for one in whole.increases if one.at < 3 * DAY),
        short=tuple(
            ShortRun(run.subject, run.first, min(run.last, 3 * DAY - MINUTE), 5, 3)
            for run in whole.short
            if run.first < 3 * DAY
        ),
        revisions=tuple(one for one in whole.revisions if one.at < 3 * DAY),
    )


def test_an_event_that_arrived_late_is_the_one_of_the_later_day() -> None:
    early = Outcomes(increases=(CounterIncrease(WEB, "RolloutAborted", DAY - 20 * MINUTE, 1),))
    late = Outcomes(
        increases=(
            CounterIncrease(WEB, "RolloutAborted", DAY - 20 * MINUTE, 1),
            CounterIncrease(WEB, "RolloutAborted", DAY - 5 * MINUTE, 1),
        )
    )

    joined = joined_outcomes([ReadOutcomes(-HOUR, DAY, early), ReadOutcomes(DAY - HOUR, 2 * DAY, late)])
    assert [one.at for one in joined.increases] == [DAY - 20 * MINUTE, DAY - 5 * MINUTE]


def test_an_event_that_a_late_sample_puts_earlier_is_not_counted_twice() -> None:
    early = Outcomes(revisions=(RevisionChange(WEB, DAY - 5 * MINUTE),))
    late = Outcomes(revisions=(RevisionChange(WEB, DAY - 6 * MINUTE),))

    joined = joined_outcomes([ReadOutcomes(-HOUR, DAY, early), ReadOutcomes(DAY - HOUR, 2 * DAY, late)])
    assert [one.at for one in joined.revisions] == [DAY - 6 * MINUTE]


def test_the_pods_that_lacked_most_stay_known() -> None:
    reads = [
        ReadOutcomes(-HOUR, DAY, Outcomes(short=(ShortRun(WEB, DAY - 2 * HOUR, DAY - MINUTE, 10, 2),))),
        ReadOutcomes(DAY - HOUR, 2 * DAY, Outcomes(short=(ShortRun(WEB, DAY - HOUR, DAY + HOUR, 12, 9),))),
    ]
    assert joined_outcomes(reads).short == (ShortRun(WEB, DAY - 2 * HOUR, DAY + HOUR, 10, 2),)
