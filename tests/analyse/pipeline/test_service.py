"""pipeline/service and pipeline/endpoints: whether the controller's Service selects a ready pod with its ports."""

from dataclasses import replace

import pytest

from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.pipeline import ControllerState, Port
from tests.analyse.faults import FAULTS, MISSING_SERVICE, RENAMED_PORT
from tests.analyse.pipeline.builders import (
    NOTHING_SCRAPED,
    causes,
    controller,
    facts,
    findings,
    not_ready,
    pipeline,
    service,
)

WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")


@pytest.mark.parametrize(
    "both",
    [
        pytest.param(controller(service=service(Port("metrics", 8090, "8090"))), id="a number that no pod declares"),
        pytest.param(controller(service=service(selector={}), pods=()), id="endpoints without a selector"),
        pytest.param(MISSING_SERVICE, id="pods are scraped without a Service"),
    ],
)
def test_a_service_that_is_not_at_fault_is_no_finding(both: ControllerState) -> None:
    assert causes(pipeline(facts(both=both))) == []


@pytest.mark.parametrize("fault", ["pipeline/service/no-pod", "pipeline/service/port", "pipeline/endpoints/not-ready"])
def test_a_fault_at_only_one_end_of_the_run_is_no_finding(fault: str) -> None:
    faulty = FAULTS[fault].audit.fleet.pipeline

    assert causes(replace(faulty, facts=replace(faulty.facts, first=controller()))) == []
    assert causes(replace(faulty, facts=replace(faulty.facts, last=controller()))) == []


@pytest.mark.parametrize("fault", ["pipeline/service/no-pod", "pipeline/service/port", "pipeline/endpoints/not-ready"])
def test_a_fault_is_an_error_if_no_metrics_arrive(fault: str) -> None:
    broken = findings(replace(FAULTS[fault].audit.fleet.pipeline, observation=NOTHING_SCRAPED))

    assert [
        (f"{finding.check}/{finding.cause}", finding.severity)
        for finding in broken
        if finding.check != "pipeline/target"
    ] == [(fault, "error")]


def test_a_missing_service_is_no_finding_if_prometheus_could_not_be_queried() -> None:
    unavailable = replace(NOTHING_SCRAPED, targets=None, unavailable=(Unavailable("prometheus", WHY),))

    assert causes(pipeline(facts(both=MISSING_SERVICE), unavailable)) == []


def test_a_faulty_service_is_not_repeated_as_missing_endpoints() -> None:
    both = controller(service=RENAMED_PORT, ready=0)

    assert causes(pipeline(facts(both=both))) == ["pipeline/service/port"]


@pytest.mark.parametrize("source", ["services", "pods", "endpointslices"])
def test_without_a_needed_fact_there_is_no_finding(source: str) -> None:
    unavailable = not_ready(unavailable=(Unavailable(source, WHY),))

    assert causes(pipeline(facts(both=unavailable))) == []


def test_without_a_cluster_there_is_no_finding() -> None:
    assert causes(pipeline(facts(both=ControllerState()), replace(NOTHING_SCRAPED, targets=None))) == []
