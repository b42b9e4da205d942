"""Rules that the cluster stores for Prometheus and that Prometheus does not evaluate."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from maintainer.analyse.pipeline.pipeline import Pipeline, about_rollouts
from maintainer.model.message import message
from maintainer.model.pipeline import StoredRules
from maintainer.model.queries import LoadedRule
from maintainer.model.report import Finding, Gap, Subject

CHECK = "pipeline/rules-loaded"
SETTLED = timedelta(minutes=10)
"""A mount takes two minutes to follow its ConfigMap, and whoever reloads may take three more."""


def pipeline_rules_loaded(pipeline: Pipeline) -> Iterator[Finding]:
    """Rules about Rollouts that are stored and not loaded, or no alert about Rollouts at all."""
    stored, loaded = pipeline.facts.stored, pipeline.rules
    if loaded is None:
        return
    lacking = [
        (one, name)
        for one in stored
        if not _fresh(one, pipeline.now)
        for name in _lacking(one, stored=stored, loaded=loaded)
    ]
    if lacking:
        yield _not_loaded(lacking, pipeline)
        return
    asked = about_rollouts(loaded, [rule.query for rule in loaded])
    young = any(_lacking(one, stored=stored, loaded=loaded) for one in stored)
    if not young and not any(query.asks == "alert" for query in asked):
        yield _none(pipeline)


def pipeline_rules_loaded_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """What was stored too short a time ago to be loaded by now."""
    stored, loaded, now = pipeline.facts.stored, pipeline.rules, pipeline.now
    for one in stored if loaded is not None else ():
        if _fresh(one, now) and _lacking(one, stored=stored, loaded=loaded or ()):
            name = f"{one.kind}/{one.namespace}/{one.name}"
            minutes = round(SETTLED.total_seconds() / 60)
            yield Gap(CHECK, "passing", message("gap/fresh-rules", object=name, minutes=minutes))


def _fresh(one: StoredRules, now: datetime) -> bool:
    return one.changed is not None and now - one.changed < SETTLED


def _lacking(one: StoredRules, *, stored: Sequence[StoredRules], loaded: Sequence[LoadedRule]) -> list[tuple[str, str]]:
    """Kind and name of the object's rules about Rollouts that are not loaded."""
    there = {(rule.query.asks, rule.query.name) for rule in loaded}
    beside = [query for other in stored for query in other.queries if query.asks == "record"]
    mine = {(query.asks, query.name) for query in one.queries if (query.asks, query.name) not in there}
    relevant = (
        {(query.asks, query.name) for query in about_rollouts(loaded, [*one.queries, *beside])} if mine else set()
    )
    return sorted(mine & relevant)


def _not_loaded(lacking: Sequence[tuple[StoredRules, tuple[str, str]]], pipeline: Pipeline) -> Finding:
    subjects = tuple(dict.fromkeys(Subject(asks, "", name) for _, (asks, name) in lacking))
    first, (_, name) = lacking[0]
    where = f"{first.kind} {first.namespace}/{first.name}"
    return Finding(
        check=CHECK,
        severity="error",
        subjects=subjects,
        cause="not-loaded",
        summary=message(f"{CHECK}/not-loaded.summary", count=len(subjects), rule=name, object=where),
        action=message(f"{CHECK}/not-loaded.action"),
        evidence={
            "rules": [
                {"kind": asks, "rule": name, "stored": f"{one.kind} {one.namespace}/{one.name}"}
                for one, (asks, name) in lacking
            ]
        },
        reproduce=pipeline.access.ask("rules"),
    )


def _none(pipeline: Pipeline) -> Finding:
    return Finding(
        check=CHECK,
        severity="warning",
        subjects=(Subject("Prometheus", "", "rules"),),
        cause="none",
        summary=message(f"{CHECK}/none.summary"),
        action=message(f"{CHECK}/none.action"),
        evidence={"loaded": len(pipeline.rules or ())},
        reproduce=pipeline.access.ask("rules"),
    )
