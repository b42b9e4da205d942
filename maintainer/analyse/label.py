"""Which label holds the Rollout's namespace."""

from collections.abc import Iterator

from maintainer.analyse.brackets import Judged
from maintainer.analyse.commands import Reach
from maintainer.model.contract import INFO
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject


def label_namespace(judged: Judged, reach: Reach) -> Iterator[Finding]:
    """A target's own label ``namespace`` has pushed the Rollout's into ``exported_namespace``.

    Whoever selects, groups or joins by ``namespace`` then sees one namespace only, the controller's.
    """
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
