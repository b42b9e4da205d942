"""Settings as the plain arguments that everything below the jobs takes."""

from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from maintainer.analyse.reproduce import Access
from maintainer.clients.endpoint import Endpoint, headers_with_token, secret
from maintainer.collect.queries.loaded import ExpectedDashboards
from maintainer.collect.sources import Sources
from maintainer.model.report import Acceptance
from maintainer.model.scope import Scope
from maintainer.settings import Settings


def endpoint(settings: Settings) -> Endpoint:
    """Where Prometheus is and how to be let in. Raises ``ConfigError`` for a secret that cannot be read."""
    given = settings.prometheus
    basic = given.basic_auth
    if given.bearer_token_file:
        secret(given.bearer_token_file)
    return Endpoint(
        url=given.url,
        headers=headers_with_token(given.headers, given.bearer_token_file),
        basic=(basic.username, secret(basic.password_file)) if basic.username else None,
        ca_file=given.tls.ca_file,
        cert_file=given.tls.cert_file,
        key_file=given.tls.key_file,
        verify=not given.tls.insecure_skip_verify,
        timeout=given.timeout,
        # Thanos would mix the samples of replicas whose labels are to be ignored.
        parameters=(("dedup", "false"),) if given.replica_labels else (),
    )


def grafana(settings: Settings) -> Endpoint | None:
    """Where Grafana is, if it is to be asked. Raises ``ConfigError`` for a token that cannot be read."""
    given = settings.grafana
    if not given.url:
        return None
    headers = headers_with_token({}, given.token_file)
    headers()
    return Endpoint(url=given.url, headers=headers)


def expected_dashboards(settings: Settings) -> ExpectedDashboards:
    """The dashboards that there should be; those that nobody named are only a guess."""
    named = "dashboards" in settings.grafana.model_fields_set
    return ExpectedDashboards(settings.grafana.dashboards, expected=named)


def scope(settings: Settings) -> Scope:
    """Which Rollouts and which series."""
    return Scope(
        namespaces=settings.cluster.namespaces,
        instance_id=settings.controller.instance_id,
        controller_namespace=settings.controller.namespace,
        service=settings.controller.service,
        matchers=settings.prometheus.matchers,
    )


def access(settings: Settings, sources: Sources) -> Access:
    """How a reader gets at both sides: by the public URL, else by the one that we use, else by a forwarded port."""
    url = settings.prometheus.public_url or (sources.prometheus.url if sources.prometheus else "")
    path = urlsplit(url).path
    proxied = path.startswith("/api/v1/namespaces/")
    return Access(
        prometheus=path if proxied else url or "http://localhost:9090",
        context=settings.cluster.context,
        matchers=settings.prometheus.matchers,
    )


def acceptances(settings: Settings) -> tuple[Acceptance, ...]:
    """What somebody decided to live with."""
    return tuple(Acceptance(one.check, one.subject, one.reason, one.until) for one in settings.accept)


def today(settings: Settings, now: datetime) -> date:
    """The day in the calendar's time zone."""
    return now.astimezone(ZoneInfo(settings.schedule.time_zone)).date()
