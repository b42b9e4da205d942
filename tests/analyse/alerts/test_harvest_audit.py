"""The check alert/history: days that are lost, and what could not be read."""

from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.harvest_audit import HarvestAudit, alert_history, alert_history_gaps, harvest_figures
from maintainer.analyse.checks import CHECKS
from maintainer.analyse.reproduce import Access
from maintainer.model.alerts import DAY
from maintainer.model.harvest import HarvestPlan, PlannedDay, Unreplayed
from maintainer.model.message import message
from maintainer.model.report import Subject
from maintainer.render.words import load, say
from tests.analyse.alerts.harvested import START, day, episode

ENGLISH = load("en")


def planned(*numbers: int, samples: int = 0) -> tuple[PlannedDay, ...]:
    return tuple(
        PlannedDay(START + number * DAY, START + (number + 1) * DAY, {"alerts": samples}) for number in numbers
    )


def audit(plan: HarvestPlan, first: int | None = START, **more: object) -> HarvestAudit:
    return HarvestAudit(ZoneInfo("Asia/Seoul"), Access(), plan, first=first, **more)  # type: ignore[arg-type]  # by its name


def test_days_that_nobody_has_any_more_are_a_finding_with_their_dates() -> None:
    lost = audit(HarvestPlan(gone=planned(1, 2)))

    (finding,) = alert_history(lost)
    assert finding.subjects == (Subject("Day", "", "2026-10-02"), Subject("Day", "", "2026-10-03"))
    assert finding.severity == CHECKS["alert/history"].severity
    assert say(ENGLISH, finding.summary) == (
        "The history of alerts of 2 days from 2026-10-02 to 2026-10-03 is lost: "
        "no harvest has read them, and Prometheus has nothing of them"
    )
    assert "time=1790910000" in finding.reproduce  # noon of the second in Seoul
    assert harvest_figures(lost)["harvest.lost"] == 2


def test_a_finding_can_be_about_one_of_its_days() -> None:
    (finding,) = alert_history(audit(HarvestPlan(gone=planned(1, 2))))
    assert finding.part is not None
    assert finding.part(frozenset({finding.subjects[1]})).evidence == {"days": ["2026-10-03"]}


def test_days_before_the_first_harvest_are_not_lost() -> None:
    assert list(alert_history(audit(HarvestPlan(gone=planned(1, 2)), first=None))) == []
    assert list(alert_history(audit(HarvestPlan(gone=planned(1, 2)), first=START + 5 * DAY))) == []


def test_days_that_are_left_for_the_next_run_are_a_gap_that_passes() -> None:
    (gap,) = alert_history_gaps(audit(HarvestPlan(days=planned(0), left=planned(1, 2))))
    assert gap.kind == "passing"
    assert "2 days from 2026-10-02 on are left for the next run" in say(ENGLISH, gap.reason)


def test_a_day_that_is_too_much_by_itself_is_a_gap_that_stays() -> None:
    (gap,) = alert_history_gaps(audit(HarvestPlan(left=planned(1, samples=60_000_000))))
    assert gap.kind == "permanent"
    assert "Reading 2026-10-02 would take about 60,000,000 samples" in say(ENGLISH, gap.reason)


def test_what_could_not_be_read_of_a_day_is_told_once() -> None:
    why = message("harvest/downsampled", minutes=5)
    days = (day(0, unread={"episodes": why, "outcomes": why}), day(1, episodes=(episode(START, START),)))

    read = audit(HarvestPlan(), days=days)
    (gap,) = alert_history_gaps(read)
    assert say(ENGLISH, gap.reason).startswith("2026-10-01: The samples are 5 minutes apart or more")
    assert harvest_figures(read) == {"harvest.days": 2, "harvest.episodes": 1, "harvest.rules": 1, "harvest.lost": 0}


def test_a_rule_whose_replay_has_failed_is_told_once() -> None:
    why = message("gap/web-timeout", who="Prometheus", url="http://prometheus", seconds=30.0)
    (gap,) = alert_history_gaps(audit(HarvestPlan(), unreplayed=(Unreplayed("A", why), Unreplayed("A", why))))
    assert say(ENGLISH, gap.reason).startswith("Whether a replay of A agrees with the alerts of this day is not known:")
