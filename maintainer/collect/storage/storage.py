"""All that is read about the storage of a Prometheus. What cannot be read does not cost the rest."""

from dataclasses import replace
from functools import partial

from maintainer.clients import storage as client
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.drift.deployed import Wanted, deployed
from maintainer.collect.sources import SourceReader, Sources
from maintainer.collect.storage.own_metrics import (
    own_target,
    scraped_metrics,
    storage_growth,
    storage_history,
    storage_metrics,
)
from maintainer.collect.storage.server import file_retention, server_settings
from maintainer.collect.storage.volume import volume
from maintainer.model.facts import Labels, Unavailable
from maintainer.model.storage import StorageFacts, StorageMetrics

STORING = ("limits", "config", "own-metrics", "own-series", "own-past", "blocks")
"""The facts that only a server with a storage of its own has."""


def storage_facts(sources: Sources, wanted: Wanted, *, disk_size: int) -> StorageFacts:
    """The facts about the Prometheus that is asked; ``disk_size`` is its volume by the settings in bytes, 0 if none.

    ``wanted`` is where it is read what was deployed.
    """
    found = deployed(sources, wanted)
    facts = StorageFacts(deployed=found.objects)
    prometheus = sources.prometheus
    if prometheus is None:
        lost = tuple(why for why in sources.unavailable if why.source == "prometheus")
        return replace(facts, unavailable=(*lost, *found.unavailable))
    read = SourceReader(sources.guard)
    read("limits", prometheus.recognise)
    server = read("limits", partial(server_settings, prometheus))
    if server is None:
        why = read.unavailable[-1]
        stored = (*read.unavailable, *(replace(why, source=fact) for fact in STORING), replace(why, source="disk"))
        return replace(facts, unavailable=tuple(dict.fromkeys((*stored, *found.unavailable))))
    facts = replace(
        facts,
        server=server,
        file=read("config", partial(file_retention, prometheus)),
        blocks=read("blocks", partial(client.blocks, prometheus)),
    )
    facts, why_not = _with_metrics(sources, prometheus, facts)
    started = facts.metrics.started if facts.metrics else None
    disk, no_disk = volume(sources, prometheus, disk_size=disk_size, started=started)
    unavailable = (*read.unavailable, *why_not, *no_disk, *found.unavailable)
    return replace(facts, volume=disk, unavailable=tuple(dict.fromkeys(unavailable)))


def _with_metrics(
    sources: Sources, prometheus: Prometheus, facts: StorageFacts
) -> tuple[StorageFacts, tuple[Unavailable, ...]]:
    """With the server's own metrics: from its page, and where that cannot be read, from its scrape of itself."""
    read = SourceReader(sources.guard)
    metrics, no_page = sources.attempt("own-metrics", partial(storage_metrics, prometheus))
    target, no_target = sources.attempt("own-series", partial(own_target, prometheus, metrics))
    if no_target:
        return replace(facts, metrics=metrics), (*no_page, *no_target)
    if target is None:
        return replace(facts, metrics=metrics, self_scraped=False), no_page
    if metrics is None:
        metrics = _scraped(read, prometheus, target)
        no_page = () if metrics else no_page
    history = read("own-series", partial(storage_history, prometheus, target))
    growth = read("own-past", partial(storage_growth, prometheus, target, prometheus.time())) if history else None
    facts = replace(facts, metrics=metrics, history=history, growth=growth, self_scraped=True)
    return facts, (*no_page, *read.unavailable)


def _scraped(read: SourceReader, prometheus: Prometheus, target: Labels) -> StorageMetrics | None:
    return read("own-metrics", partial(scraped_metrics, prometheus, target))
