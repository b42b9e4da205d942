"""Which rights the checks need, and the roles that give them."""

from collections.abc import Iterable

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.checks import CHECKS, READ_FROM
from maintainer.analyse.doctor.manifest import manifest
from maintainer.analyse.doctor.rights import NEEDED, STORED, Object, Places, needed_rights, rbac, stored_rights
from maintainer.model.doctor import Right

EVERYWHERE = Places(
    {
        "cluster": (("", ""),),
        "rollouts": (("", ""),),
        "controller": (("argo", ""),),
        "metrics": (("argo", "metrics"),),
        "lock": (("argo", "lock"),),
        "server-pods": (("mon", ""),),
        "servers": (("mon", "prom"),),
        "proxy": (("mon", "prom:9090"),),
        "mounted": (("mon", "rules"), ("mon", "config")),
        "claims": (("mon", "data-prometheus-0"),),
        "dashboards": (("mon", "board"),),
        "releases": (("mon", ""),),
    },
    frozenset({"always", "operator", "by-label", "searched", "unnamed", "replicated"}),
    (Object("apps", "statefulsets", "mon", "prom"), Object("rbac", "clusterroles", "", "prom")),
)
ACCOUNT = "system:serviceaccount:maintainer:maintainer"
WORDS = st.sampled_from(["a", "b", "c"])
RIGHTS = st.builds(
    Right, st.sampled_from(["", "apps"]), WORDS, WORDS, st.sampled_from(["", "x", "y"]), st.sampled_from(["", "a", "b"])
)


def given_by(objects: Iterable[dict[str, object]]) -> set[Right]:
    """The rights in the roles of these objects, by the rules of RBAC."""
    found = set()
    for role in objects:
        rules: list[dict[str, list[str]]] = role.get("rules", [])  # type: ignore[assignment]  # as RBAC has them
        namespace = role["metadata"].get("namespace", "")  # type: ignore[attr-defined]  # a mapping
        for rule in rules:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    for verb in rule["verbs"]:
                        for name in rule.get("resourceNames", [""]):
                            found.add(Right(group, resource, verb, namespace, name))
    return found


def test_every_fact_of_the_table_is_one_that_checks_need() -> None:
    assert {fact for row in NEEDED for fact in row.facts} <= READ_FROM.keys()


def test_every_fact_that_is_read_in_the_cluster_has_a_right() -> None:
    facts = {fact for fact, source in READ_FROM.items() if source == "cluster"}

    assert facts <= {fact for row in NEEDED for fact in row.facts}


def test_a_right_names_the_checks_that_are_gaps_without_it() -> None:
    rights = needed_rights(EVERYWHERE, frozenset(CHECKS))

    assert rights[Right("coordination.k8s.io", "leases", "get", "argo", "lock")] == ("pipeline/emitter",)
    assert "coverage/missing" in rights[Right("argoproj.io", "rollouts", "list")]
    assert "pipeline/dashboard" in rights[Right("", "configmaps", "get", "mon", "board")]


def test_each_object_that_was_deployed_needs_the_right_to_read_it() -> None:
    rights = needed_rights(EVERYWHERE, frozenset(CHECKS))

    of_objects = Right("apps", "statefulsets", "get", "mon", "prom"), Right("rbac", "clusterroles", "get", "", "prom")
    assert all({"drift/changed", "drift/not-loaded"} <= set(rights[right]) for right in of_objects)
    assert "drift/release" in rights[Right("", "secrets", "list", "mon")]
    assert rights[Right("", "pods/proxy", "get", "mon")] == ("drift/not-loaded",)
    assert not {*of_objects} & needed_rights(EVERYWHERE, frozenset({"query/error"})).keys()


def test_only_the_rights_of_the_chosen_checks_are_needed() -> None:
    rights = needed_rights(EVERYWHERE, frozenset({"pipeline/dashboard"}))

    assert set(rights) == {Right("", "configmaps", "get", "mon", "board"), Right("", "configmaps", "list")}


def test_what_does_not_hold_needs_nothing() -> None:
    places = Places({**EVERYWHERE.objects, "proxy": ()}, frozenset({"always"}))
    rights = needed_rights(places, frozenset(CHECKS))

    assert not [right for right in rights if right.resource in {"prometheuses", "thanosrulers", "services/proxy"}]
    assert Right("", "services", "list") not in rights


def test_a_right_in_the_whole_cluster_makes_the_same_one_in_a_namespace_needless() -> None:
    places = Places({**EVERYWHERE.objects, "controller": (("", ""),)}, EVERYWHERE.holds)
    rights = needed_rights(places, frozenset(CHECKS))

    assert Right("", "pods", "list") in rights
    assert Right("", "pods", "list", "mon") not in rights


@settings(deadline=None, max_examples=50)
@given(st.lists(RIGHTS, unique=True, max_size=12))
def test_the_roles_give_what_lacks_and_nothing_else(rights: list[Right]) -> None:
    objects = list(yaml.safe_load_all(manifest(rbac(rights, ACCOUNT))))

    found = given_by(objects)
    assert found <= set(rights)
    assert all({right, right._replace(name="")} & found for right in rights)
    roles = {(role["kind"], role["metadata"]["name"]) for role in objects if "rules" in role}
    bound = {(item["roleRef"]["kind"], item["roleRef"]["name"]) for item in objects if "roleRef" in item}
    assert roles == bound


@settings(deadline=None, max_examples=50)
@given(st.lists(RIGHTS, unique=True, min_size=1, max_size=4), st.lists(RIGHTS, unique=True, min_size=1, max_size=4))
def test_two_manifests_with_different_rights_have_no_role_in_common(one: list[Right], other: list[Right]) -> None:
    roles = [
        {
            (item["metadata"].get("namespace"), item["metadata"]["name"]): item["rules"]
            for item in yaml.safe_load_all(text)
            if "rules" in item
        }
        for text in (manifest(rbac(rights, ACCOUNT)) for rights in (one, other))
    ]

    assert all(roles[0][key] == roles[1][key] for key in roles[0].keys() & roles[1].keys())


def test_a_right_on_all_objects_makes_that_on_a_single_one_needless() -> None:
    places = Places({**EVERYWHERE.objects, "mounted": (("mon", ""),)}, EVERYWHERE.holds)
    got = {right for right in needed_rights(places, frozenset(CHECKS)) if right[:3] == ("", "configmaps", "get")}

    assert got == {Right("", "configmaps", "get", "mon")}


def test_a_manifest_binds_a_service_account_or_a_user_and_nobody_unknown() -> None:
    def subjects(user: str) -> list[object]:
        objects = yaml.safe_load_all(manifest(rbac([Right("", "pods", "list")], user)))
        return [item["subjects"] for item in objects if "subjects" in item]

    assert subjects(ACCOUNT) == [[{"kind": "ServiceAccount", "namespace": "maintainer", "name": "maintainer"}]]
    assert subjects("jane@example.com") == [
        [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "jane@example.com"}]
    ]
    assert subjects("") == []


def test_only_the_archive_is_ever_deleted_and_the_lock_is_a_lease() -> None:
    rights = stored_rights("maintainer", "m", ["ledger-2", "archive-2026-11", "aside-1", ""])

    assert {right.name for right in rights if right.verb == "delete"} == {"m-archive-2026-11"}
    assert {right.name for right in rights if right.resource == "leases"} == {"m"}
    assert {right.name for right in rights} == {"m-ledger-2", "m-archive-2026-11", "m-aside-1", "m"}
    assert len(STORED) == 4
