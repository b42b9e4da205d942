"""The replay of a day's rules against what was recorded, and the left sides that are kept."""

from dataclasses import replace

from maintainer.analyse.alerts.day_replays import replay_query, with_replays
from maintainer.model.alert_archive import BEFORE, HarvestedDay
from maintainer.model.alerts import DAY, HOUR, AlertRule, Episode, Heartbeat, RawSeries, Run
from maintainer.model.facts import Labels
from maintainer.model.harvest import Replayed, ReplayQuery

STEP = 30_000
START = 20_000 * DAY
BEGIN = START - BEFORE
RULE = AlertRule(
    "Errors", "g", "f", "sum by (name) (rate(x[5m])) > 5", 60_000, 0, STEP, (("severity", "page"),), phase=0
)
SEEN = Heartbeat((Run(BEGIN, START + DAY),))
AT = START + 6 * HOUR


def series(*runs: tuple[int, int, float], name: str = "web") -> RawSeries:
    """Values from a time on, so many of them."""
    points = [(first + STEP * number, value) for first, count, value in runs for number in range(count)]
    return RawSeries((("__name__", "x"), ("name", name)), [at for at, _ in points], [value for _, value in points])


def recorded(first: int, count: int, labels: Labels = (("name", "web"), ("severity", "page"))) -> Episode:
    last = first + STEP * (count - 1)
    fired = first + RULE.hold if last - first >= RULE.hold else None
    return Episode(
        RULE.version, RULE.name, labels, first, fired, last, last + STEP, "resolved", runs=(Run(first, last),)
    )


def day(*episodes: Episode, rule: AlertRule = RULE) -> HarvestedDay:
    return HarvestedDay(
        START, START + DAY, rules=(rule,), episodes=tuple(replace(e, rule=rule.version) for e in episodes)
    )


def replayed(of_day: HarvestedDay, *found: RawSeries, begin: int = BEGIN) -> HarvestedDay:
    answer = Replayed(of_day.rules[0], begin, START + DAY, found)
    return with_replays(of_day, [answer], {"g": SEEN})


def test_a_replay_that_gives_what_was_recorded_is_alike() -> None:
    (agreement,) = replayed(day(recorded(AT, 10)), series((BEGIN, 5, 3.0), (AT, 10, 7.0))).agreement
    assert (agreement.rule, agreement.alike, agreement.offsets) == (RULE.version, 1, ((0, 1),))
    assert (agreement.only_replayed, agreement.only_recorded) == (0, 0)


def test_an_episode_of_one_side_only_is_told() -> None:
    found = replayed(day(recorded(AT, 10)), series((AT + 2 * HOUR, 10, 7.0)))
    (agreement,) = found.agreement
    assert (agreement.alike, agreement.only_replayed, agreement.only_recorded) == (0, 1, 1)


def test_what_was_there_at_the_first_evaluation_is_not_compared() -> None:
    before = replace(recorded(BEGIN - HOUR, 200), cut_start=True)
    (agreement,) = replayed(day(before), series((BEGIN, 80, 7.0))).agreement
    assert (agreement.alike, agreement.only_replayed, agreement.only_recorded) == (0, 0, 0)


def test_the_left_side_is_kept_from_half_of_the_threshold_on_and_of_the_day_itself() -> None:
    (side,) = replayed(
        day(), series((BEGIN, 3, 7.0), (AT, 2, 2.0), (AT + HOUR, 3, 4.0), (AT + 2 * HOUR, 1, 99.0))
    ).left_sides
    assert side.values == (
        (AT + HOUR, AT + HOUR + 2 * STEP, 4.0),
        (AT + 2 * HOUR, AT + 2 * HOUR, 10.0),
    )
    assert side.labels == (("name", "web"), ("severity", "page"))
    assert (side.low, side.high) == (2.5, 10.0)


def test_a_replay_of_a_part_of_the_day_leaves_no_left_side() -> None:
    found = replayed(day(recorded(AT, 10)), series((AT, 10, 7.0)), begin=START + HOUR)
    assert found.left_sides == ()
    assert found.agreement[0].alike == 1


def test_a_rule_without_a_threshold_is_replayed_by_where_it_has_a_result() -> None:
    rule = replace(RULE, expr='x{phase="Abort"} == 1')
    found = replayed(day(recorded(AT, 10), rule=rule), series((AT, 10, 1.0)))
    assert found.agreement[0].alike == 1
    assert found.left_sides == ()


def test_a_label_that_a_template_makes_is_not_compared() -> None:
    rule = replace(RULE, labels=(("severity", "page"), ("team", "{{ $labels.team }}")))
    labels = (("name", "web"), ("severity", "page"), ("team", "blue"))
    assert replayed(day(recorded(AT, 10, labels), rule=rule), series((AT, 10, 7.0))).agreement[0].alike == 1


def test_the_query_of_a_replay_is_the_left_side_at_the_groups_place_in_its_interval() -> None:
    assert replay_query(RULE, SEEN) == ReplayQuery(RULE, "sum by (name) (rate(x[5m]))", 0)
    unknown = replace(RULE, phase=None, expr="up == 0")
    assert replay_query(unknown, Heartbeat((Run(START + 7_002, START + DAY),))) == ReplayQuery(
        unknown, "up == 0", 7_002
    )
    assert replay_query(unknown, Heartbeat()).phase == 0
