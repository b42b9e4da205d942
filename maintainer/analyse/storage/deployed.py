"""The limits of what Prometheus keeps as they were deployed, and the lines that change them there."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from maintainer.analyse.storage.options import chart_values, days_text
from maintainer.model.byte_size import quantity_text, size_bytes, size_text
from maintainer.model.drift import Content, DesiredObject, ObjectId
from maintainer.model.duration import seconds
from maintainer.model.report import Json
from maintainer.model.storage import Retention, StorageFacts

_TIME, _SIZE = "--storage.tsdb.retention.time=", "--storage.tsdb.retention.size="
_WORKLOADS = frozenset({"Deployment", "StatefulSet"})


@dataclass(frozen=True, slots=True)
class DeployedLimits:
    """The limits that an object gives a Prometheus: by arguments, or as an object of the Prometheus operator."""

    id: ObjectId
    limits: Retention
    origin: str

    @property
    def operated(self) -> bool:
        """Whether the Prometheus operator makes the arguments of it."""
        return self.id.kind == "Prometheus"


def deployed_limits(facts: StorageFacts) -> tuple[DeployedLimits, ...]:
    """The limits of each object that sets some."""
    found = (DeployedLimits(each.id, _limits(each), each.origin) for each in facts.deployed)
    return tuple(each for each in found if each.limits != Retention())


def the_deployed(facts: StorageFacts) -> DeployedLimits | None:
    """The limits if a single object sets some; of several it is not known which is for the server that was asked."""
    found = deployed_limits(facts)
    return found[0] if len(found) == 1 else None


def lines_to_set(facts: StorageFacts, limits: Retention, volume: int | None = None) -> str:
    """The lines that set these limits: of the operator's object if that sets them now, else of the chart's values.

    ``volume`` are the bytes of the volume, if that has to change too: it can grow and never shrink.
    """
    if volume and facts.volume:
        volume = max(volume, facts.volume.size)
    deployed = the_deployed(facts)
    if not deployed or not deployed.operated:
        return chart_values(limits, volume)
    lines = ["spec:"]
    lines += [f"  retention: {days_text(limits.time)}"] if limits.time else []
    lines += [f"  retentionSize: {size_text(limits.size)}"] if limits.size else []
    if volume:
        path = ("storage", "volumeClaimTemplate", "spec", "resources", "requests")
        lines += [f"{'  ' * (depth + 1)}{key}:" for depth, key in enumerate(path)]
        lines.append(f"{'  ' * (len(path) + 1)}storage: {quantity_text(volume)}")
    return "\n".join(lines)


def _limits(each: DesiredObject) -> Retention:
    if each.id.kind == "Prometheus":
        spec = each.content.get("spec")
        fields: Content = spec if isinstance(spec, Mapping) else {}
        return _read(str(fields.get("retention", "")), str(fields.get("retentionSize", "")))
    if each.id.kind not in _WORKLOADS:
        return Retention()
    given = {prefix: text for text in _arguments(each.content) for prefix in (_TIME, _SIZE) if text.startswith(prefix)}
    return _read(given.get(_TIME, "").removeprefix(_TIME), given.get(_SIZE, "").removeprefix(_SIZE))


def _read(time: str, size: str) -> Retention:
    of_time, of_size = None, None
    with suppress(ValueError):
        of_time = seconds(time) or None
    with suppress(ValueError):
        of_size = size_bytes(size) or None
    return Retention(of_time, of_size)


def _arguments(content: Json) -> Iterator[str]:
    """The arguments of all containers."""
    if isinstance(content, Mapping):
        words = content.get("args")
        yield from (word for word in words if isinstance(word, str)) if isinstance(words, list | tuple) else ()
        for value in content.values():
            yield from _arguments(value)
    elif isinstance(content, list | tuple):
        for item in content:
            yield from _arguments(item)
