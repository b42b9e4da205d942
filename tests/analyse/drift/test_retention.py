"""A retention that would get narrower deletes data, so it is not restored with the others."""

from typing import Any

import pytest

from maintainer.analyse.drift.audit import ComparedObject
from maintainer.analyse.drift.objects import changes
from maintainer.analyse.drift.restoring import Policy, restoring_plan, undoing_deletes_data
from maintainer.analyse.drift.retention import deletes_data
from maintainer.model.drift import Change
from tests.analyse.drift.builders import config_map, desired, stored

FLAG = "--storage.tsdb.retention"
TIME, SIZE = ("storage", "tsdb", "retention", "time"), ("storage", "tsdb", "retention", "size")


def argument(desired_: str | None, live: str | None) -> Change:
    return Change("changed", ("spec", "args", f"arg={FLAG}"), desired_, live)


@pytest.mark.parametrize(
    "change",
    [
        argument(f"{FLAG}.time=30d", f"{FLAG}.time=90d"),
        argument(f"{FLAG}=30d", f"{FLAG}=720h1m"),
        argument(f"{FLAG}.time=30d", None),
        argument(None, f"{FLAG}.time=90d"),
        argument(f"{FLAG}.size=45GB", f"{FLAG}.size=46GB"),
        argument(f"{FLAG}.size=45GB", None),
        argument(f"{FLAG}.size=45GB", f"{FLAG}.size=0"),
        argument(f"{FLAG}.size=much", f"{FLAG}.size=45GB"),
        Change("changed", TIME, "30d", "60d"),
        Change("changed", SIZE, "45GB", None),
        Change("changed", TIME[:3], {"time": "90d", "size": "45GB"}, {"time": "30d"}),
        # Without any limit, Prometheus keeps 15 days, and that of the operator one.
        argument(None, f"{FLAG}.size=45GB"),
        argument(f"{FLAG}.size=0", f"{FLAG}.size=45GB"),
        Change("extra", ("spec", "retention"), None, "10d"),
        Change("changed", ("spec", "retention"), "30d", "60d"),
        Change("changed", ("spec", "retentionSize"), "30GB", "60GB"),
    ],
    ids=str,
)
def test_a_limit_that_gets_narrower_deletes_data(change: Change) -> None:
    assert deletes_data(change)


@pytest.mark.parametrize(
    "change",
    [
        argument(f"{FLAG}.time=90d", f"{FLAG}.time=30d"),
        argument(f"{FLAG}.time=30d", f"{FLAG}.time=720h"),
        argument(None, f"{FLAG}.time=10d"),
        argument(f"{FLAG}.size=1TB", f"{FLAG}.size=999GB"),
        Change("changed", TIME[:3], {"time": "90d"}, {"time": "30d", "size": "45GB"}),
    ],
    ids=str,
)
def test_a_limit_that_gets_wider_deletes_nothing(change: Change) -> None:
    assert not deletes_data(change)


def planned(wanted: str, live: str, policy: Policy) -> tuple[int, list[str]]:
    """How many objects would be written, and why others would not."""
    text = "storage: {{tsdb: {{retention: {{time: {}}}}}}}"
    return planned_of(text.format(wanted), text.format(live), policy)


def planned_of(wanted: str, live: str, policy: Policy) -> tuple[int, list[str]]:
    """The same of these files."""
    files = [config_map({"prometheus.yml": text}) for text in (wanted, live)]
    content: dict[str, Any] = files[1]
    content["metadata"] |= {"resourceVersion": "7"}
    there = stored(content)
    plan = restoring_plan([ComparedObject(desired(files[0]), there, changes(desired(files[0]), there))], policy)
    return len(plan.writes), [left.why.id for left in plan.not_restored]


def test_the_retention_is_restored_if_that_is_wanted_and_shortened_only_if_that_is_said_as_well() -> None:
    kept, deleted = ["restoring/retention.keeps-data"], ["restoring/retention.deletes-data"]
    assert planned("90d", "30d", Policy()) == (0, kept)
    assert planned("90d", "30d", Policy(retention=True)) == (1, [])
    assert planned("30d", "90d", Policy(delete_data=True)) == (0, deleted)
    assert planned("30d", "90d", Policy(retention=True)) == (0, deleted)
    assert planned("30d", "90d", Policy(retention=True, delete_data=True)) == (1, [])


BROKEN = "scrape_configs: []\nstorage:\n  tsdb:\n    retention:\n      time: {}\nbroken: [\n"
UNREAD = ["restoring/retention.unreadable"]


def of_broken(live: str, policy: Policy, wanted: str = BROKEN.format("30d")) -> tuple[int, list[str]]:
    """The same of a configuration that somebody has left as text that is not YAML."""
    return planned_of(wanted.replace("broken: [\n", ""), live, policy)


def test_a_retention_in_a_file_that_is_no_yaml_is_not_restored_unseen() -> None:
    wider = BROKEN.format("90d")
    assert of_broken(wider, Policy()) == (0, UNREAD)
    assert of_broken(wider, Policy(retention=True)) == (0, UNREAD)
    assert of_broken(wider, Policy(delete_data=True)) == (0, UNREAD)
    assert of_broken(wider, Policy(retention=True, delete_data=True)) == (1, [])
    assert of_broken(wider, Policy(), wanted="scrape_configs: []\n") == (0, UNREAD)
    assert of_broken("scrape_configs: [\n", Policy()) == (0, UNREAD)


def test_a_file_that_is_no_yaml_is_restored_where_its_retention_is_that_which_was_deployed() -> None:
    assert of_broken(BROKEN.format("30d"), Policy()) == (1, [])
    assert of_broken("scrape_configs: [\n", Policy(), wanted="scrape_configs: []\n") == (1, [])


def test_undoing_may_delete_data_as_restoring_may() -> None:
    short, long = (
        config_map({"prometheus.yml": f"storage: {{tsdb: {{retention: {{time: {time}}}}}}}"}) for time in ("30d", "90d")
    )
    assert undoing_deletes_data(stored(long), short)
    assert not undoing_deletes_data(stored(short), long)
