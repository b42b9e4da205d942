"""Identities that fire again and again, at the same time of day, or nearly always."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from maintainer.analyse.alerts.classes.facts import Seen
from maintainer.analyse.alerts.classes.identities import chronic, flapping, repeating
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import DAY, HOUR, Episode, Run
from tests.analyse.alerts.builders import episode, ms, rule, unresolved

USUAL = AlertThresholds()
TODAY = 24 * 60


def fired_at(*minutes: float, long: float = 1, name: str = "web") -> list[Episode]:
    return [episode(at, at + long, fired=at, name=name) for at in minutes]


@pytest.mark.parametrize(
    ("minutes", "within", "again"),
    [
        ((0, 30, 59), 3, 0),
        ((0, 10, 100, 110, 200, 210), 2, 3),
        ((0, 17, 100, 117, 200, 217), 2, 3),
    ],
)
def test_an_alert_that_fires_again_and_again_flaps(minutes: tuple[float, ...], within: int, again: int) -> None:
    other = fired_at(0, name="api")
    found = list(flapping(rule(), [*fired_at(*minutes), *other], Seen(), USUAL))
    assert [(dict(one.labels or ()), one.numbers["within"], one.numbers["again"]) for one in found] == [
        ({"name": "web"}, within, again)
    ]


@pytest.mark.parametrize(
    "minutes",
    [(0, 30, 60), (0, 18, 100, 118, 200, 218), (0, 10, 100, 110, TODAY + 110, TODAY + 120), ()],
)
def test_an_alert_that_seldom_fires_again_does_not_flap(minutes: tuple[float, ...]) -> None:
    assert list(flapping(rule(), fired_at(*minutes), Seen(), USUAL)) == []


def test_a_rule_that_is_seldom_evaluated_flaps_by_the_steps_in_which_it_changed() -> None:
    def shares(*minutes: float, usual: AlertThresholds = USUAL) -> list[float]:
        slow = [replace(one, resolved_at=(one.fired_at or 0) + ms(5) - ms(0)) for one in fired_at(*minutes, long=5)]
        return [round(one.numbers["changes"], 3) for one in flapping(rule(interval=5), slow, Seen(), usual)]

    # Six changes that are 18, 17, 11, 10, 1 and 0 steps old.
    assert shares(0, 35, 85) == [round(sum(1.25 - age / 38 for age in (18, 17, 11, 10, 1, 0)) / 20, 3)]
    assert shares(0, 35, 130) == []
    assert shares(0, 85) == []
    assert shares(0, 35, 85, usual=replace(USUAL, flapping_changes=0.31)) == []


def test_pending_alerts_do_not_flap() -> None:
    pending = [episode(at, at + 1, fired=None) for at in range(0, 60, 5)]
    assert list(flapping(rule(), pending, Seen(), USUAL)) == []


def test_an_alert_on_ten_days_of_thirty_repeats() -> None:
    ten = fired_at(*(day * 3 * TODAY + day * 97 for day in range(10)))
    found = list(repeating(rule(), ten, Seen(), USUAL))
    assert [one.numbers["days"] for one in found] == [10]
    assert list(repeating(rule(), ten[:9], Seen(), USUAL)) == []
    assert list(repeating(rule(), fired_at(*(day * 4 * TODAY + day * 97 for day in range(10))), Seen(), USUAL)) == []


def test_an_alert_at_the_same_time_of_day_repeats_also_around_midnight() -> None:
    around = fired_at(*(day * 9 * TODAY + offset for day, offset in enumerate((-14, 10, -3, 14, 0))))
    found = list(repeating(rule(), around, Seen(), USUAL))
    assert [(one.numbers["same_time_days"], one.numbers["minute_of_day"]) for one in found] == [(5, 0)]
    apart = fired_at(*(day * 9 * TODAY + offset for day, offset in enumerate((-18, 10, -3, 14, 0))))
    assert list(repeating(rule(), apart, Seen(), USUAL)) == []


def test_the_time_of_day_is_that_of_the_people_who_are_paged() -> None:
    nightly = fired_at(*(day * 9 * TODAY for day in range(5)))
    found = list(repeating(rule(), nightly, Seen(zone=ZoneInfo("Asia/Seoul")), USUAL))
    assert [one.numbers["minute_of_day"] for one in found] == [9 * 60]


def covered(hours: int) -> Seen:
    return Seen((Run(ms(0), ms(0) + hours * HOUR - 1),))


def test_an_alert_that_fires_nearly_always_is_chronic() -> None:
    long = [*fired_at(0, long=239), *fired_at(300, long=179), *fired_at(500, long=59)]
    found = list(chronic(rule(), long, covered(10), USUAL))
    assert [(one.numbers["share"], one.numbers["longest"]) for one in found] == [(0.8, 4 * HOUR)]
    assert list(chronic(rule(), long, covered(11), USUAL)) == []
    assert list(chronic(rule(), long, Seen(), USUAL)) == []


def test_only_what_is_covered_counts() -> None:
    unseen = [*fired_at(0, long=479), *fired_at(2000, long=2000)]
    assert [one.numbers["share"] for one in chronic(rule(), unseen, covered(10), USUAL)] == [0.8]


def test_an_alert_that_fires_for_a_week_is_chronic() -> None:
    week = [unresolved(replace(one, last=one.active_at + 7 * DAY), "open") for one in fired_at(0)]
    assert [one.numbers["longest"] > 7 * DAY for one in chronic(rule(), week, covered(24 * 90), USUAL)] == [True]
