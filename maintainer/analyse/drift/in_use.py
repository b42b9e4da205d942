"""Whether Prometheus runs with what was written: it has all of that, and no longer what was there before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from maintainer.analyse.drift.documents import Documents, documents, mappings
from maintainer.analyse.drift.loaded import config_not_loaded, contained, rules_not_loaded
from maintainer.model.drift import Content, DesiredObject, LoadedConfiguration, ObjectId
from maintainer.model.report import Json

Use = Literal["yes", "perhaps", "no"]
"""``perhaps``: what is stored is loaded, but a field that was taken away may be loaded as well, or be a default."""
_RETENTION = ("storage", "tsdb", "retention")
"""Not every version follows it in a reload."""


@dataclass(frozen=True, slots=True)
class Written:
    """An object that was written: as it is stored ``now``, and as it was before.

    ``body`` is what was sent. The object may have more keys, of which nobody knows who reads them.
    """

    id: ObjectId
    now: Content
    before: Content
    body: Content


def in_use(written: Sequence[Written], loaded: Sequence[LoadedConfiguration]) -> Use:
    """Whether each server runs with these objects; it need not have what it says nothing of."""
    now = _together(documents(_of_keys(one, one.now)) for one in written)
    before = _together(documents(_of_keys(one, one.before)) for one in written)
    uses = [_of_server(now, before, server) for server in loaded]
    return next((use for use in ("no", "perhaps") if use in uses), "yes") if uses else "no"


def lacking(written: Sequence[Written], loaded: Sequence[LoadedConfiguration]) -> tuple[str, ...]:
    """The names of the servers that do not run with these objects, or only perhaps; none if there is only one."""
    names = (server.name for server in loaded if in_use(written, [server]) != "yes")
    return tuple(names) if len(loaded) > 1 else ()


def _of_server(now: Documents, before: Documents, server: LoadedConfiguration) -> Use:
    lacks = any(rules_not_loaded(now.groups, server)) or any(_lacks(config, server) for config in now.configs)
    if lacks or (server.rules is not None and _has_old_rules(now, before, server)):
        return "no"
    found = _old_values(now, before) if server.config is not None else ()
    old = [value for value in found if not _lacks(value.part, server)]
    return "yes" if not old else "no" if any(value.certain for value in old) else "perhaps"


def _has_old_rules(now: Documents, before: Documents, server: LoadedConfiguration) -> bool:
    """Whether a rule is loaded that was stored before, and is not any more."""
    stored = [(group.get("name"), rule) for group in now.groups for rule in mappings(group.get("rules"))]
    for group in before.groups:
        for rule in mappings(group.get("rules")):
            kept = any(name == group.get("name") and contained(rule, other) for name, other in stored)
            if not kept and not any(rules_not_loaded([{**group, "rules": [rule]}], server)):
                return True
    return False


@dataclass(frozen=True, slots=True)
class _OldValue:
    """A part of a configuration that was there before.

    ``certain``: Prometheus does not have it by itself, as it has the default of a field.
    """

    part: Content
    certain: bool


def _old_values(now: Documents, before: Documents) -> Iterator[_OldValue]:
    """What a configuration had that is not in it any more: scrape jobs, and sections of it, as a whole."""
    for old in before.configs:
        for new in now.configs:
            jobs = {str(job.get("job_name")): job for job in mappings(new.get("scrape_configs"))}
            for job in mappings(old.get("scrape_configs")):
                there = jobs.get(str(job.get("job_name")), {})
                if not contained(job, there):
                    yield _OldValue({"scrape_configs": [job]}, certain=not there or _certain(job, there))
            for section, value in old.items():
                if section not in {"scrape_configs", "storage"} and not contained({section: value}, new):
                    yield _OldValue({section: value}, certain=_certain({section: value}, new))


def _certain(old: Content, new: Content) -> bool:
    """Whether more than single values is gone: a list or a section is no default."""
    return any(not isinstance(value, (str, int, float, type(None))) for value in _gone(old, new))


def _gone(old: Json, new: Json) -> Iterator[Json]:
    """The values that only the old one has, where the new one has none."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name, value in old.items():
            if name in new:
                yield from _gone(value, new[name])
            else:
                yield value
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and len(old) > len(new):
        yield old


def _lacks(config: Content, server: LoadedConfiguration) -> bool:
    return any(lack.path[:3] != _RETENTION[: len(lack.path)] for lack in config_not_loaded(config, server))


def _of_keys(written: Written, content: Content) -> DesiredObject:
    """An object with the keys of its data that were sent."""
    sent, data = written.body.get("data"), content.get("data")
    if isinstance(sent, Mapping) and isinstance(data, Mapping):
        content = {**content, "data": {key: text for key, text in data.items() if key in sent}}
    return DesiredObject(written.id, content, "")


def _together(found: Iterator[Documents]) -> Documents:
    together = Documents()
    for each in found:
        together = replace(together, configs=together.configs + each.configs, groups=together.groups + each.groups)
    return together
