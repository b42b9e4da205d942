"""Turns the settings into the arguments of the layers below the jobs, which do not know the settings."""

import re
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any, cast
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.hours import DaySpan, Hours
from maintainer.analyse.alerts.impact import impact_promql
from maintainer.analyse.alerts.pages import one_route
from maintainer.analyse.alerts.review import Judging
from maintainer.analyse.checks import CHECKS
from maintainer.analyse.queries.reading import selector_readings
from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.review import Plans
from maintainer.clients.endpoint import Endpoint, certificate, headers_with_token, secret, service_address
from maintainer.clients.limits import Limits
from maintainer.collect.connections import PrometheusAccess
from maintainer.collect.drift.deployed import Wanted
from maintainer.collect.queries.loaded import ExpectedDashboards
from maintainer.collect.sources import Sources
from maintainer.jobs.people_files import read_events, read_incidents, read_labels, read_routing
from maintainer.model.alert_routing import Route
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.byte_size import quantity_bytes, size_bytes
from maintainer.model.harvest import ImpactQuery
from maintainer.model.report import Acceptance
from maintainer.model.scope import Scope
from maintainer.model.secret_text import bare_url
from maintainer.settings import Settings


def prometheus_access(settings: Settings, limits: Limits) -> PrometheusAccess:
    """How Prometheus is reached. Raises ``ConfigError`` for a secret that cannot be read."""
    service, ruler = service_address(settings.prometheus.service), ruler_endpoint(settings, limits)
    return PrometheusAccess(prometheus_endpoint(settings, limits), service, ruler)


def prometheus_endpoint(settings: Settings, limits: Limits) -> Endpoint:
    """Prometheus' URL, "" if it is to be looked up in the cluster, and the credentials.

    Raises ``ConfigError`` for a secret or a certificate that cannot be read.
    """
    prometheus = settings.prometheus
    basic = prometheus.basic_auth
    if prometheus.bearer_token_file:
        # The clients read the file later, for each request.
        secret(prometheus.bearer_token_file)
    return Endpoint(
        url=prometheus.url,
        headers=headers_with_token(prometheus.headers, prometheus.bearer_token_file),
        basic=(basic.username, secret(basic.password_file)) if basic.username else None,
        ca_file=certificate(prometheus.tls.ca_file),
        cert_file=certificate(prometheus.tls.cert_file),
        key_file=certificate(prometheus.tls.key_file),
        verify=not prometheus.tls.insecure_skip_verify,
        timeout=prometheus.timeout,
        # Thanos would mix the samples of replicas whose labels are to be ignored.
        parameters=(("dedup", "false"),) if prometheus.replica_labels else (),
        limits=limits,
    )


def grafana_endpoint(settings: Settings, limits: Limits) -> Endpoint | None:
    """Grafana's URL and token; ``None`` without a URL. Raises ``ConfigError`` for a token that cannot be read."""
    grafana = settings.grafana
    if not grafana.url:
        return None
    headers = headers_with_token({}, grafana.token_file)
    headers()  # reads the token file, to fail before the run
    return Endpoint(url=grafana.url, headers=headers, limits=limits)


def ruler_endpoint(settings: Settings, limits: Limits) -> Endpoint | None:
    """The ruler's URL, without the credentials of Prometheus, which is another server; ``None`` without a URL."""
    url = settings.ruler.url
    return Endpoint(url=url, timeout=settings.prometheus.timeout, limits=limits) if url else None


def expected_dashboards(settings: Settings) -> ExpectedDashboards:
    """The ConfigMaps that should hold dashboards; those of the defaults are allowed to be absent."""
    configured = "dashboards" in settings.grafana.model_fields_set
    return ExpectedDashboards(settings.grafana.dashboards, expected=configured)


def deployment(settings: Settings) -> Wanted:
    """Where it is read what was deployed; the releases of the defaults are allowed to be absent."""
    desired = settings.desired
    named = "helm_releases" in desired.model_fields_set
    return Wanted(desired.helm_releases, desired.paths, frozenset(desired.kinds), expected=named)


def disk_size(settings: Settings) -> int:
    """The bytes of Prometheus' volume, 0 if the cluster is to say it."""
    return quantity_bytes(settings.storage.disk_size) if settings.storage.disk_size else 0


def plans(settings: Settings) -> Plans:
    """The size limits that are compared, and the price of the volume."""
    return Plans(tuple(map(size_bytes, settings.storage.sizes)), settings.storage.price)


def scope(settings: Settings) -> Scope:
    """The Rollouts to compare, and the series that are about them."""
    return Scope(
        namespaces=settings.cluster.namespaces,
        instance_id=settings.controller.instance_id,
        controller_namespace=settings.controller.namespace,
        service=settings.controller.service,
        matchers=settings.prometheus.matchers,
        replica_labels=settings.prometheus.replica_labels,
    )


def access(settings: Settings, sources: Sources) -> Access:
    """How a reader of the report reaches Prometheus and the cluster.

    Prometheus has its public URL, without that the URL of this run, and without both a forwarded port.
    """
    url = settings.prometheus.public_url or (sources.prometheus.url if sources.prometheus else "")
    return Access(
        prometheus=bare_url(url) or "http://localhost:9090",
        context=settings.cluster.context,
        matchers=settings.prometheus.matchers,
        ruler=settings.ruler.url,
        kubeconfig=settings.cluster.kubeconfig,
        user=settings.cluster.as_user,
    )


def acceptances(settings: Settings) -> tuple[Acceptance, ...]:
    """The findings and gaps that the settings accept."""
    return tuple(
        Acceptance(accepted.check, accepted.subject, accepted.reason, accepted.until) for accepted in settings.accept
    )


def chosen(settings: Settings) -> frozenset[str]:
    """The ids of the checks that the settings choose, all of them if they choose none."""
    patterns = settings.checks or ("*",)
    return frozenset(check for check in CHECKS if any(fnmatchcase(check, pattern) for pattern in patterns))


def today(settings: Settings, now: datetime) -> date:
    """The date in the time zone of the schedule."""
    return now.astimezone(ZoneInfo(settings.schedule.time_zone)).date()


def judging(settings: Settings, sources: Sources) -> Judging:
    """By what alerts are judged. Raises ``ConfigError`` for a file that cannot be read, or says nothing."""
    alerts, zone = settings.alerts, ZoneInfo(settings.schedule.time_zone)
    route = alerts.route
    return Judging(
        hours=Hours(_day_span(alerts.hours.night), _day_span(alerts.hours.work), zone),
        routing=read_routing(alerts.alertmanager_file)
        or one_route(
            Route(
                route.group_by,
                *(round(1000 * seconds) for seconds in (route.group_wait, route.group_interval, route.repeat_interval)),
            )
        ),
        short_for=round(1000 * alerts.short_for),
        thresholds=AlertThresholds(**{name: cast(Any, value) for name, value in alerts.thresholds.items()}),
        incidents=read_incidents(alerts.incidents_file, zone),
        labels=read_labels(alerts.labels_file, zone),
        events=read_events(alerts.events_file),
        access=access(settings, sources),
    )


def impact_query(expr: str) -> ImpactQuery | None:
    """How it is asked for whether users were harmed; ``None`` if no expression says that."""
    reads = selector_readings(expr) if expr else ()
    return ImpactQuery(impact_promql(expr, [read.selector for read in reads]), reads) if reads else None


def _day_span(text: str) -> DaySpan:
    """A span such as ``22:00-07:00``; "" is an empty one."""
    if not text:
        return DaySpan(0, 0)
    start, end = (int(hours) * 60 + int(minutes) for hours, minutes in re.findall(r"(\d\d):(\d\d)", text))
    return DaySpan(start, end)
