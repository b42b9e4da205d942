"""pipeline/rbac: permissions of Prometheus' ServiceAccount."""

from maintainer.model.pipeline import Permission, Permissions
from tests.analyse.faults import LACKING
from tests.analyse.pipeline.builders import causes, facts, only_finding, pipeline

USER = "--as=system:serviceaccount:monitoring:prometheus"


def test_the_command_names_account_and_namespace() -> None:
    finding = only_finding(pipeline(facts(rights=LACKING)))

    assert finding.reproduce == f"kubectl auth can-i list endpoints {USER} -n argo-rollouts"


def test_the_command_for_a_cluster_wide_permission_names_all_namespaces() -> None:
    nodes = Permissions(("monitoring", "prometheus"), refused=(Permission("", "nodes", "", "list"),))

    assert (
        only_finding(pipeline(facts(rights=nodes))).reproduce
        == f"kubectl auth can-i list nodes {USER} --all-namespaces"
    )


def test_a_missing_permission_for_rollouts_is_no_finding() -> None:
    without = Permissions(("monitoring", "prometheus"), granted=(Permission("", "pods", "", "list"),), rollouts=False)

    assert causes(pipeline(facts(rights=without))) == []
