"""Queries of rules and dashboards in few words, and what is concluded when Prometheus answers them honestly or not."""

from collections.abc import Mapping, Sequence

from maintainer.analyse.asking import Question
from maintainer.analyse.audit import Audit, answered, questioned
from maintainer.analyse.brackets import Judged, judge
from maintainer.analyse.panels import Count, alike
from maintainer.analyse.scene import Scene, scene
from maintainer.model.asked import Answers, Asked, Dashboard, Group
from maintainer.model.facts import Bracket, Rollout, labels
from maintainer.model.queries import Asks, LoadedRule, Place, Query
from maintainer.model.written import Found
from tests.analyse.builders import bracket, rollout

CURRENT = (1, 9, 2)
FLEET = (rollout("cart"), rollout("pay"), rollout("login", "identity"))
STILL = (bracket(*FLEET), bracket(*FLEET))


def panel(text: str, name: str = "Argo Rollouts Monitoring / Rollouts", *, asks: Asks = "panel") -> Query:
    """A query of a dashboard."""
    return Query(text, asks, name, Place("monitoring/dashboards/argo.json"))


def alert(text: str, name: str = "RolloutFailed", *, error: str = "", **own: str) -> LoadedRule:
    """An alert that Prometheus has loaded."""
    query = Query(text, "alert", name, Place("/etc/prometheus/rules.yml"))
    return LoadedRule(query, "argo", "/etc/prometheus/rules.yml", labels(own), "err" if error else "ok", error)


def asked(*queries: Query | LoadedRule) -> Asked:
    """Rules as they are, everything else in one dashboard."""
    rules = tuple(one for one in queries if isinstance(one, LoadedRule))
    rest = tuple(one for one in queries if isinstance(one, Query))
    return Asked(rules, (Dashboard("monitoring/dashboards/argo.json", Found(rest)),))


def seen(brackets: Sequence[Bracket] = STILL) -> Scene:
    """The scene of some brackets, with Prometheus' external labels known."""
    return scene(judge(brackets, ""), (), CURRENT, external=frozenset({"cluster"}))


def audited(given: Asked, answers: Answers | None = None, *, brackets: Sequence[Bracket] = STILL) -> Audit:
    """What is known when Prometheus answered."""
    return answered(questioned(given, seen(brackets)), answers or Answers(), brackets, judge(brackets, ""))


def honest(count: Count, rollouts: Sequence[Rollout]) -> Mapping[Group, float]:
    """What an honest Prometheus answers to an aggregation."""
    return dict(zip(*count.shares(alike(rollouts)), strict=True))


def one_question(text: str, *, brackets: Sequence[Bracket] = STILL, asks: Asks = "panel") -> Question:
    """The question that a query raises."""
    (question,) = questioned(asked(panel(text, asks=asks)), seen(brackets)).questions
    return question


def judged(brackets: Sequence[Bracket]) -> Judged:
    """What is judged of these."""
    return judge(brackets, "")
