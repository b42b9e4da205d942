"""Grafana's own copy of a dashboard, against the dashboard as it was deployed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from maintainer.analyse.drift.meaning import with_meaning
from maintainer.analyse.drift.plain import plain, plain_path
from maintainer.analyse.drift.values import value_differences
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.model.drift import Change, DashboardCopy, DesiredObject
from maintainer.model.message import message


@dataclass(frozen=True, slots=True)
class OtherCopy:
    """A copy that is not what was deployed, and in what it differs; without changes Grafana has no copy at all."""

    copy: DashboardCopy
    changes: tuple[Change, ...] = ()


def other_copy(copy: DashboardCopy, desired: DesiredObject, *, known: Callable[[], KnownSeries]) -> OtherCopy | None:
    """In what a copy differs from what was deployed; ``None`` if it is the same."""
    if copy.text is None:
        return OtherCopy(copy)
    values = desired.content.get("data")
    text = values.get(copy.key) if isinstance(values, dict) else None
    found = (
        Change(
            what=each.what,
            path=plain_path(each.path),
            desired=plain(each.desired, each.path[-1] if each.path else ""),
            live=plain(each.live, each.path[-1] if each.path else ""),
            key=copy.key,
            manager=copy.author,
            time=copy.time,
        )
        for each in value_differences(copy.key, str(text), copy.text)
    )
    changes = tuple(_meaning(with_meaning(change, desired, known=known)) for change in found)
    return OtherCopy(copy, changes) if changes else None


def _meaning(change: Change) -> Change:
    """What was added to a copy is lost otherwise than what was added to the ConfigMap."""
    return replace(change, means=message("drift/means.saved")) if change.what == "extra" else change
