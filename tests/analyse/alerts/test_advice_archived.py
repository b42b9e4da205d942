"""Advice on what the archive has of a quarter is that on the quarter itself."""

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from maintainer.analyse.alerts.advice import AlertAdvice, alert_advice
from maintainer.analyse.alerts.history import alert_history
from maintainer.model.alerts import MINUTE, AlertHistory, Episode
from tests.analyse.alerts.histories import STUCK, at, episode, history
from tests.scenarios.quarters import archived

if TYPE_CHECKING:
    from maintainer.model.incidents import Verdict

STUCK_SHORT = replace(STUCK, hold=5 * MINUTE)


def noisy() -> AlertHistory:
    """A quarter of 60 short alerts and some long ones, at any time of the day, also over midnight."""
    random = Random(3)
    days = [random.uniform(0, 91) for _ in range(60)]
    made = [
        episode(at(int(day), 24 * (day % 1)), STUCK_SHORT, minutes=45 if number % 8 == 0 else random.randint(1, 4))
        for number, day in enumerate(sorted(days))
    ]
    return history(*made, rules=(STUCK_SHORT,))


def advised(known: AlertHistory) -> AlertAdvice:
    verdicts: dict[Episode, Verdict] = {
        one: "real" if one.last - one.active_at > 30 * MINUTE else "noise" for one in known.episodes
    }
    return alert_advice(known, verdicts, incidents=(), missed=())


def test_advice_on_the_archive_is_advice_on_the_samples() -> None:
    raw = noisy()
    stored = alert_history(archived(raw), raw.start, raw.end)
    assert len(advised(raw).best) == 1
    assert advised(stored).results == advised(raw).results
