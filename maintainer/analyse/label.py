"""Which label holds the Rollout's namespace."""

from collections.abc import Iterator, Sequence

from maintainer.analyse.asking import Question
from maintainer.analyse.brackets import Judged
from maintainer.analyse.commands import Reach
from maintainer.model.contract import INFO
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject


def label_namespace(judged: Judged, asked: Sequence[Question], reach: Reach) -> Iterator[Finding]:
    """A target's own label ``namespace`` has pushed the Rollout's into ``exported_namespace``.

    Whoever selects, groups or joins by ``namespace`` then sees one namespace only, the controller's.
    """
    yield from _queries([one for one in asked if one.pushed], reach)
    for reading in judged.readings:
        if not reading.renamed:
            continue
        name = target_name(dict(reading.target))
        yield Finding(
            check="label/namespace",
            severity="warning",
            subjects=(Subject("Target", "", name),),
            cause="exported",
            summary=message(
                "label/namespace/exported.summary",
                count=len(reading.series),
                target=name,
                namespace=reading.namespace_label or '""',
            ),
            action=message("label/namespace/exported.action"),
            evidence={"target": dict(reading.target), "namespace": reading.namespace_label},
            reproduce=reach.ask("query", query=f"count by (namespace, exported_namespace) ({reach.selector(INFO)})"),
        )


def _queries(asked: Sequence[Question], reach: Reach) -> Iterator[Finding]:
    """The queries that are misled by it."""
    if not asked:
        return
    subjects = tuple(dict.fromkeys(Subject(one.query.asks, "", one.query.name) for one in asked))
    yield Finding(
        check="label/namespace",
        severity="error",
        subjects=subjects,
        cause="queries",
        summary=message(
            "label/namespace/queries.summary",
            count=len(subjects),
            name=asked[0].query.name,
            namespace=asked[0].pushed[0] or '""',
        ),
        action=message("label/namespace/exported.action"),
        evidence={"queries": [{"name": one.query.name, "query": str(one.query.text)} for one in asked]},
        reproduce=reach.ask("query", query=f"count by (namespace) ({reach.selector(INFO)})"),
    )
