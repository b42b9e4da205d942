"""A dashboard as Grafana itself has it, which is what people edit."""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from maintainer.clients.decoding import Moment
from maintainer.clients.web import Web
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.dashboard_text import as_dashboard
from maintainer.model.drift import DashboardCopy, DesiredObject
from maintainer.model.facts import Unavailable

FACT = "grafana-copies"


class _Meta(msgspec.Struct, rename="camel"):
    """What Grafana knows about a dashboard."""

    updated_by: str = ""
    updated: Moment | None = None
    provisioned: bool = False


class _Answer(msgspec.Struct):
    dashboard: dict[str, Any] | None = None
    meta: _Meta = msgspec.field(default_factory=_Meta)


def grafana_copy(grafana: Web, uid: str) -> str:
    """The JSON of a dashboard. Raises :class:`SourceUnavailable`, also if Grafana has none with this uid."""
    return json.dumps(_asked(grafana, uid).dashboard)


def dashboard_copies(
    sources: Sources, objects: Iterable[DesiredObject]
) -> tuple[tuple[DashboardCopy, ...], tuple[Unavailable, ...]]:
    """Grafana's copies of all dashboards that were deployed, and why some are not known; none without a Grafana."""
    grafana, read = sources.grafana, SourceReader(sources.guard)
    if grafana is None:
        return (), ()
    found = [
        read(FACT, partial(_copy, grafana, holder, key, uid), about=f"{holder.id.subject}: {key}")
        for holder in objects
        for key, uid in _dashboards(holder)
    ]
    return tuple(copy for copy in found if copy), tuple(dict.fromkeys(read.unavailable))


def _dashboards(holder: DesiredObject) -> Iterator[tuple[str, str]]:
    """The keys of a ConfigMap that hold dashboards, and the uids of these."""
    values = holder.content.get("data") if holder.id.kind == "ConfigMap" else None
    for key, text in values.items() if isinstance(values, dict) else ():
        if (dashboard := as_dashboard(text)) is not None:
            yield key, str(dashboard.get("uid") or "")


def _copy(grafana: Web, holder: DesiredObject, key: str, uid: str) -> DashboardCopy:
    """Grafana's copy. Raises :class:`SourceUnavailable`, also for a dashboard without a uid."""
    if not uid:
        raise SourceUnavailable("dashboard-no-uid", permanent=True, object=str(holder.id.subject), key=key)
    try:
        answer = _asked(grafana, uid)
    except SourceUnavailable as error:
        if (error.reason, error.params.get("status")) != ("web-status", "404"):
            raise
        return DashboardCopy(holder.id, key, uid, grafana.url, None)
    text, meta = json.dumps(answer.dashboard), answer.meta
    return DashboardCopy(
        holder.id, key, uid, grafana.url, text, author=meta.updated_by, time=meta.updated, provisioned=meta.provisioned
    )


def _asked(grafana: Web, uid: str) -> _Answer:
    answer = grafana.get(f"api/dashboards/uid/{quote(uid, safe='')}", _Answer)
    if answer.dashboard is None:
        detail = f"no dashboard with the uid {uid}"
        raise SourceUnavailable("web-broken-answer", who=grafana.who, url=grafana.url, detail=detail)
    return answer
