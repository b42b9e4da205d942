"""What the jobs ask Prometheus for in a whole calendar counts as read: a proposal never drops what they need."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.readers import readers
from maintainer.analyse.promql.tokens import scan
from maintainer.analyse.storage.unread import READ_HERE
from maintainer.model.contract import families
from maintainer.model.queries import Place, Query
from maintainer.runner import run
from maintainer.sandbox.world import Plan, World
from maintainer.schedule import JOBS, run_by_hand
from tests.scenarios.front import Front
from tests.scenarios.sampling import machine_of, settings_of

pytestmark = pytest.mark.extended

FAMILY_OF = {series: family.name for family in families().values() for series in family.series}


def families_read(query: str) -> set[str]:
    """The families of the contract that a query names, also by a pattern."""
    selectors = scan(parseable(query), query).selectors
    if any(not selector.names and not selector.pattern for selector in selectors):
        return set()  # It only counts the series of a target, whatever they are.
    found = readers([Query(query, "panel", "sent", Place("run"))], FAMILY_OF, target={})
    return {FAMILY_OF[series] for series, names in found.items() if names}


def test_what_the_jobs_of_the_calendar_ask_for_counts_as_read(tmp_path: Path) -> None:
    asked = set[str]()
    with World.start(Plan(faults=True)) as world, Front(world.prometheus) as front:
        settings = settings_of(world, tmp_path, prometheus_url=front.url).recording(record=True)
        now = datetime.now(UTC)
        for job in JOBS:
            run(run_by_hand(job.name, now, settings.schedule), settings, machine_of(world, now))
        asked = {one.query or one.params.get("match[]", "") for one in front.asked}
        rules, panels = world.store.get("configmaps", ("monitoring", "prometheus-config")), read_panels(world)
        assert rules
    sent = {query: families_read(query) for query in asked if query}
    of_others = families_in(rules["data"]["alert-rules.yml"] + panels)
    assert {family for read in sent.values() for family in read} >= {"rollout_info", "rollout_events_total"}
    assert {query: read - READ_HERE - of_others for query, read in sent.items() if read - READ_HERE - of_others} == {}


def read_panels(world: World) -> str:
    board = world.store.get("configmaps", ("monitoring", "grafana-dashboard-argo-rollouts"))
    assert board
    return str(board["data"]["argo-rollouts-dashboard.json"])


def families_in(text: str) -> set[str]:
    """The families that rules and panels name."""
    found = readers([Query(text, "panel", "theirs", Place("file"))], FAMILY_OF, target={})
    return {FAMILY_OF[series] for series, names in found.items() if names}
