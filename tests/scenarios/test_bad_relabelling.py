"""Whole runs where a scrape job keeps, drops or renames metrics, or is near its limit, by a real Prometheus."""

import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import sleep

import pytest
import trustme

from maintainer.model.report import Finding, Report
from maintainer.sandbox.world import World
from tests.scenarios.audits import told
from tests.scenarios.relabelled import Job, beside
from tests.servers.scripted import Says, Scripted

pytestmark = pytest.mark.extended

LIMITED = {"near", "far"}
PATIENT: Job = {"scrape_interval": "1s", "scrape_timeout": "1s"}
"""A machine with much to do answers late, and a timeout would be another error than the one that is looked at."""
UNHURRIED = 15.0
"""How much faster than real time an audit may wait that needs a new scrape of such a job."""
SERVICE = "Service/argo-rollouts/argo-rollouts-metrics"


def keeping(regex: str) -> Job:
    """A job that keeps the families of these names only."""
    return {"metric_relabel_configs": [{"source_labels": ["__name__"], "regex": regex, "action": "keep"}]}


def renaming(regex: str, replacement: str) -> Job:
    """A job that gives metrics another name."""
    rule = {"source_labels": ["__name__"], "regex": regex, "target_label": "__name__", "replacement": replacement}
    return {"metric_relabel_configs": [rule]}


@pytest.fixture(scope="module")
def answers() -> Iterator[Mapping[str, Job]]:
    """Jobs that scrape servers which refuse Prometheus, each for another reason."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    servers = {
        "argo-rollouts-401": Scripted(Says(401, b"Unauthorized")),
        "argo-rollouts-400": Scripted(Says(400, b"Client sent an HTTP request to an HTTPS server.")),
        "argo-rollouts-slow": Scripted(Says(after=lambda: sleep(3))),
        "argo-rollouts-x509": Scripted(Says(), tls=context),
    }
    with ExitStack() as stack:
        ports = {name: stack.enter_context(server).port for name, server in servers.items()}
        jobs: dict[str, Job] = {name: {**PATIENT, "targets": [f"127.0.0.1:{port}"]} for name, port in ports.items()}
        yield {**jobs, "argo-rollouts-x509": {**jobs["argo-rollouts-x509"], "scheme": "https"}}


@pytest.fixture(scope="module")
def reports(healthy: World, answers: Mapping[str, Job]) -> Mapping[str, Report]:
    """An audit of each job, side by side: most of the time goes to waiting for a leader's metrics."""
    leader, standby = healthy.instances.values()
    samples = sum(line[:1] not in {"", "#"} for line in healthy.controllers[0].metrics().split("\n"))
    jobs: Mapping[str, Job] = {
        "argo-rollouts": {**PATIENT, **keeping("rollout_phase|argo_rollouts_controller_info|go_.*")},
        "no-leader-metric": {**PATIENT, **keeping("argo_rollouts_controller_info|go_.*")},
        "prefixed": {**PATIENT, **renaming("((?:rollout|analysis).*)", "acme_$1")},
        "standby": {**PATIENT, "targets": [standby]},
        "near": {**PATIENT, "sample_limit": round(samples * 1.1)},
        "far": {**PATIENT, "sample_limit": samples * 2},
        "argo-rollouts-beyond": {**PATIENT, "sample_limit": samples // 2, "targets": [leader]},
        "argo-rollouts/path": {**PATIENT, "metrics_path": "/wrong", "targets": [leader]},
        "podMonitor/argo-rollouts/0": {**PATIENT, "scheme": "https", "targets": [leader]},
        **answers,
    }
    with beside(healthy, jobs) as prometheus, ThreadPoolExecutor(len(jobs)) as pool:
        audits = [pool.submit(prometheus.audit, job, hurry=1.0 if job in LIMITED else UNHURRIED) for job in jobs]
        return {job: audit.result() for job, audit in zip(jobs, audits, strict=True)}


def only(report: Report, *checks: str) -> Finding:
    """The finding of these checks, and of those of targets, that a report has."""
    found = [finding for finding in report.findings if finding.check in {"pipeline/target", "pipeline/scrape", *checks}]
    assert len(found) == 1, told(report)
    return found[0]


def test_a_keep_list_without_the_info_is_named_with_what_arrives(reports: Mapping[str, Report]) -> None:
    finding = only(reports["argo-rollouts"], "pipeline/emitter")

    assert (finding.check, finding.cause, str(finding.subjects[0])) == ("pipeline/emitter", "dropped", SERVICE)
    assert finding.evidence["arriving"] == ["argo_rollouts_controller_info", "rollout_phase"]
    assert str(finding.action.named["absent"]).startswith("rollout_info, rollout_info_replicas_desired")


def test_a_keep_list_without_any_metric_of_a_leader_is_named_if_it_is_scraped(
    reports: Mapping[str, Report],
) -> None:
    finding = only(reports["no-leader-metric"], "pipeline/emitter")

    assert (finding.cause, finding.evidence["arriving"]) == ("dropped", ["argo_rollouts_controller_info"])


def test_a_prefix_is_named_by_what_arrives(reports: Mapping[str, Report]) -> None:
    finding = only(reports["prefixed"], "pipeline/emitter")

    assert finding.cause == "renamed"
    new, old = finding.summary.named["new"], finding.summary.named["old"]
    assert new == f"acme_{old}"


def test_a_standby_alone_is_not_called_relabelled(reports: Mapping[str, Report]) -> None:
    assert only(reports["standby"], "pipeline/emitter").cause == "silent"


def test_a_job_near_its_limit_of_samples_is_a_warning(reports: Mapping[str, Report]) -> None:
    finding = only(reports["near"])

    assert (finding.check, finding.cause, finding.severity) == ("pipeline/scrape", "near-limit", "warning")
    assert finding.subjects[0].name.startswith("near 127.0.0.1:")


def test_a_job_far_from_its_limit_is_no_finding(reports: Mapping[str, Report]) -> None:
    report = reports["far"]

    assert not [finding for finding in report.findings if finding.check == "pipeline/scrape"], told(report)


REFUSED = {
    "argo-rollouts-beyond": ("pipeline/scrape", "sample-limit"),
    "argo-rollouts/path": ("pipeline/scrape", "path"),
    "podMonitor/argo-rollouts/0": ("pipeline/target", "plain-http"),
    "argo-rollouts-401": ("pipeline/scrape", "unauthorized"),
    "argo-rollouts-400": ("pipeline/scrape", "https"),
    "argo-rollouts-slow": ("pipeline/target", "timeout"),
    "argo-rollouts-x509": ("pipeline/target", "certificate"),
}


@pytest.mark.parametrize("job", REFUSED)
def test_a_target_that_is_down_is_named_with_the_mending_of_its_error(reports: Mapping[str, Report], job: str) -> None:
    finding = only(reports[job])

    check, reason = REFUSED[job]
    assert (finding.check, finding.summary.id) == (check, f"{check}/{reason}.summary")
    assert finding.subjects[0].name.startswith(f"{job} 127.0.0.1:")
