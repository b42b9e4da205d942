"""pipeline/target and pipeline/scrape: a failed scrape is a finding of exactly one of them."""

from dataclasses import replace

import pytest

from maintainer.analyse.pipeline.target import pipeline_target
from maintainer.model.counts import ScrapedSamples
from maintainer.model.facts import FleetObservation
from maintainer.model.pipeline import PrometheusConfig
from maintainer.model.report import Subject
from maintainer.model.scope import Scope
from maintainer.render.words import load, say
from tests.analyse.builders import NAME_A, NAME_B, A, B, bracket, fleet_only, target
from tests.analyse.faults import CART, DOWN, down, fault_finding, of_observation, only_finding
from tests.analyse.pipeline.builders import causes, facts, findings, pipeline

ENGLISH = load("en")
GET = 'Get "http://10.0.0.1:8090/metrics": '


@pytest.mark.parametrize(
    ("error", "check"),
    [
        (f"{GET}dial tcp 10.0.0.1:8090: connect: connection refused", "pipeline/target"),
        (f"{GET}dial tcp 10.0.0.1:8090: connect: no route to host", "pipeline/target"),
        (f"{GET}context deadline exceeded", "pipeline/target"),
        (f"{GET}x509: certificate signed by unknown authority", "pipeline/target"),
        ("context deadline exceeded", "pipeline/target"),
        ("", "pipeline/target"),
        ("server returned HTTP status 404 Not Found", "pipeline/scrape"),
        ("body size limit exceeded", "pipeline/scrape"),
        ("label_name_length_limit exceeded (metric: x, number of labels: 3)", "pipeline/scrape"),
        ("unexpected end of input", "pipeline/scrape"),
        ("received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol", "pipeline/scrape"),
    ],
)  # fmt: skip
def test_the_error_of_a_scrape_decides_which_check_has_the_finding(error: str, check: str) -> None:
    assert [finding.check for finding in findings(pipeline(observed=down(error)))] == [check]


def test_an_answer_that_was_accepted_at_the_beginning_is_no_finding() -> None:
    assert causes(pipeline(observed=replace(down("sample limit exceeded"), down=frozenset()))) == []


def test_the_summary_of_a_target_that_is_down_has_the_error() -> None:
    assert (
        say(ENGLISH, fault_finding("pipeline/target/down").summary)
        == f"{NAME_A} is down, because nothing listens at its port: connection refused"
    )


def test_a_target_that_is_down_and_gives_no_new_scrape_is_only_down() -> None:
    observation = FleetObservation(targets=(DOWN,), down=frozenset({A}), still=frozenset({A}))

    assert [finding.cause for finding in pipeline_target(fleet_only(observation))] == ["down"]


def test_each_faulty_target_is_a_finding() -> None:
    observation = FleetObservation(targets=(DOWN, target(B)), down=frozenset({A}), still=frozenset({B}))

    assert [(finding.cause, finding.subjects[0].name) for finding in pipeline_target(fleet_only(observation))] == [
        ("down", NAME_A),
        ("still", NAME_B),
    ]


def test_a_missing_target_is_a_finding_about_the_service() -> None:
    scope = Scope(controller_namespace="argo", service="metrics")
    (finding,) = pipeline_target(fleet_only(FleetObservation(targets=()), scope=scope))

    assert finding.subjects == (Subject("Service", "argo", "metrics"),)
    assert "argo/metrics" in say(ENGLISH, finding.summary)


def test_without_a_list_of_targets_there_is_no_finding() -> None:
    assert list(pipeline_target(fleet_only(FleetObservation(targets=None)))) == []


def test_a_target_is_not_missing_if_prometheus_has_its_metrics() -> None:
    pushed = FleetObservation(targets=(), brackets=(bracket(CART),))

    assert list(pipeline_target(fleet_only(pushed))) == []


def test_with_a_list_of_targets_it_decides_which_gave_no_new_scrape() -> None:
    observation = FleetObservation(targets=(target(B),), brackets=(bracket(CART, stale=(B,)),))

    assert list(pipeline_target(fleet_only(observation))) == []


def test_without_a_list_of_targets_the_samples_show_which_gave_no_new_scrape() -> None:
    observation = FleetObservation(targets=None, brackets=(bracket(CART), bracket(CART, scrapes=(), stale=(B,))))

    assert [(finding.cause, finding.subjects) for finding in pipeline_target(fleet_only(observation))] == [
        ("still", (Subject("Target", "", NAME_B),))
    ]


def test_a_fingerprint_does_not_depend_on_the_error() -> None:
    targets = [
        replace(DOWN, error=error, last_scrape=float(len(error))) for error in ("connection refused", "no such host")
    ]
    first, second = (
        only_finding(of_observation(FleetObservation(targets=(target,), down=frozenset({A})))) for target in targets
    )

    assert first.evidence != second.evidence
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    ("error", "sentence", "said"),
    [
        ("x509: certificate signed by unknown authority", "target/certificate", "tls_config.ca_file"),
        (f"{GET}tls: failed to verify certificate: x509: certificate signed by unknown authority",
         "target/certificate", "tls_config.ca_file"),
        (f"{GET}x509: certificate has expired or is not yet valid: current time 2026-10-01 is after 2026-09-01",
         "target/expired", "Renew the certificate"),
        (f"{GET}x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
         "target/server-name", "tls_config.server_name"),
        (f"{GET}x509: certificate is valid for rollouts.svc, not 10.0.0.1",
         "target/server-name", "tls_config.server_name"),
        (f"{GET}remote error: tls: certificate required", "target/client-certificate", "tls_config.cert_file"),
        (f"{GET}http: server gave HTTP response to HTTPS client", "target/plain-http", "scheme to http"),
        (f"{GET}tls: first record does not look like a TLS handshake", "target/plain-http", "scheme to http"),
        (f'{GET}net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03"',
         "target/https", "scheme to https"),
        (f"{GET}context deadline exceeded", "target/timeout", "NetworkPolicy"),
        (f"{GET}dial tcp 10.0.0.1:8090: i/o timeout", "target/timeout", "scrape_timeout"),
        (f"{GET}dial tcp: lookup argo-rollouts-metrics on 10.96.0.10:53: no such host", "target/no-host", "DNS"),
        (f"{GET}dial tcp 10.0.0.1:8090: connect: no route to host", "target/down", "reachable"),
        (f"{GET}EOF", "target/down", "reachable"),
        ("server returned HTTP status 401 Unauthorized", "scrape/unauthorized", "kube-rbac-proxy"),
        ("server returned HTTP status 403 Forbidden", "scrape/unauthorized", "nonResourceURLs [/metrics]"),
        ("server returned HTTP status 404 Not Found", "scrape/path", "metrics_path"),
        ("server returned HTTP status 400 Bad Request", "scrape/https", "scheme to https"),
        ("Client sent an HTTP request to an HTTPS server.", "scrape/https", "scheme to https"),
        ("server returned HTTP status 500 Internal Server Error", "scrape/server-error", "appears twice"),
        ("server returned HTTP status 503 Service Unavailable", "scrape/status", "correct what it names"),
        ("sample limit exceeded", "scrape/sample-limit", "sample_limit"),
        ("body size limit exceeded", "scrape/limit", "Raise the limit"),
        ("expected a valid start token, got \"<\"", "scrape/unreadable", "the path, the port and the scheme"),
    ],
)  # fmt: skip
def test_each_error_of_a_target_has_its_own_mending(error: str, sentence: str, said: str) -> None:
    (finding,) = findings(pipeline(observed=down(error)))

    assert finding.summary.id == f"pipeline/{sentence}.summary"
    assert error in say(ENGLISH, finding.summary)
    assert said in say(ENGLISH, finding.action)


@pytest.mark.parametrize(
    ("samples", "limit", "warned"),
    [
        (ScrapedSamples(900, 800), 1000, True),
        (ScrapedSamples(900, 799), 1000, False),
        (ScrapedSamples(900, 800, limit=900), 0, True),
        (ScrapedSamples(900, 800), 0, False),
        (ScrapedSamples(5000, 100), 1000, False),
    ],
)
def test_the_samples_that_are_kept_count_against_the_limit(
    samples: ScrapedSamples, limit: int, *, warned: bool
) -> None:
    limits = {"argo-rollouts-metrics": limit} if limit else {"another": 100}
    known = facts(samples={A: samples}, config=PrometheusConfig(sample_limits=limits))

    assert causes(pipeline(known)) == (["pipeline/scrape/near-limit"] if warned else [])
