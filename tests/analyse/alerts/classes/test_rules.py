"""Many identities that fire at once, and episodes that are as long as a range."""

from dataclasses import replace

import pytest

from maintainer.analyse.alerts.classes.facts import Seen
from maintainer.analyse.alerts.classes.rules import ranges, storms, window_tails
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import MINUTE, AlertRule
from tests.analyse.alerts.builders import episode, ms, rule

USUAL = AlertThresholds()


def test_ten_identities_within_five_minutes_are_a_storm() -> None:
    storm = [episode(100 + number / 2, 130, fired=100 + number / 2, name=f"web-{number}") for number in range(10)]
    calm = [episode(300 + number, 330, fired=300 + number, name=f"web-{number}") for number in range(10)]
    again = [replace(one, fired_at=ms(600)) for one in storm]
    found = list(storms(rule(), [*calm, *storm, *again], Seen(), USUAL))
    assert [(one.numbers["identities"], one.numbers["at"]) for one in found] == [(10, ms(100)), (10, ms(600))]


def test_one_identity_that_flaps_is_no_storm() -> None:
    flapping = [episode(100, 101, fired=100 + number / 4) for number in range(20)]
    assert list(storms(rule(), flapping, Seen(), USUAL)) == []


def tailed(expr: str = "increase(a[10m]) > 0", *, keep: float = 0) -> AlertRule:
    return replace(rule(hold=0, keep=keep), expr=expr)


def test_episodes_as_long_as_the_range_are_a_window_tail() -> None:
    of = tailed()
    tails = [episode(at * 100, at * 100 + 8 + at % 3, fired=at * 100, of=of) for at in range(8)]
    other = [episode(2000, 2030, fired=2000, of=of), episode(3000, 3001, fired=3000, of=of)]
    found = list(window_tails(of, [*tails, *other], Seen(), USUAL))
    assert [(one.episodes, one.numbers) for one in found] == [
        (tuple(tails), {"episodes": 8, "of": 10, "window": 10 * MINUTE})
    ]
    assert list(window_tails(of, [*tails[:7], *other], Seen(), USUAL)) == []
    assert list(window_tails(tailed("increase(a[20m]) > 0"), tails, Seen(), USUAL)) == []
    assert list(window_tails(of, tails[:4], Seen(), USUAL)) == []


def test_what_keeps_an_alert_firing_is_not_of_the_range() -> None:
    of = tailed(keep=5)
    tails = [episode(at * 100, at * 100 + 14, fired=at * 100, of=of) for at in range(8)]
    assert len(list(window_tails(of, tails, Seen(), USUAL))) == 1


@pytest.mark.parametrize(
    ("expr", "minutes"),
    [
        ("rate(a[5m]) / rate(b[90s])", {5, 1.5}),
        ("max_over_time(rate(a[5m])[1h:1m]) > 2", {5, 60}),
        ("a > 1", set()),
        ("a >", set()),
        ("a + " * 3000 + "a", set()),
    ],
)
def test_ranges_are_found_wherever_they_stand(expr: str, minutes: set[float]) -> None:
    assert ranges(expr) == {length * MINUTE for length in minutes}
