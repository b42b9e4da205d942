"""The check for rules that the cluster stores for Prometheus and that Prometheus has not loaded."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from shlex import quote

from maintainer.analyse.pipeline.pipeline import Pipeline, about_rollouts
from maintainer.model.message import message
from maintainer.model.pipeline import StoredRules
from maintainer.model.queries import LoadedRule
from maintainer.model.report import Finding, Gap, Subject, divisible

CHECK = "pipeline/rules-loaded"
SETTLED = timedelta(minutes=10)
"""The time after which stored rules must be loaded: a mounted ConfigMap takes two minutes, a reload up to three."""


def pipeline_rules_loaded(pipeline: Pipeline) -> Iterator[Finding]:
    """Rules about Rollouts that are stored and not loaded, or no alert about Rollouts at all.

    A Prometheus that is not the one of the cluster, or that leaves rules to its store, need not have any.
    """
    stored, loaded = pipeline.facts.stored, pipeline.rules
    if loaded is None:
        return
    missing = [(rules, rule) for rules in stored for rule in missing_rules(rules, stored=stored, loaded=loaded)]
    overdue = [(rules, rule) for rules, rule in missing if not _recent(rules, pipeline.now)]
    if overdue:
        yield divisible(overdue, partial(_not_loaded, pipeline=pipeline))
    elif not missing and not pipeline.rules_elsewhere and not pipeline.is_other:
        queries = about_rollouts(loaded, [rule.query for rule in loaded])
        if not any(query.asks == "alert" for query in queries):
            yield _no_alert(pipeline)


def pipeline_rules_loaded_gaps(pipeline: Pipeline) -> Iterator[Gap]:
    """Objects with rules that changed too recently to be loaded by now, and rules that another server may evaluate."""
    if elsewhere := pipeline.rules_elsewhere:
        yield Gap(CHECK, "permanent", elsewhere)
    stored, loaded, now = pipeline.facts.stored, pipeline.rules, pipeline.now
    for rules in stored if loaded is not None else ():
        if _recent(rules, now) and missing_rules(rules, stored=stored, loaded=loaded or ()):
            name = f"{rules.kind}/{rules.namespace}/{rules.name}"
            minutes = round(SETTLED.total_seconds() / 60)
            yield Gap(CHECK, "passing", message("gap/fresh-rules", object=name, minutes=minutes))


def _recent(rules: StoredRules, now: datetime) -> bool:
    return rules.changed is not None and now - rules.changed < SETTLED


def missing_rules(
    rules: StoredRules, *, stored: Sequence[StoredRules], loaded: Sequence[LoadedRule]
) -> list[tuple[str, str]]:
    """Kind ("alert" or "record") and name of the object's rules about Rollouts that are not loaded."""
    present = {(rule.query.asks, rule.query.name) for rule in loaded}
    missing = {(query.asks, query.name) for query in rules.queries} - present
    if not missing:
        return []
    records = [query for every in stored for query in every.queries if query.asks == "record"]
    relevant = {(query.asks, query.name) for query in about_rollouts(loaded, [*rules.queries, *records])}
    return sorted(missing & relevant)


def _not_loaded(missing: Sequence[tuple[StoredRules, tuple[str, str]]], *, pipeline: Pipeline) -> Finding:
    subjects = tuple(dict.fromkeys(Subject(kind, "", name) for _, (kind, name) in missing))
    first, (_, name) = missing[0]
    where = f"{first.kind} {first.namespace}/{first.name}"
    stored = pipeline.access.kubectl(
        f"-n {quote(first.namespace)} get {first.kind.lower()} {quote(first.name)} -o yaml"
    )
    return Finding(
        check=CHECK,
        severity="error",
        subjects=subjects,
        cause="not-loaded",
        summary=message(f"{CHECK}/not-loaded.summary", count=len(subjects), rule=name, object=where),
        action=message(f"{CHECK}/not-loaded.action"),
        evidence={
            "rules": [
                {"kind": kind, "rule": name, "stored": f"{rules.kind} {rules.namespace}/{rules.name}"}
                for rules, (kind, name) in missing
            ]
        },
        reproduce=f"{stored}\n{pipeline.access.evaluator.ask('rules')}",
    )


def _no_alert(pipeline: Pipeline) -> Finding:
    return Finding(
        check=CHECK,
        severity="warning",
        subjects=(Subject("Prometheus", "", "rules"),),
        cause="none",
        summary=message(f"{CHECK}/none.summary"),
        action=message(f"{CHECK}/none.action"),
        evidence={"loaded": len(pipeline.rules or ())},
        reproduce=pipeline.access.evaluator.ask("rules"),
    )
