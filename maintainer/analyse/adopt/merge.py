"""What somebody has changed in a live document, as changes of another version of the same document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from maintainer.analyse.drift.dashboards import OF_PANELS, VOLATILE
from maintainer.analyse.drift.differences import Place, differences
from maintainer.analyse.drift.identities import pairs
from maintainer.analyse.drift.values import JSON_BY_MEANING, empty
from maintainer.model.drift import Path
from maintainer.model.report import Json


@dataclass(slots=True)
class Merge:
    """``deployed`` and ``live`` are compared by their meaning; ``conflicts`` are the places that the third document has
    in another way than either of them. It keeps its own value there."""

    conflicts: list[Path] = field(default_factory=list)

    def merged(self, deployed: Json, live: Json, own: Json, *, path: Path = ()) -> Json:
        """The third document with the changes from ``deployed`` to ``live``."""
        if _same(path, deployed, live) or _same(path, own, live):
            return own
        if isinstance(deployed, Mapping) and isinstance(live, Mapping) and isinstance(own, Mapping):
            return self._of_mappings(deployed, live, own, path=path)
        if isinstance(deployed, list) and isinstance(live, list) and isinstance(own, list):
            found = self._of_named(deployed, live, own, path=path)
            if found is not None:
                return found
        if _same(path, deployed, own):
            return live
        self.conflicts.append(path)
        return own

    def _of_mappings(
        self, deployed: Mapping[str, Json], live: Mapping[str, Json], own: Mapping[str, Json], *, path: Path
    ) -> Json:
        changed = {**own}
        for name in (name for name in deployed if name not in live and name in own and not empty(deployed[name])):
            if _same((*path, name), deployed[name], own[name]):
                del changed[name]
            else:
                self.conflicts.append((*path, name))
        for name, value in live.items():
            if name in own:
                changed[name] = self.merged(deployed.get(name), value, own[name], path=(*path, name))
            elif name not in deployed and not empty(value):
                changed[name] = value
            elif name in deployed and not _same((*path, name), deployed[name], value):
                self.conflicts.append((*path, name))
        return _in_order(changed, own, live)

    def _of_named(
        self, deployed: Sequence[Json], live: Sequence[Json], own: Sequence[Json], *, path: Path
    ) -> Json | None:
        """The list, if its items have names; new ones stand where they stand in the live one."""
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        changes, versions = pairs(name, deployed, live), pairs(name, deployed, own)
        if changes is None or versions is None:
            return None
        place = {id(item): index for index, item in enumerate(own)}
        of_own = {pair.step: place[id(pair.live)] for pair in versions if pair.side != "desired"}
        kept: dict[int, Json] = dict(enumerate(own))
        where: dict[int, int] = {}
        new: set[int] = set()
        for pair in changes:
            index, inside = of_own.get(pair.step), (*path, pair.step)
            if index is None:
                new |= {id(pair.live)} if pair.side == "live" else set()
                if pair.side == "both" and not _same(inside, pair.desired, pair.live):
                    self.conflicts.append(inside)
            elif pair.side == "desired":
                if _same(inside, pair.desired, own[index]):
                    del kept[index]
                else:
                    self.conflicts.append(inside)
            else:
                kept[index] = self.merged(pair.desired, pair.live, own[index], path=inside)
                where[id(pair.live)] = index
        return _with_new(live, new, kept, where)


def without_volatile(document: Json) -> Json:
    """A dashboard without what Grafana changes by itself, its rows as they are; any other document as it is."""
    panels = document.get("panels") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(panels, list):
        return document
    kept = {name: value for name, value in document.items() if name not in VOLATILE}
    return {**kept, "panels": [_panel(panel) for panel in panels]}


def _panel(panel: Json) -> Json:
    if not isinstance(panel, Mapping):
        return panel
    kept = {name: value for name, value in panel.items() if name not in OF_PANELS}
    inner = panel.get("panels")
    return {**kept, "panels": [_panel(each) for each in inner]} if isinstance(inner, list) else kept


def _same(path: Path, value: Json, other: Json) -> bool:
    return next(differences(value, other, how=JSON_BY_MEANING, at=Place(path, path)), None) is None


def _in_order(changed: Mapping[str, Json], own: Mapping[str, Json], live: Mapping[str, Json]) -> Json:
    """The fields, with each new one behind the one that it follows in the live document."""
    order, last = [name for name in changed if name in own], ""
    for name in live:
        if name in changed and name not in own:
            order.insert(order.index(last) + 1 if last in order else 0, name)
        last = name if name in order else last
    return {name: changed[name] for name in order}


def _with_new(live: Sequence[Json], new: set[int], kept: Mapping[int, Json], where: Mapping[int, int]) -> list[Json]:
    """The items that are kept, with each new one behind the item that it follows in the live list."""
    behind: dict[int, list[Json]] = {}
    last = -1
    for item in live:
        if id(item) in new:
            behind.setdefault(last, []).append(item)
        else:
            last = where.get(id(item), last)
    found = [*behind.get(-1, ())]
    for index in sorted({*kept, *behind} - {-1}):
        found += [kept[index]] if index in kept else []
        found += behind.get(index, ())
    return found
