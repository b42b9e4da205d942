"""The way of the metrics as a table: each link, its state, and what was seen of it in a few words."""

from collections.abc import Callable, Iterable, Mapping

from maintainer.analyse.alerting import alerts
from maintainer.analyse.way import Way
from maintainer.model.contract import newest
from maintainer.model.facts import target_name
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap
from maintainer.model.sections import Table

Seen = Callable[[Way], Message]

NOTHING = message("way/nothing")


def way_table(way: Way, findings: Iterable[Finding], gaps: Iterable[Gap]) -> Table:
    """A row for each link from the controller to Alertmanager."""
    found, blind = {one.check for one in findings}, {one.check for one in gaps}
    return Table(
        title=message("way/title"),
        columns=tuple(message(f"way/column.{name}") for name in ("link", "state", "seen")),
        rows=tuple(
            (message(f"way/link.{check}"), message(f"way/state.{_state(check, found, blind)}"), seen(way))
            for check, seen in LINKS.items()
        ),
        lead=message("way/lead"),
    )


def _state(check: str, found: set[str], blind: set[str]) -> str:
    if check in found:
        return "finding"
    return "unseen" if check in blind else "fine"


def _service(way: Way) -> Message:
    last = way.chain.last
    if not last.saw("services"):
        return NOTHING
    if last.service is None:
        return message("way/seen.no-service", service=way.scope.service)
    ports = ", ".join(f"{one.name or one.number} → {one.target}" for one in last.service.ports)
    if not last.service.selector or last.pods is None:
        return message("way/seen.ports", ports=ports)
    return message("way/seen.service", count=len(last.selected), ports=ports)


def _endpoints(way: Way) -> Message:
    ready = way.chain.last.ready
    return NOTHING if ready is None else message("way/seen.endpoints", count=ready)


def _target(way: Way) -> Message:
    targets = way.watched.targets
    if targets is None:
        return NOTHING
    return message("way/seen.targets", count=len(targets), up=sum(one.healthy for one in targets))


def _scrape(way: Way) -> Message:
    errors = [one.error for one in way.watched.targets or () if one.error]
    return message("way/seen.error", error=errors[0]) if errors else message("way/seen.no-error")


def _emitter(way: Way) -> Message:
    if not way.emitting:
        return message("way/seen.no-emitter")
    pods = [way.pod_of(target) for target in way.emitting]
    known = [pod.name if pod else target_name(dict(one)) for pod, one in zip(pods, way.emitting, strict=True)]
    names = ", ".join(dict.fromkeys(known))
    holder = way.chain.last.holder
    if not holder:
        return message("way/seen.emitter", names=names)
    agrees = holder in {pod.name for pod in pods if pod}
    return message("way/seen.leader" if agrees else "way/seen.holder", names=names, holder=holder)


def _rights(way: Way) -> Message:
    rights = way.chain.rights
    if rights is None:
        return NOTHING
    parts = []
    if rights.foreign:
        parts.append(message("way/seen.foreign", jobs=", ".join(rights.foreign)))
    if rights.granted:
        resources = ", ".join(dict.fromkeys(one.resource for one in rights.granted))
        parts.append(message("way/seen.granted", resources=resources))
    if rights.rollouts is not None:
        parts.append(message("way/seen.rollouts" if rights.rollouts else "way/seen.no-rollouts"))
    return message("way/seen.rights", parts=tuple(parts)) if parts else message("way/seen.static")


def _reload(way: Way) -> Message:
    reloaded = way.chain.reloaded
    return NOTHING if reloaded is None else message(f"way/seen.{'reloaded' if reloaded else 'not-reloaded'}")


def _rules(way: Way) -> Message:
    if way.rules is None:
        return NOTHING
    return message("way/seen.rules", count=len(alerts(way)), objects=len(way.chain.stored))


def _alertmanager(way: Way) -> Message:
    if way.chain.alertmanagers is None:
        return NOTHING
    urls = ", ".join(way.chain.alertmanagers)
    if not urls:
        return message("way/seen.no-alertmanager")
    return message("way/seen.routes" if way.chain.alertmanager else "way/seen.alertmanager", urls=urls)


def _version(way: Way) -> Message:
    told = sorted({version for version in way.chain.versions.values() if version})
    known = "v" + ".".join(map(str, newest()[:2]))
    return message("way/seen.version", versions=", ".join(told), known=known) if told else NOTHING


LINKS: Mapping[str, Seen] = {
    "pipeline/service": _service,
    "pipeline/endpoints": _endpoints,
    "pipeline/target": _target,
    "pipeline/scrape": _scrape,
    "pipeline/emitter": _emitter,
    "pipeline/rbac": _rights,
    "pipeline/reload": _reload,
    "pipeline/rules-loaded": _rules,
    "pipeline/alertmanager": _alertmanager,
    "pipeline/version": _version,
}
"""The links in the order of the way, each with what was seen of it."""
