"""What a panel shows beside what the API makes: wrong for certain, or nothing is said."""

from collections.abc import Sequence

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.panel_query import PanelQuery
from maintainer.analyse.queries.panel_value import panel_value
from maintainer.analyse.queries.panel_values import PanelValue, WrongShare
from maintainer.model.facts import Bracket
from maintainer.model.loaded_queries import Group, QueryResults
from maintainer.render.words import load, say
from tests.analyse.builders import A, B, bracket, moved, rollout, says, scrape, scraped
from tests.analyse.queries.builders import FLEET, STILL, audited, comparison, honest, loaded, one_question, panel

TOTAL = 'sum(rollout_info{namespace=~"$namespace",name=~"$rollout"})'
DESIRED = "sum by (namespace) (rollout_info_replicas_desired)"


def number(text: str, metric: dict[Group, float], *, brackets: Sequence[Bracket] = STILL) -> PanelValue:
    """The number of a panel to which Prometheus answers this."""
    (found,) = answered(text, metric, brackets=brackets).numbers
    return found


def answered(text: str, metric: dict[Group, float], *, brackets: Sequence[Bracket] = STILL) -> QueryAudit:
    """A panel, and what Prometheus answers to it."""
    results = QueryResults(values={counted(text, brackets).grouped: metric})
    return audited(loaded(panel(text)), results, brackets=brackets)


def counted(text: str, brackets: Sequence[Bracket] = STILL) -> PanelQuery:
    """The aggregation that a panel is."""
    count = one_question(text, brackets=brackets).count
    assert count is not None
    return count


def right(text: str) -> dict[Group, float]:
    """What an honest Prometheus answers."""
    return dict(honest(counted(text), FLEET))


def test_an_honest_panel_is_right_for_every_rollout() -> None:
    found = number(TOTAL, right(TOTAL))

    assert (found.shown, found.low, found.high, found.wrong, found.compared) == (3, 3, 3, (), 3)


def test_a_share_that_is_not_the_apis_is_wrong() -> None:
    answer = right(DESIRED) | {("shop", "cart"): 4.0}
    found = number(DESIRED, answer)

    assert found.wrong == (WrongShare(("shop", "cart"), 4.0, 3.0, ""),)
    assert (found.shown, found.low) == (10, 9)


def test_a_rollout_that_the_panel_does_not_count_is_wrong() -> None:
    answer = right(TOTAL)
    del answer["shop", "pay"]

    assert number(TOTAL, answer).wrong == (WrongShare(("shop", "pay"), None, 1.0, ""),)


def test_two_targets_count_twice_and_the_evidence_says_so() -> None:
    looks = [bracket(*FLEET, scrapes=(scraped(*FLEET), scraped(*FLEET, target=B)))] * 2
    answer = {group: 2 * value for group, value in right(TOTAL).items()}
    found = number(TOTAL, answer, brackets=looks)

    assert {one.because for one in found.wrong} == {"coverage/duplicate"}
    assert (found.shown, found.low) == (6, 3)


def test_a_metric_that_is_wrong_for_certain_makes_the_panel_wrong() -> None:
    text = 'count(rollout_info{phase="Completed"})'
    shown = {one.key: says(one, phase="Paused" if one.name == "cart" else "Completed") for one in FLEET}
    looks = [bracket(*FLEET, scrapes=(scrape(shown),))] * 2
    answer = right(text)
    del answer["shop", "cart"]

    assert number(text, answer, brackets=looks).wrong == (WrongShare(("shop", "cart"), None, 1.0, "accuracy/phase"),)


def test_a_metric_that_may_only_lag_says_nothing_of_the_panel() -> None:
    """It differed once: the controller's cache may be a scrape behind."""
    text = 'count(rollout_info{phase="Completed"})'
    shown = {one.key: says(one, phase="Progressing" if one.name == "cart" else "Completed") for one in FLEET}
    looks = [bracket(*FLEET, scrapes=(scrape(shown),))]
    answer = right(text)
    del answer["shop", "cart"]
    found = number(text, answer, brackets=looks)

    assert found.wrong == ()
    assert (found.shown, found.low, found.high) == (2, 2, 3)


def test_where_a_rollout_moves_the_apis_number_is_an_interval() -> None:
    looks = [bracket(*FLEET, after={one.key: "9" if one.name == "cart" else "7" for one in FLEET})] * 3
    found = number(DESIRED, right(DESIRED) | {("shop", "cart"): 5.0}, brackets=looks)

    assert (found.wrong, found.shown, found.low, found.high) == ((), 11, 9, 11)


def test_a_rollout_that_changes_its_phase_is_counted_once_on_both_sides() -> None:
    text = "sum by (phase) (rollout_info)"
    looks = [bracket(*FLEET, after={one.key: "9" if one.name == "cart" else "7" for one in FLEET})] * 3
    answer = {**right(text), ("shop", "cart", "Paused"): 1.0}
    del answer["shop", "cart", "Completed"]
    found = number(text, answer, brackets=looks)

    assert (found.wrong, found.shown, found.low, found.high) == ((), 3, 3, 3)


def test_one_that_was_clean_and_moved_since_says_nothing() -> None:
    looks = [STILL[0], bracket(moved(FLEET[0], "8"), *FLEET[1:], after={one.key: "9" for one in FLEET})]
    answer = right(TOTAL) | {("shop", "cart"): 7.0}

    assert number(TOTAL, answer, brackets=looks).wrong == ()


def test_a_ghost_that_is_proven_is_counted_by_the_panel_and_not_by_the_api() -> None:
    ghost = rollout("gone")
    looks = [bracket(*FLEET, scrapes=(scraped(*FLEET, ghost),))] * 2
    answer = right(TOTAL) | {("shop", "gone"): 1.0}

    assert number(TOTAL, answer, brackets=looks).wrong == (WrongShare(("shop", "gone"), 1.0, None, "coverage/ghost"),)


def test_rollouts_of_another_instance_are_not_counted_on_either_side() -> None:
    other = rollout("blue", instance_id="blue")
    looks = [bracket(*FLEET, other, scrapes=(scraped(*FLEET),))] * 2
    answer = right(TOTAL) | {("shop", "blue"): 1.0}
    found = number(TOTAL, answer, brackets=looks)

    assert (found.wrong, found.shown, found.low) == ((), 3, 3)


def test_a_target_without_a_new_scrape_leaves_no_number() -> None:
    looks = [bracket(*FLEET, stale=(B,))] * 2
    results = QueryResults(values={counted(TOTAL).grouped: right(TOTAL)})

    assert audited(loaded(panel(TOTAL)), results, brackets=looks).numbers == ()


def test_a_panel_that_picks_no_target_is_no_data_and_not_a_wrong_number() -> None:
    text = 'sum(rollout_info{job="other"})'
    results = QueryResults(matched={'rollout_info{job="other"}': False}, values={counted(text).grouped: {}})

    assert audited(loaded(panel(text)), results).numbers == ()


def test_the_finding_names_the_panels_and_their_rollouts() -> None:
    (finding,) = panel_value(answered(DESIRED, right(DESIRED) | {("shop", "cart"): 4.0}))

    assert list(map(str, finding.subjects)) == ["panel/Argo Rollouts Monitoring / Rollouts"]
    assert "4 instead of 3 for shop/cart" in say(load("en"), finding.summary)
    assert finding.evidence["rollouts"] == [
        {
            "panel": "Argo Rollouts Monitoring / Rollouts",
            "rollout": "shop/cart",
            "shown": "4",
            "api": "3",
            "cause": "query",
        }
    ]
    assert "sum by (namespace, name) (rollout_info_replicas_desired{})" in finding.reproduce


def test_right_panels_are_no_finding() -> None:
    assert list(panel_value(answered(TOTAL, right(TOTAL)))) == []
    assert comparison(STILL).scrapes[0].target == A
