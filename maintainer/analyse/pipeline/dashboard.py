"""Whether there is a dashboard about Rollouts, where it is looked for and as something that can be read."""

from collections.abc import Iterator, Sequence
from shlex import quote

from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.analyse.reproduce import Access
from maintainer.model.loaded_queries import Dashboard, LoadedQueries
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject

_SELECTOR = "get configmaps --all-namespaces --selector grafana_dashboard"


def pipeline_dashboard(loaded: LoadedQueries, planned: Sequence[PlannedQuery], access: Access) -> Iterator[Finding]:
    """A dashboard that was named is not there or holds none, one cannot be read, or there is none at all."""
    if loaded.dashboards is None or any(one.source == "dashboards" for one in loaded.unavailable):
        return
    for one in loaded.dashboards:
        if one.problem and (one.named or one.problem == "broken"):
            yield _of_dashboard(one, access)
    if not about_rollouts(loaded, planned) and not any(one.problem and one.named for one in loaded.dashboards):
        yield Finding(
            check="pipeline/dashboard",
            severity="warning",
            subjects=tuple(Subject("ConfigMap", *one.source.split("/", 1)) for one in loaded.dashboards if one.problem),
            cause="none",
            summary=message("pipeline/dashboard/none.summary", count=len(loaded.dashboards)),
            action=message("pipeline/dashboard/none.action"),
            evidence={"looked at": [one.source for one in loaded.dashboards]},
            reproduce=access.kubectl(_SELECTOR),
        )


def about_rollouts(loaded: LoadedQueries, planned: Sequence[PlannedQuery]) -> tuple[Dashboard, ...]:
    """The dashboards that ask about Rollouts."""
    ours = {planned_query.query for planned_query in planned}
    return tuple(one for one in loaded.dashboards or () if not ours.isdisjoint(one.found.queries))


def _of_dashboard(one: Dashboard, access: Access) -> Finding:
    namespace, name, *_ = one.source.split("/")
    return Finding(
        check="pipeline/dashboard",
        severity="error" if one.problem == "broken" else "warning",
        subjects=(Subject("ConfigMap", namespace, name),),
        cause=one.problem,
        summary=message(f"pipeline/dashboard/{one.problem}.summary", source=one.source, detail=one.detail),
        action=message(f"pipeline/dashboard/{one.problem}.action", source=one.source),
        evidence={"source": one.source, **({"detail": one.detail} if one.detail else {})},
        reproduce=access.kubectl(f"-n {quote(namespace)} get configmap {quote(name)} -o yaml"),
    )
