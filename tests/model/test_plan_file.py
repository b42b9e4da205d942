"""A plan as a file, and what has changed since it was written."""

import json
from dataclasses import replace

import pytest

from maintainer.errors import ConfigError
from maintainer.model.drift import Change, ObjectId
from maintainer.model.plan_file import changed_since, written
from maintainer.model.restoring import ObjectWrite, PlannedWrite, RestoringPlan, Rewrite

ID = ObjectId("v1", "ConfigMap", "monitoring", "prometheus-config")
REWRITE = Rewrite(
    ID, "configuration", "7", "u", "release", (ObjectWrite("apply", "helm", {"data": {"a": "가"}}, forced=True),), ()
)
WRITE = PlannedWrite(REWRITE, (Change("changed", ("groups", 0), {"a": 1}, None, key="a", manager="kubectl-edit"),))
PLAN = RestoringPlan((WRITE,))


def test_a_plan_shows_the_request_as_it_would_be_sent() -> None:
    text = written(PLAN, "demo")
    (write,) = json.loads(text)["writes"]
    assert write["requests"] == [
        {"verb": "apply", "fieldManager": "helm", "force": True, "body": {"data": {"a": "가"}}}
    ]
    assert write["changes"][0]["path"] == ["groups", 0]
    assert "가" in text


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (PLAN, ()),
        (
            RestoringPlan((replace(WRITE, rewrite=replace(REWRITE, version="8")),)),
            ("ConfigMap/monitoring/prometheus-config",),
        ),
        (
            RestoringPlan((replace(WRITE, rewrite=replace(REWRITE, requests=())),)),
            ("ConfigMap/monitoring/prometheus-config",),
        ),
        (RestoringPlan(), ("ConfigMap/monitoring/prometheus-config",)),
    ],
)
def test_what_has_changed_since_the_plan_was_made_is_named(now: RestoringPlan, changed: tuple[str, ...]) -> None:
    assert changed_since(written(PLAN, "demo"), now, "demo") == changed


def test_a_plan_of_another_cluster_is_not_applied() -> None:
    assert changed_since(written(PLAN, "demo"), PLAN, "other") == ("",)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"writes": [1]}', '{"schema": "x/v1", "cluster": "", "writes": []}'])
def test_a_file_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        changed_since(text, PLAN, "demo")
