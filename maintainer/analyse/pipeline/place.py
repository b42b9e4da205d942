"""Whether the controller is in the namespace where it is looked for; elsewhere, nothing of it can be checked."""

from collections.abc import Iterator

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.facts import Unavailable
from maintainer.model.message import message

_BY = {
    "pods": message("gap/controller-by.pods"),
    "target": message("gap/controller-by.target"),
    "lease": message("gap/controller-by.lease"),
}


def not_in_its_place(pipeline: Pipeline) -> Iterator[Unavailable]:
    """That there is no Service, no pod and no Lease, although there is a controller: where, and which setting to set.

    Without metrics and without another controller it is not there at all, which is a finding of pipeline/service.
    """
    first, last, elsewhere = pipeline.facts.first, pipeline.facts.last, pipeline.facts.elsewhere
    if not (first.absent and last.absent) or (pipeline.broken and not elsewhere):
        return
    namespace, service = pipeline.scope.controller_namespace, pipeline.scope.service
    if not elsewhere:
        reason = message("gap/controller-nowhere", namespace=namespace, service=service)
    else:
        places = tuple(
            message(
                "gap/controller-place",
                namespace=found.namespace,
                by=tuple(_BY[what] for what in found.by),
            )
            for found in elsewhere
        )
        reason = message("gap/controller-elsewhere", namespace=namespace, service=service, places=places)
    yield Unavailable("placed-controller", reason, permanent=True)
