"""What is asked of Prometheus about the queries of rules and dashboards: enough, and not more."""

from dataclasses import replace

import pytest

from maintainer.analyse.queries.baseline import baseline
from maintainer.analyse.queries.query_plan import MOST_QUERIES, planned_queries, query_plan
from maintainer.model.facts import Scrape
from tests.analyse.builders import A, bracket, rollout, says, scraped
from tests.analyse.queries.builders import FLEET, STILL, alert, loaded, one_question, panel, planned, seen

PUSHED = tuple(
    bracket(
        *FLEET, scrapes=(scraped(*FLEET, namespace_label="exported_namespace", controller_namespace="argo-rollouts"),)
    )
    for _ in range(2)
)


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ('sum(rollout_info{namespace=~"$namespace"})', 'sum(rollout_info{namespace=~"identity"})'),
        (
            'rollout_info{namespace="$namespace",name=~"${rollout:regex}"}',
            'rollout_info{namespace="identity",name=~"login"}',
        ),
        ('rollout_info{job="[[job]]"}', 'rollout_info{job="argo-rollouts-metrics"}'),
        ('rollout_info{name!~"$excluded"}', 'rollout_info{name!~""}'),
        ("rate(rollout_reconcile_count[$__rate_interval])", "rate(rollout_reconcile_count[5m              ])"),
        ("rollout_info{} > $limit", "rollout_info{} > 1     "),
    ],
)
def test_variables_are_filled_in_with_what_a_reader_may_choose(text: str, run: str) -> None:
    assert one_question(text).run == run


@pytest.mark.parametrize(
    ("text", "variable"),
    [('rollout_info{zone="$zone"}', "$zone"), ("sum by ($group) (rollout_info)", "$group"), ("rollout_$x", None)],
)
def test_a_variable_whose_values_nobody_knows_is_not_guessed(text: str, variable: str | None) -> None:
    if variable is None:
        assert planned(loaded(panel(text))).planned == ()
        return
    planned_query = one_question(text)

    assert planned_query.run == ""
    assert planned_query.why_not is not None
    assert planned_query.why_not.named["variable"] == variable


def test_what_can_never_match_is_not_asked() -> None:
    found = planned(loaded(panel('rollout_info{phase="Degraded"}')))

    assert found.remarks
    assert (found.plan.selectors, found.plan.runs, found.plan.counts) == ((), (), ())


def test_rules_are_not_run_again() -> None:
    """Prometheus evaluates them itself and says whether it could."""
    found = planned(loaded(alert('rollout_info{job="other",phase="Paused"} == 1')))

    assert found.plan.runs == ()
    assert found.plan.selectors == ('rollout_info{job="other"}',)


@pytest.mark.parametrize(
    ("text", "selectors"),
    [
        ('sum(rollout_info{job="x",phase="Error",strategy="canary"})', ('rollout_info{job="x"}',)),
        ('rollout_info{job="x",namespace="shop"}', ('rollout_info{job="x",namespace="shop"}',)),
        ('rollout_info{namespace="shop",name="cart"}', ('rollout_info{namespace="shop",name="cart"}',)),
        ('rollout_info{job="x",namespace="$namespace"}', ('rollout_info{job="x"}',)),
        ('rollout_info_replicas_desired{pod=~"argo.+"}', ('rollout_info_replicas_desired{pod=~"argo.+"}',)),
    ],
)
def test_a_selector_that_says_which_target_or_which_rollout_should_match(text: str, selectors: tuple[str, ...]) -> None:
    assert one_question(text).selectors == selectors


@pytest.mark.parametrize(
    "text",
    [
        'rollout_info{phase="Error"}',
        'rollout_info{namespace="nobody-has-it"}',
        'rollout_info{namespace="shop",name="login"}',
        'rollout_info{name=~"(?s)odd.*"}',
        'rollout_reconcile_error{job="x"}',
        'rollout_reconcile_bucket{job="x"}',
        'analysis_run_info{job="x"}',
        'rollout_info{cluster="a"}',
        'absent(rollout_info{phase="Degraded",job="x"})',
    ],
    ids=[
        "a phase that nobody is in",
        "a namespace without Rollouts",
        "a Rollout that is not there",
        "a pattern that nobody can tell",
        "a counter that begins with the first error",
        "a histogram",
        "an analysis",
        "an external label",
        "what never matches",
    ],
)
def test_what_may_well_be_empty_is_not_expected_to_match(text: str) -> None:
    assert one_question(text, asks="alert").selectors == ()


def test_labels_that_nobody_knows_may_be_added_in_front_of_prometheus() -> None:
    (text, reference) = (panel('rollout_info{job="x",region="eu"}'), replace(baseline(seen()), external=None))
    (planned_query,) = planned_queries([text], reference, ())

    assert planned_query.selectors == ('rollout_info{job="x"}',)


@pytest.mark.parametrize(
    "text",
    [
        'rollout_info{namespace="shop"}',
        'rollout_info{namespace=~"$namespace"}',
        "sum by (namespace) (rollout_info)",
        "rollout_info_replicas_desired * on (namespace, name) rollout_info",
    ],
)
def test_where_the_namespace_was_pushed_away_whoever_asks_for_it_is_misled(text: str) -> None:
    planned_query = one_question(text, brackets=PUSHED)

    assert planned_query.pushed == ("argo-rollouts",)
    assert (planned_query.selectors, planned_query.run, planned_query.count) == ((), "", None)


@pytest.mark.parametrize(
    "text",
    [
        'rollout_info{exported_namespace="shop"}',
        'rollout_info{namespace="argo-rollouts"}',
        "sum(rollout_info)",
        "sum by (exported_namespace) (rollout_info)",
        'sum by (namespace) (argo_rollouts_controller_info{version="v1.9.2"})',
    ],
)
def test_who_does_not_ask_for_it_is_not_misled(text: str) -> None:
    assert one_question(text, brackets=PUSHED).pushed == ()


def test_a_variable_that_offers_namespaces_is_misled() -> None:
    text = "label_values(rollout_info, namespace)"

    assert one_question(text, brackets=PUSHED, asks="variable").pushed == ("argo-rollouts",)
    assert one_question(text, asks="variable").pushed == ()


def test_without_any_scrape_nothing_is_asked() -> None:
    silent = (bracket(*FLEET, scrapes=()),)

    assert planned(loaded(panel('sum(rollout_info{job="x"})')), silent).plan.runs == ()


def test_each_thing_is_asked_once_and_not_too_many() -> None:
    queries = [panel("sum(rollout_info)", f"panel {number}") for number in range(3)]
    found = planned(loaded(*queries))
    many = planned(loaded(*(panel(f"sum(rollout_info) + {number}") for number in range(MOST_QUERIES + 7))))

    assert (len(found.planned), len(found.plan.runs), len(found.plan.counts)) == (3, 1, 1)
    assert (len(many.plan.runs), many.plan.dropped) == (MOST_QUERIES, 7)


def test_what_was_read_at_several_times_is_asked_at_the_last() -> None:
    late = Scrape(A, 117.0, {FLEET[0].key: says(FLEET[0])})
    looks = (STILL[0], bracket(*FLEET, scrapes=(scraped(*FLEET), late)))

    assert query_plan((), baseline(seen(looks))).at == 117.0


def test_other_peoples_queries_raise_no_question() -> None:
    assert planned(loaded(panel("sum(rate(http_requests_total[5m]))"), alert("up == 0"))).planned == ()


def test_the_example_is_one_that_was_compared() -> None:
    moving = rollout("aaa", "aaa")
    looks = [bracket(moving, *FLEET, after={one.key: "7" for one in FLEET}) for _ in range(3)]

    assert baseline(seen(looks)).example["name"] == "login"


def test_the_example_is_one_whose_labels_are_known() -> None:
    login = FLEET[2]
    scrape = Scrape(A, 17.0, {one.key: says(one) for one in FLEET} | {login.key: says(login, infos=())})

    assert baseline(seen([bracket(*FLEET, scrapes=(scrape,)) for _ in range(2)])).example["name"] == "cart"


@pytest.mark.parametrize(
    "text", ['sum(rollout_info{canary_weight!="20",job="x"})', 'sum(rollout_info{phase!="Healthy",job="x"})']
)
def test_of_what_is_wrong_in_itself_nothing_more_is_expected(text: str) -> None:
    """Its number would only be called wrong once more."""
    planned_query = one_question(text)

    assert (planned_query.selectors, planned_query.count) == ((), None)
    assert planned_query.run
