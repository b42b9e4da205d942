"""Who is harmed by a finding: what to do first follows from it."""

from collections.abc import Mapping
from typing import Literal, get_args

from maintainer.render.document import Document

Harm = Literal["paging", "alerts", "panels", "rest"]
"""Nobody is paged; alerts that cannot be relied on; panels that lie; the rest."""

HARMS: tuple[Harm, ...] = get_args(Harm)
"""The worst first."""

HARM_OF: Mapping[str, Harm] = {
    "alert/dead": "paging",
    "alert/unpaged": "paging",
    "pipeline/alertmanager": "paging",
    "pipeline/emitter": "paging",
    "pipeline/endpoints": "paging",
    "pipeline/rbac": "paging",
    "pipeline/scrape": "paging",
    "pipeline/selected": "paging",
    "pipeline/service": "paging",
    "pipeline/target": "paging",
    "alert/chronic": "alerts",
    "alert/duplicate": "alerts",
    "alert/flapping": "alerts",
    "alert/precision": "alerts",
    "alert/repeating": "alerts",
    "alert/storm": "alerts",
    "alert/transient": "alerts",
    "alert/tuning": "alerts",
    "alert/unreachable": "alerts",
    "coverage/missing": "alerts",
    "drift/changed": "alerts",
    "drift/foreign-owner": "alerts",
    "drift/missing": "alerts",
    "drift/not-loaded": "alerts",
    "pipeline/reload": "alerts",
    "retention/configured": "rest",
    "retention/effective": "panels",
    "retention/history": "panels",
    "cardinality/churn": "panels",
    "cardinality/top": "panels",
    "storage/forecast": "alerts",
    "storage/headroom": "alerts",
    "storage/size-cap": "panels",
    "storage/wal": "panels",
    "pipeline/rules-loaded": "alerts",
    "accuracy/meaning": "panels",
    "accuracy/phase": "panels",
    "accuracy/replicas": "panels",
    "accuracy/strategy": "panels",
    "coverage/duplicate": "panels",
    "coverage/ghost": "panels",
    "label/namespace": "panels",
    "panel/value": "panels",
    "pipeline/dashboard": "panels",
    "query/always-true": "panels",
    "query/dead-selector": "panels",
    "query/error": "panels",
    "query/no-data": "panels",
    "query/unknown-label": "panels",
    "query/unknown-metric": "panels",
    "alert/cascading": "rest",
    "alert/near-miss": "rest",
    "alert/restart-artefact": "rest",
    "alert/window-tail": "rest",
    "controller/stale-cache": "rest",
    "alert/history": "rest",
    "coverage/unwatched": "rest",
    "drift/extra": "rest",
    "drift/release": "rest",
    "pipeline/version": "rest",
    "query/deprecated": "rest",
    "query/not-checked": "rest",
}
"""By check; what is about panels is about alerts where an alert, or a rule that alerts read, is its subject."""


def harm(finding: Document) -> Harm:
    """Who is harmed by a finding of a document; ``rest`` for a check that only another version knows."""
    of_check = HARM_OF.get(finding["check"], "rest")
    is_rule = any(subject["kind"] in {"alert", "record"} for subject in finding["subjects"])
    return "alerts" if of_check == "panels" and is_rule else of_check
