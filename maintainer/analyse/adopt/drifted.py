"""The dashboards and the other changes that are asked for, out of all that differs between deployed and live."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.adopt.asked import DASHBOARD, Asked, rule_words
from maintainer.analyse.adopt.dashboards import DeployedDashboard, deployed_dashboards
from maintainer.analyse.drift.audit import counts
from maintainer.analyse.drift.objects import changes
from maintainer.model.drift import Change, DesiredObject, ObjectId, StoredObject


@dataclass(frozen=True, slots=True)
class Drifted:
    """A deployed object and how it differs from the live one, without what its dashboards say."""

    desired: DesiredObject
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be adopted. ``unknown`` are the words that name nothing, and ``known`` what they could have named."""

    dashboards: tuple[DeployedDashboard, ...]
    objects: tuple[Drifted, ...]
    unknown: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def wanted(
    asked: Sequence[Asked], deployed: Sequence[DesiredObject], stored: Mapping[ObjectId, StoredObject | None]
) -> Wanted:
    """What the words ask for, all that differs without any."""
    dashboards = [found for desired in deployed for found in deployed_dashboards(desired)]
    drifted = [*_drifted(deployed, stored, {(found.holder.id, found.key) for found in dashboards})]
    words = {
        *(f"{DASHBOARD}/{dashboard.name}" for dashboard in dashboards),
        *(f"{desired.id.kind.lower()}/{desired.id.name}" for desired in deployed),
        *rule_words(deployed),
    }
    live = {f"{step}".replace("=", "/", 1) for found in drifted for change in found.changes for step in change.path}
    unknown = [one.word for one in asked if not _names_something(one, words | live)]
    return Wanted(
        tuple(found for found in dashboards if not asked or any(_asks_dashboard(one, found) for one in asked)),
        tuple(_of_asked(drifted, asked)),
        tuple(unknown),
        tuple(sorted(words)),
    )


def _drifted(
    deployed: Iterable[DesiredObject],
    stored: Mapping[ObjectId, StoredObject | None],
    dashboards: set[tuple[ObjectId, str]],
) -> Iterable[Drifted]:
    for desired in deployed:
        live = stored.get(desired.id)
        found = (change for change in changes(desired, live) if counts(desired, change)) if live else ()
        others = tuple(change for change in found if (desired.id, change.key) not in dashboards)
        if others:
            yield Drifted(desired, others)


def _of_asked(drifted: Iterable[Drifted], asked: Sequence[Asked]) -> Iterable[Drifted]:
    for found in drifted:
        meant = tuple(
            change
            for change in found.changes
            if not asked or any(one.is_change(found.desired.id, change) for one in asked)
        )
        if meant:
            yield Drifted(found.desired, meant)


def _asks_dashboard(one: Asked, dashboard: DeployedDashboard) -> bool:
    return one.is_dashboard(dashboard.name) or one.is_object(dashboard.holder.id)


def _names_something(one: Asked, words: Iterable[str]) -> bool:
    beginnings = (one.kind, f"{one.kind[:-1]}" if one.kind.endswith("s") else one.kind)
    return any(
        word.partition("/")[0] in beginnings and one.name in ("", word.partition("/")[2].split("#")[0])
        for word in words
    )
