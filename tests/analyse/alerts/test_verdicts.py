"""What an episode was, by what became of its Rollout."""

from dataclasses import replace

import pytest

from maintainer.analyse.alerts.evidence import coverage_of
from maintainer.analyse.alerts.verdicts import Judged, Known, judged_episodes
from maintainer.model.alerts import HOUR, MINUTE, AlertHistory, HourCoverage, MissingTime, Run, Silence
from maintainer.model.incidents import Incident, Label
from maintainer.model.message import message
from tests.analyse.alerts.histories import (
    END,
    START,
    STUCK,
    at,
    episode,
    event,
    history,
    outcomes,
    phase,
    revision,
    rule,
    short,
)

SHORT_FOR = 5 * MINUTE
WHEN = at(10)
SHORT_RULE = rule("RolloutReplicaMismatch", "rollout_info_replicas_available < rollout_info_replicas_desired")
EPISODE = episode(WHEN, minutes=10)
"""Active for 15 minutes from day 10 at noon, then firing for 10."""


def judged(known: AlertHistory, beside: Known | None = None) -> Judged:
    (found,) = judged_episodes(known, beside or Known(), coverage=coverage_of(known), short_for=SHORT_FOR)
    return found


def reason(found: Judged) -> str:
    return found.reasons[0].id


def test_a_rollout_that_heals_by_itself_was_noise() -> None:
    slow = outcomes(revision(WHEN - MINUTE), phase("Progressing", WHEN, minutes=25))

    found = judged(history(EPISODE, outcomes=slow))

    assert (found.verdict, reason(found)) == ("noise", "verdict/nothing")


def test_missing_pods_are_real_for_an_alert_that_reads_the_phase() -> None:
    found = judged(history(EPISODE, outcomes=outcomes(short(WHEN, minutes=20))))

    assert (found.verdict, found.reasons) == (
        "real",
        (message("verdict/short", available=1, desired=3, minutes=20),),
    )


def test_pods_that_are_missing_for_a_moment_are_part_of_a_deployment() -> None:
    assert judged(history(EPISODE, outcomes=outcomes(short(WHEN, minutes=4)))).verdict == "noise"


def test_too_few_pods_do_not_prove_the_alert_that_says_so() -> None:
    own = episode(WHEN, SHORT_RULE)
    alone = history(own, rules=(SHORT_RULE,), outcomes=outcomes(short(WHEN, minutes=20)))
    with_timeout = replace(alone, outcomes=outcomes(short(WHEN, minutes=20), phase("Timeout", WHEN + 10 * MINUTE)))

    assert (judged(alone).verdict, reason(judged(alone))) == ("undetermined", "verdict/only-itself")
    assert (judged(with_timeout).verdict, reason(judged(with_timeout))) == ("real", "verdict/short-and")


@pytest.mark.parametrize("name", ["Timeout", "Error", "InvalidSpec"])
def test_a_phase_alone_never_proves_the_alert_that_reads_it(name: str) -> None:
    failed = rule("RolloutFailed", f'rollout_info{{phase="{name}"}} == 1', hold=0)
    bad = outcomes(revision(WHEN - 10 * MINUTE), phase(name, WHEN))

    found = judged(history(episode(WHEN, failed), rules=(failed,), outcomes=bad))

    assert (found.verdict, reason(found)) == ("undetermined", "verdict/phase-only")


def test_an_abort_by_analysis_with_all_pods_was_handled() -> None:
    undone = outcomes(
        revision(WHEN - 5 * MINUTE),
        phase("Progressing", WHEN - 5 * MINUTE, minutes=4),
        event("AnalysisRunFailed", WHEN - MINUTE),
        event("RolloutAborted", WHEN),
        phase("Abort", WHEN, minutes=60),
    )

    found = judged(history(EPISODE, outcomes=undone))

    assert (found.verdict, reason(found)) == ("handled", "verdict/handled")


def test_an_abort_by_analysis_with_too_few_pods_was_real() -> None:
    undone = outcomes(revision(WHEN), event("AnalysisRunFailed", WHEN), phase("Abort", WHEN), short(WHEN, minutes=30))

    assert judged(history(EPISODE, outcomes=undone)).verdict == "real"


def test_an_abort_of_which_nobody_knows_the_cause_is_undetermined() -> None:
    aborted = outcomes(revision(WHEN - 5 * MINUTE), event("RolloutAborted", WHEN), phase("Abort", WHEN))

    assert judged(history(EPISODE, outcomes=aborted)).verdict == "undetermined"


@pytest.mark.parametrize("name", ["Timeout", "Abort"])
def test_a_timeout_or_abort_without_a_new_revision_is_the_controllers(name: str) -> None:
    found = judged(history(EPISODE, outcomes=outcomes(phase(name, WHEN))))

    assert found.verdict == "controller"
    assert found.reasons == (message("verdict/controller", phase=name),)


def test_a_timeout_long_after_the_revision_of_its_deployment_is_not_the_controllers() -> None:
    paused_for_hours = outcomes(
        revision(WHEN - 6 * HOUR),
        phase("Progressing", WHEN - 6 * HOUR, minutes=10),
        phase("Paused", WHEN - 6 * HOUR + 10 * MINUTE, minutes=340),
        phase("Timeout", WHEN - 9 * MINUTE),
    )

    assert judged(history(EPISODE, outcomes=paused_for_hours)).verdict == "undetermined"


def test_a_revision_of_the_day_before_does_not_explain_a_timeout() -> None:
    assert judged(history(EPISODE, outcomes=outcomes(revision(WHEN - 24 * HOUR), phase("Timeout", WHEN)))).verdict == (
        "controller"
    )


def test_a_planned_pause_is_expected() -> None:
    paused = outcomes(revision(WHEN - MINUTE), phase("Paused", WHEN, minutes=60), event("RolloutPaused", WHEN))

    found = judged(history(EPISODE, outcomes=paused))

    assert (found.verdict, reason(found)) == ("expected", "verdict/paused")


def test_what_somebody_silenced_before_it_began_is_expected() -> None:
    window = Silence((("namespace", "=", "shop"),), WHEN - HOUR, WHEN + HOUR, "kim", "maintenance")
    later = replace(window, starts=WHEN + MINUTE)

    assert judged(history(EPISODE, silences=(window,))).verdict == "expected"
    assert judged(history(EPISODE, silences=(later,))).verdict == "noise"


def test_an_episode_after_which_somebody_deployed_is_no_noise() -> None:
    repaired = outcomes(revision(WHEN + 20 * MINUTE))

    found = judged(history(EPISODE, outcomes=repaired))

    assert (found.verdict, reason(found)) == ("undetermined", "verdict/acted")


@pytest.mark.parametrize("hole", ["coverage", "missing"])
def test_what_was_not_seen_is_never_noise(hole: str) -> None:
    seen = history(EPISODE)
    gap = MissingTime(WHEN - HOUR, WHEN + HOUR, message("alerts/missing"))
    hours = tuple(HourCoverage(hour, 1.0) for hour in range(START, END, HOUR) if hour != WHEN // HOUR * HOUR)
    unseen = replace(seen, missing=(gap,)) if hole == "missing" else replace(seen, coverage=hours)

    found = judged(unseen)

    assert (found.verdict, reason(found)) == ("undetermined", "verdict/not-covered")


@pytest.mark.parametrize("kind", ["silences", "left_sides", "agreement"])
def test_a_day_whose_alerts_and_rollouts_were_read_is_seen_whatever_else_was_not(kind: str) -> None:
    gap = MissingTime(WHEN - HOUR, WHEN + HOUR, message(f"harvest/unread.{kind}", why=message("gap/x")))

    assert judged(history(EPISODE, missing=(gap,))).verdict == "noise"


@pytest.mark.parametrize("kind", ["episodes", "outcomes", "coverage", "rules"])
def test_a_day_whose_alerts_or_rollouts_were_not_read_is_not_seen(kind: str) -> None:
    gap = MissingTime(WHEN - HOUR, WHEN + HOUR, message(f"harvest/unread.{kind}", why=message("gap/x")))

    assert judged(history(EPISODE, missing=(gap,))).verdict == "undetermined"


def test_what_a_restart_of_prometheus_made_is_undetermined() -> None:
    found = judged(history(EPISODE), Known(restarted=frozenset({EPISODE})))

    assert (found.verdict, reason(found)) == ("undetermined", "verdict/restarted")


def test_an_episode_that_has_not_ended_is_undetermined() -> None:
    assert judged(history(replace(EPISODE, end="open", resolved_at=None))).verdict == "undetermined"


def test_an_alert_that_names_no_rollout_is_not_judged_by_the_evidence_of_one() -> None:
    total = replace(EPISODE, labels=(("severity", "warning"),))

    found = judged(history(total, outcomes=outcomes(short(WHEN))))

    assert (found.verdict, reason(found)) == ("undetermined", "verdict/no-subject")


def test_an_alert_about_a_namespace_is_judged_by_all_rollouts_in_it() -> None:
    of_all = replace(EPISODE, labels=(("namespace", "shop"),))
    elsewhere = short(WHEN, subject=("other", "web"))

    assert judged(history(of_all, outcomes=outcomes(short(WHEN)))).verdict == "real"
    assert judged(history(of_all, outcomes=outcomes(elsewhere))).verdict == "noise"


def test_the_renamed_namespace_is_the_rollouts() -> None:
    renamed = replace(EPISODE, labels=(("exported_namespace", "shop"), ("name", "web"), ("namespace", "argo-rollouts")))

    assert judged(history(renamed, outcomes=outcomes(short(WHEN)))).verdict == "real"


def test_an_incident_on_record_makes_an_episode_real() -> None:
    incident = Incident("INC-7", WHEN, WHEN + HOUR, (("rollout", "web"),))
    elsewhere = replace(incident, labels=(("rollout", "cart"),))

    found = judged(history(EPISODE), Known(incidents=(incident,)))

    assert (found.verdict, found.by, found.reasons) == ("real", "incident", (message("verdict/incident", id="INC-7"),))
    assert judged(history(EPISODE), Known(incidents=(elsewhere,))).verdict == "noise"


def said(verdict: str, **changes: object) -> Label:
    label = Label("RolloutStuck", WHEN, WHEN, verdict, (("name", "web"),), who="lee")  # type: ignore[arg-type]
    return replace(label, **changes)  # type: ignore[arg-type]


def test_what_a_person_said_outranks_the_evidence() -> None:
    found = judged(history(EPISODE, outcomes=outcomes(short(WHEN))), Known(labels=(said("noise", note="a drill"),)))

    assert (found.verdict, found.by, found.disputed) == ("noise", "label", False)
    assert [why.id for why in found.reasons] == ["verdict/labelled", "verdict/short"]


def test_of_two_people_the_last_counts_and_the_other_is_kept() -> None:
    found = judged(history(EPISODE), Known(labels=(said("real", who="kim"), said("noise"))))

    assert (found.verdict, found.disputed) == ("noise", True)
    assert found.reasons[1] == message("verdict/disputed", who="kim", verdict="real")


def test_a_label_is_about_the_nearest_episode_within_half_an_hour() -> None:
    far = said("real", start=WHEN + HOUR, end=WHEN + HOUR)
    near = said("real", start=WHEN - 20 * MINUTE, end=WHEN - 20 * MINUTE)

    assert judged(history(EPISODE), Known(labels=(far,))).verdict == "noise"
    assert judged(history(EPISODE), Known(labels=(near,))).verdict == "real"


def test_a_label_of_a_span_is_about_all_episodes_in_it() -> None:
    known = history(EPISODE, episode(WHEN + 2 * HOUR))
    span = said("expected", start=WHEN, end=WHEN + 3 * HOUR)

    found = judged_episodes(known, Known(labels=(span,)), coverage=coverage_of(known), short_for=SHORT_FOR)

    assert [one.verdict for one in found] == ["expected", "expected"]


def test_a_label_about_another_rollout_says_nothing() -> None:
    assert judged(history(EPISODE), Known(labels=(said("real", labels=(("name", "cart"),)),))).verdict == "noise"


def test_an_unknown_rule_may_read_any_metric() -> None:
    unknown = history(EPISODE, rules=(), outcomes=outcomes(short(WHEN)))

    assert STUCK.version not in unknown.rules
    assert judged(unknown).verdict == "undetermined"


HARMED = Incident("shop/web users", WHEN + 5 * MINUTE, WHEN + 20 * MINUTE, (("name", "web"), ("namespace", "shop")))


def test_users_who_were_harmed_make_an_alert_real_whatever_the_pods_say() -> None:
    found = judged(history(EPISODE), Known(impacts=(HARMED,)))

    assert (found.verdict, reason(found), found.by) == ("real", "verdict/impact", "evidence")


def test_harm_to_users_comes_before_what_excuses_an_alert() -> None:
    undone = outcomes(revision(WHEN), event("AnalysisRunFailed", WHEN), event("RolloutAborted", WHEN))
    assert judged(history(EPISODE, outcomes=undone)).verdict == "handled"

    assert judged(history(EPISODE, outcomes=undone), Known(impacts=(HARMED,))).verdict == "real"


@pytest.mark.parametrize("labels", [(("name", "cart"), ("namespace", "shop")), (("service", "pay"),)])
def test_harm_to_the_users_of_something_else_proves_nothing(labels: tuple[tuple[str, str], ...]) -> None:
    assert judged(history(EPISODE), Known(impacts=(replace(HARMED, labels=labels),))).verdict == "noise"


def test_harm_to_all_users_counts_for_every_alert() -> None:
    unnamed = replace(EPISODE, labels=())

    assert judged(history(unnamed), Known(impacts=(replace(HARMED, labels=()),))).verdict == "real"


def test_what_ended_by_itself_is_no_noise_where_nobody_knows_how_users_fared() -> None:
    found = judged(history(EPISODE, impact_unseen=(Run(WHEN - HOUR, WHEN),)))
    assert (found.verdict, reason(found)) == ("undetermined", "verdict/impact-unseen")

    assert judged(history(EPISODE, impact_unseen=(Run(WHEN - 2 * HOUR, WHEN - HOUR),))).verdict == "noise"
