"""Whether there is a dashboard about Rollouts, where it is looked for and as something that can be read."""

from collections.abc import Iterator, Sequence
from shlex import quote

from maintainer.analyse.asking import Question
from maintainer.analyse.commands import Reach
from maintainer.model.asked import Asked, Dashboard
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject

_SELECTOR = "get configmaps --all-namespaces --selector grafana_dashboard"


def pipeline_dashboard(asked: Asked, questions: Sequence[Question], reach: Reach) -> Iterator[Finding]:
    """A dashboard that was named is not there or holds none, one cannot be read, or there is none at all."""
    if asked.dashboards is None or any(one.source == "dashboards" for one in asked.unseen):
        return
    for one in asked.dashboards:
        if one.problem and (one.named or one.problem == "broken"):
            yield _of_dashboard(one, reach)
    if not about_rollouts(asked, questions) and not any(one.problem and one.named for one in asked.dashboards):
        yield Finding(
            check="pipeline/dashboard",
            severity="warning",
            subjects=tuple(Subject("ConfigMap", *one.source.split("/", 1)) for one in asked.dashboards if one.problem),
            cause="none",
            summary=message("pipeline/dashboard/none.summary", count=len(asked.dashboards)),
            action=message("pipeline/dashboard/none.action"),
            evidence={"looked at": [one.source for one in asked.dashboards]},
            reproduce=reach.kubectl(_SELECTOR),
        )


def about_rollouts(asked: Asked, questions: Sequence[Question]) -> tuple[Dashboard, ...]:
    """The dashboards that ask about Rollouts."""
    ours = {question.query for question in questions}
    return tuple(one for one in asked.dashboards or () if not ours.isdisjoint(one.found.queries))


def _of_dashboard(one: Dashboard, reach: Reach) -> Finding:
    namespace, name, *_ = one.source.split("/")
    return Finding(
        check="pipeline/dashboard",
        severity="error" if one.problem == "broken" else "warning",
        subjects=(Subject("ConfigMap", namespace, name),),
        cause=one.problem,
        summary=message(f"pipeline/dashboard/{one.problem}.summary", source=one.source, detail=one.detail),
        action=message(f"pipeline/dashboard/{one.problem}.action", source=one.source),
        evidence={"source": one.source, **({"detail": one.detail} if one.detail else {})},
        reproduce=reach.kubectl(f"-n {quote(namespace)} get configmap {quote(name)} -o yaml"),
    )
