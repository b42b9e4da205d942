"""What a harvest keeps of a day is read again as it was, and what is damaged costs no more than itself."""

import zlib
from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maintainer.model import documents
from maintainer.model.alert_archive import KINDS, HarvestedDay, complete, harvested_days
from maintainer.model.alerts import (
    DAY,
    Agreement,
    AlertRule,
    Disagreement,
    Episode,
    Impact,
    ImpactRun,
    LeftSide,
    Run,
    Silence,
)
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message
from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun
from tests.analyse.alerts.harvested import START, WEB, busy_outcomes, day, episode, lines

TIMES = st.integers(min_value=START - DAY, max_value=START + 2 * DAY)
TEXTS = st.text(max_size=8)
LABELS = st.dictionaries(TEXTS, TEXTS, max_size=3).map(lambda pairs: tuple(sorted(pairs.items())))
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SUBJECTS = st.tuples(TEXTS, TEXTS)


RUNS = st.tuples(TIMES, TIMES).map(lambda pair: Run(min(pair), max(pair)))
FEW = st.integers(0, 9)


def some(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=3).map(tuple)


EPISODES = st.builds(
    Episode,
    rule=TEXTS,
    alert=TEXTS,
    labels=LABELS,
    active_at=TIMES,
    fired_at=TIMES | st.none(),
    last=TIMES,
    resolved_at=TIMES | st.none(),
    end=st.sampled_from(["resolved", "gap", "open"]),
    cut_start=st.booleans(),
    restarts=some(TIMES),
    runs=some(RUNS),
)
LEFT_SIDES = st.builds(
    LeftSide,
    rule=TEXTS,
    labels=LABELS,
    interval=st.integers(1, 60_000),
    operator=st.sampled_from([">", "<="]),
    low=FINITE,
    high=FINITE,
    values=some(st.builds(lambda run, value: (*run, value), RUNS, FINITE)),
    maxima=some(st.tuples(TIMES, FINITE)),
)
OUTCOMES = st.builds(
    Outcomes,
    phases=some(st.builds(lambda subject, phase, run: PhaseRun(subject, phase, *run), SUBJECTS, TEXTS, RUNS)),
    increases=some(st.builds(CounterIncrease, SUBJECTS, TEXTS, TIMES, st.integers(1, 99))),
    short=some(
        st.builds(lambda subject, run, desired: ShortRun(subject, run.first, run.last, desired, 1), SUBJECTS, RUNS, FEW)
    ),
    revisions=some(st.builds(RevisionChange, SUBJECTS, TIMES)),
)

IMPACTS = st.builds(
    Impact, runs=some(st.builds(lambda labels, run: ImpactRun(labels, *run), LABELS, RUNS)), seen=some(RUNS)
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(some(EPISODES), some(LEFT_SIDES), OUTCOMES, IMPACTS | st.none())
def test_a_day_is_read_as_it_was_written(
    episodes: tuple[Episode, ...], sides: tuple[LeftSide, ...], outcomes: Outcomes, impact: Impact | None
) -> None:
    written = day(episodes=episodes, left_sides=sides, outcomes=outcomes, impact=impact)

    (read,) = harvested_days(stored(lines(written)))
    assert unordered(read) == unordered(written)


def test_rules_agreement_and_silences_are_read_as_they_were_written() -> None:
    rule = AlertRule("A", "g", "f", "up == 0", 60_000, 0, 15_000, (("severity", "page"),), (("summary", "s"),), 77)
    agreement = Agreement(rule.version, START, 3, 1, 0, 2, ((0, 3), (-1, 1)), (Disagreement("both", WEB, 5, "edge"),))
    silence = Silence((("alertname", "=~", "A.*"),), 5, 9, "kim", "planned")
    written = day(rules=(rule,), agreement=(agreement,), silences=(silence,))

    (read,) = harvested_days(stored(lines(written)))
    assert read == written
    assert complete(read)


def test_what_could_not_be_read_says_why_and_is_not_empty() -> None:
    why = message("gap/web-timeout", who="Prometheus", url="http://prometheus:9090", seconds=30.0)
    written = day(unread={"episodes": message("gap/of-object", object="ALERTS", why=why)})

    (read,) = harvested_days(stored(lines(written)))
    assert read.unread == written.unread
    assert complete(read)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "harvest/line-broken"),
        ({"v": "1", "end": 5}, "harvest/line-broken"),
        ({"v": 1, "end": START + DAY, "data": None}, "harvest/line-broken"),
        ({"v": 1, "end": START + DAY, "data": {"times": [1], "texts": [], "labels": [], "rows": []}}, ""),
        (
            {
                "v": 1,
                "end": START + DAY,
                "data": {
                    "times": [1],
                    "texts": ["a"],
                    "labels": [[]],
                    "rows": [[0, 0, 0, -1, -1, 0, -1, 0, 0, [], []]],
                },
            },
            "harvest/line-broken",
        ),
        ({"v": 2, "end": START + DAY, "data": {"other": 1}}, "harvest/line-newer"),
    ],
)
def test_a_line_that_is_damaged_or_newer_costs_itself_alone(data: dict[str, Any], why: str) -> None:
    outcomes = Outcomes(revisions=(RevisionChange(("shop", "web"), START),))
    found = [line for line in lines(day(outcomes=outcomes)) if line.kind != "alerts/episodes"]
    broken = ArchiveLine("production", "alerts/episodes", found[0].at, data)

    (read,) = harvested_days([*found, broken])
    assert {kind: told.id for kind, told in read.unread.items()} == ({"episodes": why} if why else {})
    assert (read.outcomes, read.end) == (outcomes, START + DAY)
    assert complete(read) == (why in {"", "harvest/line-newer"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_whose_writing_was_interrupted_is_not_complete(kind: str) -> None:
    (read,) = harvested_days(line for line in lines(day()) if line.kind != f"alerts/{kind}")
    assert not complete(read)
    assert read.unread[kind].id == "harvest/line-missing"


def test_a_day_of_which_nobody_asked_how_users_fared_is_complete_and_says_nothing_of_them() -> None:
    """As the days of an older version are."""
    (read,) = harvested_days(line for line in lines(day(impact=Impact())) if line.kind != "alerts/impact")

    assert complete(read)
    assert (read.impact, read.unread) == (None, {})


def test_a_damaged_line_about_users_costs_itself_alone() -> None:
    whole = lines(day(impact=Impact(seen=(Run(START, START + DAY),))))
    broken = [replace(one, data={"v": 1, "end": 5, "data": [1]}) if "impact" in one.kind else one for one in whole]

    (read,) = harvested_days(broken)
    assert complete(read)
    assert (read.impact, list(read.unread)) == (None, ["impact"])


def test_a_day_that_is_complete_has_what_was_asked_for_because_that_is_written_first() -> None:
    kinds = [line.kind for line in lines(day(impact=Impact()))]
    assert kinds[0] == "alerts/impact"

    assert [line.kind for line in lines(day())] == kinds[1:]


def test_a_quarter_of_two_hundred_rollouts_with_two_deployments_a_day_stays_under_3_mib() -> None:
    """What ten days take, nine times, as the store counts it: each line compressed alone."""
    sizes: Counter[str] = Counter()
    for number in range(10):
        outcomes = busy_outcomes(START + number * DAY, rollouts=200, deployments=2, seed=number)
        pages = tuple(
            episode(
                run.first, run.last, fired=run.first, labels=(("name", run.subject[1]), ("namespace", run.subject[0]))
            )
            for run in outcomes.phases
            if run.last - run.first > 900_000
        )
        for line in lines(day(number, outcomes=outcomes, episodes=pages)):
            sizes[line.kind] += len(zlib.compress(msgspec.json.encode(line), 6)) + 16
    assert sum(sizes.values()) * 9 < 3 * 2**20, sizes


def stored(found: tuple[ArchiveLine, ...]) -> tuple[ArchiveLine, ...]:
    """The lines as they come out of a document of the store."""
    return documents.read(documents.ARCHIVE, documents.written(documents.ARCHIVE, found))


def unordered(found: HarvestedDay) -> HarvestedDay:
    """The day with everything in order."""
    outcomes = found.outcomes
    return replace(
        found,
        episodes=tuple(sorted(found.episodes, key=repr)),
        left_sides=tuple(sorted(found.left_sides, key=repr)),
        outcomes=Outcomes(
            tuple(sorted(outcomes.phases, key=repr)),
            tuple(sorted(outcomes.increases, key=repr)),
            tuple(sorted(outcomes.short, key=repr)),
            tuple(sorted(outcomes.revisions, key=repr)),
        ),
    )
