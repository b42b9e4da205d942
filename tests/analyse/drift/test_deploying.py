"""What is being deployed at the moment is left to its deployer: it is no drift."""

from dataclasses import replace
from datetime import timedelta

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.analyse.drift.deploying import being_deployed
from maintainer.analyse.drift.objects import changes
from maintainer.analyse.reproduce import Access
from maintainer.model.drift import Deployed, DriftFacts, Release, ReleaseState
from tests.analyse.drift.builders import DEPLOYED, EDITED, config_map, desired, managed, stored

RELEASE = Release("monitoring", "monitoring", 3)
DATA = ("data", "a.yml")


def why(compared: ComparedObject, *, after: timedelta, newest: Release = RELEASE) -> str:
    """Why it is left to its deployer so long after the edit; "" if it is not."""
    facts = DriftFacts(Deployed((compared.desired,), (ReleaseState(newest, RELEASE),)), {})
    found = being_deployed(compared, DriftAudit(facts, (compared,), Access(), EDITED + after))
    return found.id if found else ""


def changed_by(name: str) -> ComparedObject:
    """A ConfigMap of kubectl that this manager has changed."""
    there = config_map({"a.yml": "a: 2"})
    deployed = managed("kubectl", "Apply", EDITED if name == "kubectl" else DEPLOYED, DATA)
    there["metadata"]["managedFields"] = [deployed, managed(name, "Update", EDITED, DATA)]
    wanted, live = desired(config_map({"a.yml": "a: 1"})), stored(there)
    return ComparedObject(wanted, live, changes(wanted, live))


def test_an_object_that_its_deployer_has_changed_a_moment_ago_was_deployed_anew() -> None:
    assert why(changed_by("kubectl"), after=timedelta(minutes=2)) == "restoring/just-deployed"
    assert why(changed_by("kubectl"), after=timedelta(hours=1)) == ""


def test_an_edit_by_hand_is_no_deployment() -> None:
    assert why(changed_by("kubectl-edit"), after=timedelta(minutes=2)) == ""


def test_a_release_that_helm_is_changing_is_left_alone() -> None:
    found = changed_by("kubectl-edit")
    of_helm = replace(found, desired=replace(found.desired, release=RELEASE))
    pending = replace(RELEASE, revision=4, status="pending-upgrade")
    assert why(of_helm, after=timedelta(hours=1), newest=pending) == "gap/release-pending"
    assert why(of_helm, after=timedelta(hours=1)) == ""
