"""The settings of a newcomer: looks around, and chooses what can be known."""

from dataclasses import replace
from functools import partial

from maintainer.analyse.first_settings import first_settings
from maintainer.clients.kube_settings import Contexts, contexts_of
from maintainer.collect.first_look import first_look
from maintainer.collect.sources import Sources
from maintainer.model.first_look import FirstSettings
from maintainer.settings import Settings


def init(settings: Settings, sources: Sources, *, kubeconfig: str, time_zone: str) -> FirstSettings:
    """The first settings for the cluster of the sources.

    ``kubeconfig`` are the paths by which it was found, "" in a pod. ``time_zone`` is that of this machine, "" if it is
    not known. ``settings`` are those of the environment and the options.
    """
    look = first_look(sources, settings.grafana.dashboards)
    # A kubeconfig that cannot be read is told where the cluster is opened.
    known, _ = sources.attempt("kubeconfig", partial(contexts_of, kubeconfig)) if kubeconfig else (None, ())
    contexts = known or Contexts()
    return first_settings(
        replace(
            look,
            kubeconfig=settings.cluster.kubeconfig,
            contexts=contexts.names,
            context=settings.cluster.context or contexts.current,
            prometheus_set=bool(settings.prometheus.url or settings.prometheus.service),
            time_zone=time_zone,
        )
    )
