"""What was deployed and is stored, against what each Prometheus has loaded.

Prometheus shows its configuration with defaults filled in, secrets hidden, paths made absolute and comments gone. So
what was deployed must be contained in what is loaded, and what is loaded may have more.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maintainer.analyse.drift.differences import Comparison, Place, Steps, differences
from maintainer.analyse.drift.documents import mappings
from maintainer.analyse.drift.plain import plain, plain_path
from maintainer.analyse.drift.scalars import same_value
from maintainer.analyse.drift.values import blank, document, same_text
from maintainer.analyse.promql.canonical import canonical, same_promql
from maintainer.model.drift import Content, LoadedConfiguration, Path
from maintainer.model.duration import duration
from maintainer.model.report import Json

STARTED = timedelta(minutes=1)
"""The time after which the jobs of a configuration that was loaded run: it takes some seconds."""
ALL_POOLS = (3, 9)
"""From this version of Prometheus on (seen), a job runs from the beginning, also if its discovery finds nothing."""

_HIDDEN = ("<secret>", "<secret>\n")
_CREDENTIALS = re.compile(r"(?<=://)[^@/?#]*@")
_ZERO = frozenset(("false", "0", "0s", "0B", "no", "off"))
_FIELDS_OF_PATHS = ("_file", "files", "_dir", "_directory")
_EXPANDED = re.compile(r"\$\{?\w+")
_NUMBERS = re.compile(r"v?(\d{1,4})\.(\d{1,4})")
_BLANKS = re.compile(r"\s+")
_OF_RULE: Mapping[str, str] = {"duration": "for", "keepFiringFor": "keep_firing_for"}
_SIZES = re.compile(r"(?<=[KMGTPE])iB")


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A part of what was deployed that a server has not loaded; ``loaded`` is ``None`` if it has nothing there.

    ``server`` is the server's name. ``idle``: a scrape job that is loaded, and that does not run.
    """

    server: str
    path: Path
    desired: Json
    loaded: Json
    idle: bool = False

    @property
    def place(self) -> str:
        """The path as a text."""
        return "/".join(map(str, self.path))


def config_not_loaded(config: Content, server: LoadedConfiguration) -> Iterator[NotLoaded]:
    """What a server lacks of a Prometheus configuration; nothing where its own could not be read."""
    loaded = document("loaded.yml", server.config) if server.config is not None else None
    if isinstance(loaded, Mapping):
        yield from _contained(_as_loaded(config), loaded, server=server.name)
        yield from _of_runtime(config, server)


def pools_not_running(config: Content, server: LoadedConfiguration, now: datetime) -> Iterator[NotLoaded]:
    """Scrape jobs that a server has in its configuration and does not run, such as one whose certificate is missing.

    It reports such a reload as a success. Nothing is said of a server that has just loaded its configuration, and
    of jobs that older servers begin once their discovery has found something.
    """
    if server.config is None or server.pools is None or (server.loaded_at and now - server.loaded_at < STARTED):
        return
    loaded = document("loaded.yml", server.config)
    known = {job.get("job_name") for job in mappings(loaded.get("scrape_configs"))} if isinstance(loaded, dict) else ()
    early = _version(server.version) >= ALL_POOLS
    for job in mappings(config.get("scrape_configs")):
        name = job.get("job_name")
        begins = early or any(group.get("targets") for group in mappings(job.get("static_configs")))
        if name in known and begins and name not in server.pools:
            yield NotLoaded(server.name, ("scrape_configs", f"job_name={name}"), plain(job), None, idle=True)


def _version(text: str) -> tuple[int, ...]:
    """The first two numbers of a version; () if there are none."""
    found = _NUMBERS.match(text)
    return (int(found[1]), int(found[2])) if found else ()


def rules_not_loaded(groups: Sequence[Content], server: LoadedConfiguration) -> Iterator[NotLoaded]:
    """What a server lacks of the rules; nothing where its own could not be read. Groups of a name are taken as one."""
    if server.rules is None:
        return
    loaded: dict[tuple[str, str, str], list[Content]] = {}
    for group in server.rules:
        for rule in mappings(group.get("rules")):
            asks = "alert" if rule.get("type") == "alerting" else "record"
            loaded.setdefault((str(group.get("name")), asks, str(rule.get("name"))), []).append(_as_written(rule, asks))
    for group in groups:
        for rule in _rules(group):
            yield from _of_rule(str(group.get("name")), rule, loaded=loaded, server=server.name)


def contained(part: Content, whole: Content) -> bool:
    """Whether a rule or a part of a configuration has nothing that another one lacks."""
    return not _contained(part, whole, server="")


def _of_runtime(config: Content, server: LoadedConfiguration) -> Iterator[NotLoaded]:
    """Retention that the configuration sets and the running server does not keep, as Prometheus 3.8 to 3.10 do."""
    path, node = ("storage", "tsdb", "retention"), config
    for step in path:
        inner = node.get(step)
        node = inner if isinstance(inner, Mapping) else {}
    kept = _SIZES.sub("B", server.retention or "").split(" or ")
    for name in ("time", "size") if server.retention else ():
        value = node.get(name)
        if isinstance(value, str) and value not in _ZERO and not any(same_value(value, part) for part in kept):
            yield NotLoaded(server.name, (*path, name), str(value), server.retention)


def retention_not_loaded(flags: Mapping[str, str], server: LoadedConfiguration) -> Iterator[NotLoaded]:
    """Flags of retention with which a server does not run; nothing where its own could not be read."""
    for name, value in flags.items() if server.flags is not None else ():
        there = (server.flags or {}).get(name)
        if there is None or not same_value(value, _SIZES.sub("B", there)):
            yield NotLoaded(server.name, (f"--{name}",), value, there)


def _rules(group: Content) -> list[Content]:
    """The rules of a group; none of what only looks like one, such as an alert of Grafana."""
    return [rule for rule in mappings(group.get("rules")) if "alert" in rule or "record" in rule]


def _of_rule(
    group: str, rule: Content, *, loaded: Mapping[tuple[str, str, str], list[Content]], server: str
) -> Iterator[NotLoaded]:
    """In what the loaded rule that is most like a deployed one differs from it."""
    asks = "alert" if "alert" in rule else "record"
    name = str(rule.get(asks))
    path = "groups", f"name={group}", "rules", f"{asks}={name}"
    candidates = loaded.get((group, asks, name), [])
    if not candidates:
        yield NotLoaded(server, plain_path(path), plain(rule), None)
        return
    yield from min((_contained(rule, candidate, server=server, path=path) for candidate in candidates), key=len)


def _as_written(rule: Content, asks: str) -> Content:
    """A loaded rule in the words of a rule file."""
    written = {asks: rule.get("name"), "expr": rule.get("query")}
    for shown, name in _OF_RULE.items():
        seconds = rule.get(shown)
        if isinstance(seconds, (int, float)):
            written[name] = duration(float(seconds))
    return {**written, **{name: rule[name] for name in ("labels", "annotations") if name in rule}}


def _as_loaded(config: Content) -> Content:
    """A configuration as Prometheus shows it: it moves ``bearer_token`` to ``authorization``."""
    jobs = config.get("scrape_configs")
    return {**config, "scrape_configs": [_with_authorization(job) for job in mappings(jobs)]} if jobs else config


def _with_authorization(job: Content) -> Content:
    token, file = job.get("bearer_token"), job.get("bearer_token_file")
    if not (token or file):
        return job
    credentials = {"credentials": token} if token else {"credentials_file": file}
    kept = {name: value for name, value in job.items() if not name.startswith("bearer_token")}
    return {**kept, "authorization": credentials}


def _same(path: Path, desired: Json, loaded: Json) -> bool:
    desired = str(desired) if isinstance(desired, (int, float)) and not isinstance(desired, bool) else desired
    if loaded in _HIDDEN or same_text(path, desired, loaded):
        return True
    if not (isinstance(desired, str) and isinstance(loaded, str)):
        return False
    if path[-1] == "expr":
        return _same_query(desired, loaded)
    # Prometheus replaces environment variables in external labels.
    if path[-1] == "action" or ("external_labels" in path and _EXPANDED.search(desired)):
        return path[-1] != "action" or desired.lower() == loaded.lower()
    of_path = any(str(step).endswith(_FIELDS_OF_PATHS) for step in path)
    joined = of_path and f"/{loaded}".endswith("/" + desired.removeprefix("./"))
    return joined or _CREDENTIALS.sub("", desired) == _CREDENTIALS.sub("", loaded)


def _same_query(desired: str, loaded: str) -> bool:
    """Whether two queries are the same; if the parser refuses one, whether the texts are but for blanks."""
    if None not in (canonical(desired), canonical(loaded)):
        return same_promql(desired, loaded)
    return _BLANKS.sub("", desired) == _BLANKS.sub("", loaded)


def _lacks(_steps: Steps, value: Json) -> bool:
    """Whether a field that Prometheus does not show is lacking: it leaves out what is empty or zero."""
    return not blank(value) and (isinstance(value, (Mapping, list)) or value not in _ZERO)


def _adds(_steps: Steps, _value: Json) -> bool:
    return False


def _contained(desired: Content, loaded: Content, *, server: str, path: Path = ()) -> list[NotLoaded]:
    """In what the loaded side falls short; jobs that only it has do not count."""
    found = differences(desired, loaded, how=_CONTAINED, at=Place(path))
    return [
        NotLoaded(server, plain_path(each.path), plain(each.desired, each.path[-1]), plain(each.live, each.path[-1]))
        for each in found
        if each.what != "extra"
    ]


_CONTAINED = Comparison(_same, _lacks, _adds)
