"""pipeline/version: the version in the metrics and that of the image."""

import pytest

from tests.analyse.pipeline.builders import causes, controller, facts, gaps, pipeline, pod


@pytest.mark.parametrize(
    "image", ["own/controller:v1.8.3", "argoproj/argo-rollouts:2024.1", "argo-rollouts:v1.9.2-fips"]
)
def test_tags_that_are_not_upstreams_or_agree_are_no_finding(image: str) -> None:
    assert causes(pipeline(facts(both=controller(pods=(pod(images=(image,)),))))) == []


def test_metrics_without_a_version_are_a_gap() -> None:
    assert [(gap.check, gap.kind) for gap in gaps(pipeline(facts(versions={})))] == [("pipeline/version", "permanent")]
