"""What doctor says of what was deployed, with which reconcile compares."""

from dataclasses import replace

from maintainer.analyse.doctor.commands import Commands
from maintainer.analyse.doctor.deployed_row import deployed
from maintainer.analyse.doctor.subject import Subject, Verdict, Wanted
from maintainer.analyse.reproduce import Access
from maintainer.model.doctor import Checkup, ClusterLook
from maintainer.model.drift import Deployed
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.render.words import load, say
from tests.analyse.drift.builders import config_map, desired

WANTED = Wanted(dates={"reconcile": None}, releases=("monitoring/monitoring",), paths=("a folder",))
OBJECT = desired(config_map({}), "Helm release monitoring/monitoring, revision 3")
NOTHING = Unavailable("deployed", message("gap/nothing-deployed", releases="monitoring/monitoring"), permanent=True)
_RIGHT = {"verb": "list", "group": "", "resource": "secrets", "namespace": "monitoring", "said": "no"}
FORBIDDEN = Unavailable("deployed", message("gap/cluster-forbidden-in-namespace", **_RIGHT), permanent=True)


def verdict(found: Deployed, wanted: Wanted = WANTED) -> Verdict | None:
    seen = Checkup(ClusterLook("https://api", "v1.34.4", "me", 0.1), deployed=found)
    return deployed(Subject(seen, wanted, Commands(Access(context="prod"))))


def said(found: Deployed, wanted: Wanted = WANTED) -> tuple[str, str, str]:
    """The state, the sentence and the command."""
    judged = verdict(found, wanted)
    assert judged
    return judged.row.state, say(load("en"), judged.row.seen), judged.row.next


def test_what_was_deployed_is_counted_with_where_it_comes_from() -> None:
    state, text, command = said(Deployed((OBJECT,)))

    assert (state, command) == ("ok", "")
    assert text.endswith("(Helm release monitoring/monitoring, revision 3).")


def test_nothing_to_compare_with_is_a_warning_that_says_which_settings_to_give() -> None:
    state, text, command = said(Deployed(unavailable=(NOTHING,)))

    assert (state, command) == ("warning", "helm --kube-context prod list --all-namespaces")
    assert "desired.helmReleases" in text
    assert "desired.paths" in text


def test_nobody_has_to_give_the_right_to_read_secrets_who_did_not_name_a_release() -> None:
    state, text, command = said(Deployed(unavailable=(FORBIDDEN,)))

    assert (state, command) == ("warning", "MAINTAINER_DESIRED_PATHS=FILE maintainer doctor")
    assert "Secrets" in text


def test_without_the_right_to_read_a_named_release_the_permissions_are_the_cause() -> None:
    judged = verdict(Deployed(unavailable=(FORBIDDEN,)), replace(WANTED, named=True))

    assert judged
    assert judged.row.state == "broken"
    assert "permissions" in judged.blames


def test_manifests_that_cannot_be_read_are_broken() -> None:
    unreadable = Unavailable("deployed", message("gap/manifest-unreadable", detail="cannot read a: no"), permanent=True)

    assert said(Deployed(unavailable=(unreadable,)))[::2] == ("broken", "ls -ld 'a folder'")


def test_a_calendar_without_reconcile_has_no_such_row() -> None:
    assert verdict(Deployed(unavailable=(NOTHING,)), replace(WANTED, dates={"monthly": None})) is None
