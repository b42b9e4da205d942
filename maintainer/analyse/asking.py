"""What has to be asked of Prometheus to know whether the queries of rules and dashboards are answered, and rightly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from maintainer.analyse.panels import Count, countable
from maintainer.analyse.promql.judge import Known
from maintainer.analyse.promql.possible import Series, passes
from maintainer.analyse.promql.reading import Reading, read
from maintainer.analyse.promql.recorded import follow
from maintainer.analyse.promql.strings import quoted
from maintainer.analyse.promql.tokens import Matcher, Selector
from maintainer.analyse.promql.variables import VARIABLE, label_asked
from maintainer.analyse.scene import Scene
from maintainer.analyse.selectors import SEVERITY
from maintainer.model.asked import Plan
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.message import Message, message
from maintainer.model.queries import Query, Remark
from maintainer.model.written import Edit, spliced

MOST = 200
"""Queries that one run asks of a kind; nobody has as many about Rollouts, and Prometheus is not to be hurt."""

_OF_ROLLOUTS = frozenset((INFO, *GAUGES, "rollout_phase"))
_IDENTITY: Mapping[str, int] = {"namespace": 0, "name": 1}


@dataclass(frozen=True, slots=True)
class Question:
    """A query about the controller's metrics, and what has to be asked to judge it.

    ``selectors`` are those that should match something now. ``run`` is the query with its variables filled in; "" where
    it is not run, ``why_not`` says why if somebody should know. ``count`` is what its number is made of. ``pushed`` are
    the namespaces of controllers that are all that it sees (``label/namespace``).
    """

    query: Query
    selectors: tuple[str, ...] = ()
    run: str = ""
    why_not: Message | None = None
    count: Count | None = None
    pushed: tuple[str, ...] = ()


def questions(queries: Sequence[Query], scene: Scene, remarks: Sequence[Remark]) -> tuple[Question, ...]:
    """A question for each query that is our business.

    One that can never match is not asked at all, and nothing is expected of one with which something else is wrong.
    """
    known = follow(queries, scene.version)
    dead = {remark.query for remark in remarks if remark.means.id.startswith("query/means.never")}
    wrong = {remark.query for remark in remarks if SEVERITY[remark.check] == "error"}
    read_before: dict[str, Reading | None] = {}
    found: list[Question] = []
    for query in queries:
        if query.text not in read_before:
            read_before[query.text] = read(query.text, known)
        if reading := read_before[query.text]:
            question = _question(query, reading, known, scene=scene) if query not in dead else Question(query)
            found.append(replace(question, selectors=(), count=None) if query in wrong else question)
    return tuple(found)


def plan(asked: Sequence[Question], scene: Scene) -> Plan:
    """What to ask, each thing once, and no more of a kind than :data:`MOST`."""
    selectors = tuple(dict.fromkeys(selector for one in asked for selector in one.selectors))
    runs = tuple(dict.fromkeys(one.run for one in asked if one.run))
    counts = tuple(dict.fromkeys(one.count.grouped for one in asked if one.count))
    dropped = sum(max(0, len(each) - MOST) for each in (selectors, runs, counts))
    return Plan(scene.at, selectors[:MOST], runs[:MOST], counts[:MOST], dropped)


def _question(query: Query, reading: Reading, known: Known, *, scene: Scene) -> Question:
    if reading.tree is None or not scene.at:
        return Question(query)
    if pushed := tuple(namespace for namespace in scene.pushed if _sees_only(reading, known, namespace)):
        return Question(query, pushed=pushed)
    selectors = tuple(_should_match(reading, known, scene))
    if query.asks not in {"panel", "annotation"}:
        return Question(query, selectors)
    run, why_not = _filled(reading, scene.example)
    count = countable(reading, scene) if query.asks == "panel" else None
    return Question(query, selectors, run, why_not, count)


def _sees_only(reading: Reading, known: Known, namespace: str) -> bool:
    """Whether the query tells Rollouts apart by ``namespace`` where that is only ever the controller's."""
    asked = label_asked(reading.text)
    if asked and asked[0] == "namespace" and _ours(reading):
        return True
    for selector in _ours(reading):
        series = _series(selector, known)
        for matcher in selector.alternatives[0] if series and "namespace" in series.labels else ():
            lets = passes(matcher) if matcher.label == "namespace" else None
            if matcher.label == "namespace" and (matcher.variable or (lets and not lets(namespace))):
                return True
    grouped = any(label == "namespace" for one in reading.found.groupings for label, _ in one.labels)
    return grouped and any((one := _series(each, known)) and "namespace" in one.labels for each in _ours(reading))


def _lets(matcher: Matcher, value: str) -> bool:
    lets = passes(matcher)
    return lets is not None and lets(value)


def _should_match(reading: Reading, known: Known, scene: Scene) -> Iterator[str]:
    """The selectors that match something now unless they ask for what the targets do not have.

    Whether there is a Rollout in some state nobody can expect, so matchers on the controller's own labels are left out;
    those on namespace and name stay where a Rollout that was compared fits them. A family that is absent until
    something happens is never expected.
    """
    for selector in _ours(reading):
        series = _series(selector, known)
        if series is None or series.family is None or series.family.name not in _OF_ROLLOUTS:
            continue
        if len(selector.alternatives) > 1:
            continue
        kept, identity = _kept(selector, series, scene)
        if kept and any(all(_lets(one, key[part]) for one, part in identity) for key in scene.keys):
            yield f"{series.name}{{{','.join(reading.text[slice(*one.at)] for one in kept)}}}"


def _kept(selector: Selector, series: Series, scene: Scene) -> tuple[list[Matcher], list[tuple[Matcher, int]]]:
    """The matchers that say which target or which Rollout, and of the latter which part of its key they look at."""
    kept: list[Matcher] = []
    identity: list[tuple[Matcher, int]] = []
    for one in selector.alternatives[0]:
        part = _IDENTITY.get("namespace" if one.label == scene.namespace_label else one.label)
        own = one.label.removeprefix("exported_") in series.labels
        if one.variable or (part is None and (own or scene.elsewhere(one.label))):
            continue
        kept.append(one)
        if part is not None:
            identity.append((one, part))
    return kept, identity


def _filled(reading: Reading, example: Mapping[str, str]) -> tuple[str, Message | None]:
    """The query with its variables filled in by one Rollout's labels, so that it asks what a reader may choose."""
    edits: list[Edit] = []
    inside: set[int] = set()
    for selector in reading.found.selectors:
        for one in (each for group in selector.alternatives for each in group if each.variable):
            start, end = one.value_at
            inside.update(range(start, end))
            value = "" if one.negative else example.get(one.label)
            if value is None:
                return "", _no_value(reading.text[start:end])
            edits.append(Edit(start, end, quoted(value, '"')))
    for variable in VARIABLE.finditer(reading.text):
        if variable.start() not in inside and reading.replaced[variable.start()] == "v":
            return "", _no_value(variable[0])
    return spliced(reading.replaced, edits), None


def _no_value(variable: str) -> Message:
    return message("query/not-checked.variable", variable=variable.strip("\"'`"))


def _ours(reading: Reading) -> list[Selector]:
    """The selectors of the controller's metrics that can match."""
    pairs = zip(reading.found.selectors, reading.judged, strict=True)
    return [one for one, wrong in pairs if wrong is not None and all(fault.effect != "never" for fault in wrong)]


def _series(selector: Selector, known: Known) -> Series | None:
    return known.series(selector.names[0]) if len(selector.names) == 1 else None
