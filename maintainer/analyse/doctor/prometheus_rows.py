"""The rows about Prometheus and the servers around it."""

import re
from contextlib import suppress

from maintainer.analyse.doctor.remedies import Trouble
from maintainer.analyse.doctor.subject import Subject, Verdict, unavailable, unwell, well
from maintainer.model.duration import seconds
from maintainer.model.facts import Unavailable
from maintainer.model.message import message

OLDEST_PROMETHEUS = (2, 42)
"""The oldest version on which the audit is tested."""
_VERSION = re.compile(r"(\d+)\.(\d+)")


def prometheus(subject: Subject) -> Verdict:
    """A server answers queries at the URL, or at the one Service that looks like Prometheus."""
    seen, commands = subject.seen, subject.commands
    through = ("kubernetes",) if seen.proxied else ()
    if len(seen.candidates) > 1 and seen.prometheus is None:
        names = ", ".join(seen.candidates)
        choice = commands.doctor("--prometheus-service", seen.candidates[0])
        return unwell("broken", message("doctor/prometheus.several", names=names), choice)
    if isinstance(seen.prometheus, Unavailable):
        trouble = Trouble(seen.prometheus.reason, commands, "Prometheus", "PROMETHEUS")
        return unavailable(seen.prometheus, trouble, blames=through)
    if seen.prometheus is None:
        return unwell("broken", message("doctor/no-prometheus"), commands.kubectl("get services -A"), blames=through)
    return well(message("doctor/prometheus.ok", url=seen.prometheus.url))


def engine(subject: Subject) -> Verdict | None:
    """The engine evaluates the rules, or the settings name the server that does. Its version is one that was tested."""
    look = subject.seen.prometheus
    if look is None or isinstance(look, Unavailable):
        return None
    version = look.version or "?"
    if not look.evaluates and "ruler" not in subject.seen.others:
        seen = message("doctor/engine.no-rules", engine=look.engine)
        next_ = subject.commands.doctor(value="http://vmalert.monitoring.svc:8880", variable="MAINTAINER_RULER_URL")
        return unwell("warning", seen, next_)
    found = _VERSION.match(look.version) if look.evaluates else None
    if found and (int(found[1]), int(found[2])) < OLDEST_PROMETHEUS:
        oldest = ".".join(map(str, OLDEST_PROMETHEUS))
        seen = message("doctor/engine.old", engine=look.engine, version=version, oldest=oldest)
        return unwell("warning", seen, subject.commands.fetch(f"{look.url}/api/v1/status/buildinfo"))
    return well(message("doctor/engine.ok", engine=look.engine, version=version))


def retention(subject: Subject) -> Verdict | None:
    """Prometheus keeps samples for as long as each job may have to look back."""
    look = subject.seen.prometheus
    if look is None or isinstance(look, Unavailable) or not subject.wanted.keeps:
        return None
    job, need = max(subject.wanted.keeps.items(), key=lambda entry: entry[1])
    flags = subject.commands.fetch(f"{look.url}/{'api/v1/status/flags' if look.evaluates else 'flags'}")
    if not look.keeps:
        return unwell("warning", message("doctor/retention.unknown", engine=look.engine, need=_days(need)), flags)
    kept = kept_seconds(look.keeps)
    if kept is not None and kept < need:
        seen = message("doctor/retention.short", keeps=look.keeps, job=job, need=_days(need))
        return unwell("broken", seen, flags)
    return well(message("doctor/retention.ok", keeps=look.keeps, job=job, need=_days(need)))


def kept_seconds(text: str) -> float | None:
    """The time in ``storageRetention``, such as ``15d`` or ``30d or 45GiB``; ``None`` where only a size limits it."""
    for part in text.split(" or "):
        with suppress(ValueError):
            return seconds(part) or None
    return None


def _days(need: float) -> str:
    """``8d``, or ``36h`` for what is no whole number of days."""
    return f"{need / 86400:.0f}d" if need % 86400 == 0 else f"{need / 3600:.0f}h"


def impact(subject: Subject) -> Verdict | None:
    """The query about users can be asked, and reads series that are there; no row without a query."""
    look, promql = subject.seen.impact, subject.wanted.impact
    if not promql:
        return None
    ask = subject.commands.access.ask("query", query=promql)
    if look is None:
        return unwell("broken", message("doctor/no-prometheus"), ask, blames=("prometheus",))
    if isinstance(look, Unavailable):
        return unwell("broken", message("doctor/impact.refused", why=look.reason), ask, blames=("prometheus",))
    if not look.there:
        return unwell("warning", message("doctor/impact.nothing"), ask)
    return well(message("doctor/impact.ok", count=look.results))


def ruler(subject: Subject) -> Verdict | None:
    """The server that evaluates the rules answers."""
    return _other(subject, "ruler", "The ruler")


def alertmanager(subject: Subject) -> Verdict | None:
    """The Alertmanager of the settings answers."""
    return _other(subject, "alertmanager", "Alertmanager")


def grafana(subject: Subject) -> Verdict | None:
    """Grafana answers, and lists its dashboards."""
    return _other(subject, "grafana", "Grafana")


def _other(subject: Subject, id_: str, name: str) -> Verdict | None:
    fact = subject.seen.others.get(id_)
    if fact is None:
        return None
    if isinstance(fact, Unavailable):
        return unavailable(fact, Trouble(fact.reason, subject.commands, name, id_.upper()))
    return well(message("doctor/server.ok", who=name, url=fact))
