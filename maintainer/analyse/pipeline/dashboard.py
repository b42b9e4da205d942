"""The check whether there is a dashboard about Rollouts, and whether it can be read."""

from collections.abc import Iterator, Sequence
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.promql.parsed_query import parse_query
from maintainer.analyse.promql.recorded import with_recorded
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.reproduce import Access
from maintainer.model.loaded_queries import Dashboard, LoadedQueries
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject

_SELECTOR = "get configmaps --all-namespaces --selector grafana_dashboard"


def pipeline_dashboard(pipeline: Pipeline) -> Iterator[Finding]:
    """A dashboard of the settings is missing or empty, a dashboard cannot be read, or none is about Rollouts."""
    loaded, access = pipeline.loaded, pipeline.access
    if loaded.dashboards is None or any(fact.source == "dashboards" for fact in loaded.unavailable):
        return
    problems = [dashboard for dashboard in loaded.dashboards if dashboard.problem]
    for dashboard in problems:
        if dashboard.named or dashboard.problem == "broken":
            yield _problem(dashboard, access)
    if not any(dashboard.named for dashboard in problems) and not _about_rollouts(loaded):
        yield _none(loaded.dashboards, problems, access=access)


def _about_rollouts(loaded: LoadedQueries) -> bool:
    """Whether any dashboard has a query that reads the controller's metrics."""
    known = with_recorded(KnownSeries({}, None), loaded.queries)
    queries = (query for dashboard in loaded.dashboards or () for query in dashboard.found.queries)
    return any(parse_query(query.text, known) is not None for query in queries)


def _none(dashboards: Sequence[Dashboard], problems: Sequence[Dashboard], *, access: Access) -> Finding:
    return Finding(
        check="pipeline/dashboard",
        severity="warning",
        subjects=tuple(Subject("ConfigMap", *dashboard.source.split("/", 1)) for dashboard in problems),
        cause="none",
        summary=message("pipeline/dashboard/none.summary", count=len(dashboards)),
        action=message("pipeline/dashboard/none.action"),
        evidence={"dashboards": [dashboard.source for dashboard in dashboards]},
        reproduce=access.kubectl(_SELECTOR),
    )


def _problem(dashboard: Dashboard, access: Access) -> Finding:
    namespace, name, *_ = dashboard.source.split("/")
    if dashboard.problem == "absent":
        show = access.look_for("configmaps", (namespace, name))
    else:
        show = access.kubectl(f"-n {quote(namespace)} get configmap {quote(name)} -o yaml")
    return Finding(
        check="pipeline/dashboard",
        severity="error" if dashboard.problem == "broken" else "warning",
        subjects=(Subject("ConfigMap", namespace, name),),
        cause=dashboard.problem,
        summary=message(
            f"pipeline/dashboard/{dashboard.problem}.summary", source=dashboard.source, detail=dashboard.detail
        ),
        action=message(f"pipeline/dashboard/{dashboard.problem}.action", source=dashboard.source),
        evidence={"source": dashboard.source, **({"detail": dashboard.detail} if dashboard.detail else {})},
        reproduce=show,
    )
