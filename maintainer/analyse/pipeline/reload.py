"""The check whether Prometheus runs with its newest configuration."""

from collections.abc import Iterator

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject


def pipeline_reload(pipeline: Pipeline) -> Iterator[Finding]:
    """Prometheus refused its newest configuration and runs with an older one."""
    if pipeline.facts.reloaded is not False:
        return
    yield Finding(
        check="pipeline/reload",
        severity="error",
        subjects=(Subject("Prometheus", "", "configuration"),),
        cause="failed",
        summary=message("pipeline/reload/failed.summary"),
        action=message("pipeline/reload/failed.action"),
        evidence={"reloadConfigSuccess": False},
        reproduce=pipeline.access.ask("status/runtimeinfo"),
    )
