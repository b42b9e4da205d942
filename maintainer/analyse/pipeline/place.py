"""Whether the controller is in the namespace where it is looked for; elsewhere, nothing of it can be checked."""

from collections.abc import Iterator

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message, message
from maintainer.model.pipeline import FoundController

_BY = {
    "pods": message("gap/controller-by.pods"),
    "target": message("gap/controller-by.target"),
    "lease": message("gap/controller-by.lease"),
}


def not_in_its_place(pipeline: Pipeline) -> Iterator[Unavailable]:
    """That the controller is not there, although there is one: where, and which setting to set.

    Without metrics and without another controller it is not there at all, which is a finding of pipeline/service.
    """
    first, last, elsewhere = pipeline.facts.first, pipeline.facts.last, pipeline.facts.elsewhere
    absent, places = first.absent and last.absent, tuple(map(_place, elsewhere))
    namespace, service = pipeline.scope.controller_namespace, pipeline.scope.service
    if absent and places:
        reason = message("gap/controller-elsewhere", namespace=namespace, service=service, places=places)
    elif absent and not pipeline.broken:
        reason = message("gap/controller-nowhere", namespace=namespace, service=service)
    elif places and last.only_others(pipeline.scope.instance_id):
        own = pipeline.scope.instance_id or '""'
        reason = message("gap/controller-other-id", namespace=namespace, id=own, places=places)
    else:
        return
    yield Unavailable("placed-controller", reason, permanent=True)


def _place(found: FoundController) -> Message:
    return message("gap/controller-place", namespace=found.namespace, by=tuple(_BY[what] for what in found.by))
