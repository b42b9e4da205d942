"""The pipeline as a whole: no finding and no gap without a fault, and the gaps of unavailable facts."""

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.analyse.pipeline.pipeline import external_labels
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.pipeline import PrometheusConfig
from tests.analyse.pipeline.builders import facts, findings, gaps, pipeline

WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")


def test_a_pipeline_without_faults_has_neither_finding_nor_gap() -> None:
    assert findings(pipeline()) == ()
    assert gaps(pipeline()) == ()


@pytest.mark.parametrize("fact", ["config", "pods", "prometheusrules"])
def test_an_unavailable_fact_is_a_gap_of_each_check_that_needs_it(fact: str) -> None:
    unavailable = gaps(pipeline(facts(unavailable=(Unavailable(fact, WHY, permanent=True),))))

    assert {gap.check for gap in unavailable} == {check.id for check in CHECKS.values() if fact in check.needs}
    assert {(gap.kind, gap.reason) for gap in unavailable} == {("permanent", WHY)}


def test_external_labels_are_unknown_without_the_configuration() -> None:
    assert external_labels(facts(config=PrometheusConfig(external={"cluster": "a"}))) == frozenset({"cluster"})
    assert external_labels(facts(config=None)) is None
