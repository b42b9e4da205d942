"""Advice on a rule: it spares the pages that it says, loses no real incident, and is not given where it must not be."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.alerts.advice import alert_advice
from maintainer.analyse.alerts.patches import change_of
from maintainer.analyse.alerts.presence import replayed
from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.remedies import (
    aggregation_advice,
    for_advice,
    guard_advice,
    keep_advice,
    shorter_for_advice,
)
from maintainer.analyse.alerts.replay_types import Evaluations, Presence
from maintainer.analyse.alerts.rule_texts import changed_text
from maintainer.analyse.alerts.threshold_remedy import looser_threshold_advice, threshold_advice
from maintainer.model.alert_advice import Advice, NoAdvice
from maintainer.model.alerts import DAY, HOUR, MINUTE, AlertHistory, AlertRule, Run
from maintainer.model.incidents import Incident, Verdict
from maintainer.model.outcomes import ShortRun
from tests.analyse.alerts.advice_samples import QUARTER, RULE, START, True_, churning, labels, noisy, record, spikes
from tests.analyse.alerts.walk import firing

VERDICTS: list[Verdict] = ["real", "noise", "handled", "expected", "controller", "undetermined"]


def advice(result: Advice | NoAdvice) -> Advice:
    assert isinstance(result, Advice), result
    return result


def why(result: Advice | NoAdvice) -> str:
    assert isinstance(result, NoAdvice), result
    return result.why


def walked(rule: AlertRule, true: Iterable[Presence]) -> list[tuple[int, int]]:
    """When a rule fires, first and last evaluation, by walking through each identity."""
    times = []
    for _, runs in true:
        steps = {
            step
            for run in runs
            for step in range((run.first - START) // rule.interval, (run.last - START) // rule.interval + 1)
        }
        times += [*firing(rule, steps)]
    return sorted(times)


def replayed_steps(rule: AlertRule, true: Iterable[Presence]) -> list[tuple[int, int]]:
    return sorted(
        ((episode.fired_at - START) // rule.interval, (episode.last - START) // rule.interval)
        for episode in replayed(rule, true, START + 400 * DAY)
        if episode.fired_at is not None
    )


@st.composite
def histories(draw: st.DrawFn) -> list[True_]:
    """Up to 60 stretches of some Rollouts, close to each other and apart, with any verdict."""
    at = dict.fromkeys(("a", "b"), 0)
    made: list[True_] = []
    for _ in range(draw(st.integers(0, 60))):
        name = draw(st.sampled_from("ab"))
        first = at[name] + draw(st.sampled_from((2, 3, 7, 40, 1000)))
        count = draw(st.sampled_from((1, 2, 5, 6, 7, 9, 12, 30)))
        made.append((name, first, count, draw(st.sampled_from(VERDICTS))))
        at[name] = first + count
    return made


@settings(max_examples=30)
@given(histories(), st.sampled_from((0, 30_000, 2 * MINUTE, 5 * MINUTE)))
def test_the_advised_rule_fires_as_often_as_the_advice_says(history: list[True_], hold: int) -> None:
    rule = replace(RULE, hold=hold)
    recorded, judgement = record(history, rule)
    present = recorded_presences(rule, recorded.episodes)
    for result in (for_advice(recorded, judgement), keep_advice(recorded, judgement)):
        if isinstance(result, Advice):
            assert len(walked(rule, present)) == result.whole.pages_before
            assert len(walked(result.advised, present)) == result.whole.pages_after
            assert not result.whole.lost
            assert result.whole.removed > 0


@settings(max_examples=30)
@given(
    histories(),
    st.sampled_from((0, 30_000, 45_000, 5 * MINUTE)),
    st.sampled_from((0, 30_000, 90_000, 3 * MINUTE, 10 * MINUTE)),
)
def test_a_replay_is_what_a_walk_through_the_evaluations_gives(history: list[True_], hold: int, keep: int) -> None:
    recorded, _ = record(history)
    present = recorded_presences(RULE, recorded.episodes)
    rule = replace(RULE, hold=hold, keep=keep)
    assert replayed_steps(rule, present) == walked(rule, present)


def test_a_longer_for_spares_transient_pages_and_keeps_every_incident() -> None:
    found = advice(for_advice(*record(noisy())))
    assert found.advised == replace(RULE, hold=10 * MINUTE)
    assert (found.whole.pages_before, found.whole.pages_after) == (54, 9)
    assert (found.whole.caught_before, found.whole.caught_after, found.whole.lost) == (9, 9, ())
    assert set(found.whole.late) == {5 * MINUTE}
    assert (found.clusters, found.removed_clusters) == (54, 45)
    assert found.tuned.pages_before + found.held.pages_before == 54
    assert found.held.pages_before == 16
    assert found.holds
    assert found.safer
    assert found.safer[0].hold == 9 * MINUTE
    assert found.bolder
    assert found.bolder[0].hold == 12 * MINUTE


def test_the_shortest_incident_limits_how_long_a_for_may_be() -> None:
    history = [(name, first, 9 if verdict == "real" else count, verdict) for name, first, count, verdict in noisy()]
    found = advice(for_advice(*record(history)))
    assert found.advised.hold <= 8 * MINUTE
    assert found.shortest == 9 * MINUTE


def test_an_incident_is_told_of_at_most_ten_minutes_later() -> None:
    history: list[True_] = [
        (name, first, 40 if verdict == "noise" else 200, verdict) for name, first, _, verdict in noisy()
    ]
    assert why(for_advice(*record(history))) == "nothing-safe"


def test_there_is_no_advice_where_every_page_was_right() -> None:
    history: list[True_] = [(name, first, count, "real") for name, first, count, _ in noisy()]
    for result in (for_advice(*record(history)), keep_advice(*record(history))):
        assert why(result) == "no-noise"


def test_there_is_no_advice_on_a_quiet_rule() -> None:
    assert why(for_advice(*record([]))) == "no-noise"


def test_few_episodes_are_no_ground_for_advice() -> None:
    assert why(for_advice(*record(noisy(noise=7, real=2)))) == "few"


def test_episodes_that_fired_together_are_one_case() -> None:
    together: list[True_] = [(f"app{number}", day * 1440, 7, "noise") for day in range(9) for number in range(9)]
    assert why(for_advice(*record(together))) == "few"


def test_without_agreement_there_is_no_advice_and_with_some_it_is_approximate() -> None:
    recorded, judgement = record(noisy())
    assert why(for_advice(replace(recorded, agreement=0.79), judgement)) == "agreement"
    assert advice(for_advice(replace(recorded, agreement=0.94), judgement)).approximate
    assert not advice(for_advice(replace(recorded, agreement=0.95), judgement)).approximate


def test_a_recorded_keep_firing_for_hides_when_the_expression_was_true() -> None:
    recorded, judgement = record(noisy())
    kept = replace(recorded, rule=replace(RULE, keep=MINUTE))
    assert why(for_advice(kept, judgement)) == why(keep_advice(kept, judgement)) == "keep-recorded"


def test_what_would_have_lost_an_incident_in_the_last_third_is_not_advised() -> None:
    late: True_ = ("app9", 85 * 1440, 8, "real")
    assert why(for_advice(*record([*noisy(), late]))) == "loses-later"


def test_an_incident_on_record_must_be_kept_whatever_the_episodes_are_judged() -> None:
    history = noisy(real=0)
    recorded, judgement = record(history)
    name, first, count, _ = next(one for one in history if one[2] == 7)
    begin = START + first * MINUTE
    own = Incident("i", begin, begin + count * MINUTE, (("name", name), ("namespace", "shop")))
    judgement = replace(judgement, incidents=(own,), verdicts={**judgement.verdicts})
    episode = next(one for one in recorded.episodes if one.active_at == begin)
    judgement = replace(judgement, verdicts={**judgement.verdicts, episode: "real"})
    result = for_advice(recorded, judgement)
    assert isinstance(result, NoAdvice) or result.advised.hold <= 6 * MINUTE


def test_what_nobody_could_judge_is_counted_where_its_page_goes() -> None:
    history: list[True_] = [
        (*one[:3], "undetermined") if number % 9 == 0 else one for number, one in enumerate(noisy())
    ]
    found = advice(for_advice(*record(history)))
    gone = sum(verdict == "undetermined" and count < 11 for _, _, count, verdict in history)
    assert found.whole.unjudged == gone > 0


def test_flapping_is_made_one_page_by_keep_firing_for() -> None:
    flaps: list[True_] = [("app1", hour * 360 + 10 * number, 7, "noise") for hour in range(60) for number in range(4)]
    found = advice(keep_advice(*record(flaps)))
    assert found.advised == replace(RULE, keep=5 * MINUTE)
    assert (found.whole.pages_before, found.whole.pages_after) == (240, 60)
    assert set(found.whole.late) == set()


def test_a_label_of_the_pod_begins_every_page_anew() -> None:
    recorded, judgement = churning()
    found = advice(aggregation_advice(recorded, judgement))
    assert found.advised.expr == f"max by (name, namespace) ({recorded.rule.expr})"
    assert (found.whole.pages_before, found.whole.pages_after) == (48, 12)
    assert found.removed_clusters == 0


def test_evaluations_that_were_not_made_are_neither_quiet_nor_firing() -> None:
    recorded, _ = record([("app1", 600, 30, "noise"), ("app1", 2000, 30, "noise")])
    missing = Run(START + 603 * MINUTE, START + 626 * MINUTE)
    gap = replace(recorded, evaluations=Evaluations(QUARTER.last + 1, (missing,)))
    later = replace(RULE, hold=20 * MINUTE)
    present = recorded_presences(RULE, recorded.episodes)

    assert [one.fired_at for one in recorded.replayed(later, present)] == [
        START + 620 * MINUTE,
        START + 2020 * MINUTE,
    ]
    assert [one.fired_at for one in gap.replayed(later, present)] == [START + 627 * MINUTE, START + 2020 * MINUTE]


def test_a_guard_keeps_the_pages_in_which_pods_were_missing() -> None:
    history = [(name, first, 60, verdict) for name, first, _, verdict in noisy()]
    recorded, judgement = record(history)
    short = [
        ShortRun(("shop", name), START + first * MINUTE + 20_000, START + first * MINUTE + HOUR, 3, 1)
        for name, first, _, verdict in history
        if verdict == "real"
    ]
    found = advice(guard_advice(recorded, short, judgement))
    assert found.advised.expr.startswith(f"({RULE.expr}) and on (namespace, name) (rollout_info_replicas_desired")
    assert (found.whole.pages_before, found.whole.pages_after) == (54, 9)
    assert set(found.whole.late) == {MINUTE}
    assert why(guard_advice(recorded, (), judgement)) == "nothing-safe"
    nameless = replace(recorded, episodes=[replace(one, labels=(("severity", "x"),)) for one in recorded.episodes])
    assert why(guard_advice(nameless, short, judgement)) in {"nothing-safe", "no-noise"}


def test_labels_of_the_rule_do_not_count_as_churn() -> None:
    assert labels("a") == (("name", "a"), ("namespace", "shop"), ("severity", "warning"))


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_a_gain_that_halves_in_the_last_third_does_not_hold(share: float) -> None:
    history: list[True_] = [
        (name, first, count if first < 60 * 1440 else 45, verdict if first < 60 * 1440 else "noise")
        for name, first, count, verdict in noisy()
    ]
    found = advice(for_advice(*record(history)))
    assert found.holds is False
    assert found.held.removed < found.held.pages_before * share


def test_a_stricter_threshold_spares_what_was_just_past_it() -> None:
    heights: list[tuple[float, Verdict]] = [(12.0 + number % 3, "noise") for number in range(30)]
    heights[::6] = [(19.0, "real")] * 5
    found = threshold_advice(*spikes(heights))
    assert isinstance(found, Advice), found
    assert found.advised.expr == "errors > 14"
    assert (found.whole.pages_before, found.whole.pages_after) == (30, 5)
    assert (found.whole.caught_before, found.whole.caught_after) == (5, 5)
    assert change_of(found).values == {"threshold": "14"}
    assert changed_text("groups: [{rules: [{alert: RolloutErrors, expr: 'errors > 10'}]}]", change_of(found)) == (
        "groups: [{rules: [{alert: RolloutErrors, expr: 'errors > 14'}]}]"
    )


def test_a_looser_threshold_would_have_caught_what_was_missed() -> None:
    heights: list[tuple[float, Verdict]] = [(12.0, "real")] * 14
    heights[0], heights[13] = (8.0, "noise"), (8.5, "noise")
    recorded, judgement = spikes(heights)
    begin = START + 13 * 300 * MINUTE
    missed = Incident("m", begin, begin + HOUR, (("name", "app1"), ("namespace", "shop")))
    found = looser_threshold_advice(recorded, judgement, (missed,))
    assert isinstance(found, Advice), found
    assert found.direction == "more"
    assert (found.whole.caught_before, found.whole.caught_after) == (0, 1)
    assert found.advised.expr == "errors > 8.4"
    assert -found.whole.removed == 1


def test_a_rule_without_a_threshold_has_no_advice_on_one() -> None:
    assert threshold_advice(*record(noisy())) is None


def test_a_shorter_for_would_have_caught_what_was_pending_when_it_was_missed() -> None:
    history: list[True_] = [*noisy(), ("app1", 89 * 1440, 4, "noise")]
    recorded, judgement = record(history)
    begin = START + 89 * 1440 * MINUTE
    missed = (Incident("m", begin, begin + HOUR, (("name", "app1"), ("namespace", "shop"))),)
    found = advice(shorter_for_advice(recorded, judgement, missed))
    assert (found.direction, found.advised.hold) == ("more", 3 * MINUTE)
    assert (found.whole.caught_before, found.whole.caught_after) == (0, 1)
    assert why(shorter_for_advice(*record(noisy()), missed)) == "catches-nothing"


def test_one_change_is_advised_for_a_rule_and_none_on_a_quiet_history() -> None:
    recorded, judgement = record(noisy())
    history = AlertHistory(START, QUARTER.last + 1, rules={RULE.version: RULE}, episodes=tuple(recorded.episodes))
    advised = alert_advice(history, judgement.verdicts, incidents=(), missed=())
    assert [(one.kind, one.advised.hold) for one in advised.best] == [("for", 10 * MINUTE)]
    quiet = alert_advice(history, dict.fromkeys(judgement.verdicts, "real"), incidents=(), missed=())
    assert quiet.best == ()
    assert {result.why for result in quiet.results if isinstance(result, NoAdvice)} <= {"no-noise", "nothing-safe"}
