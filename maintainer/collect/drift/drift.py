"""The layers of drift: what was deployed, what the cluster stores of it, and what Prometheus and Grafana have of it."""

from maintainer.collect.drift.deployed import Wanted, deployed
from maintainer.collect.drift.grafana_copy import dashboard_copies
from maintainer.collect.drift.loaded import loaded_configurations
from maintainer.collect.drift.stored import stored_objects
from maintainer.collect.sources import Sources
from maintainer.model.drift import DriftFacts


def drift_facts(sources: Sources, wanted: Wanted) -> DriftFacts:
    """All that can be read of the three layers, and why the rest cannot."""
    found = deployed(sources, wanted)
    ids = (each.id for each in found.objects)
    stored, why_not_stored = stored_objects(sources, sources.cluster, ids) if sources.cluster else ({}, ())
    loaded, why_not_loaded = loaded_configurations(sources)
    copies, why_no_copies = dashboard_copies(sources, found.objects)
    unavailable = (*sources.unavailable, *why_not_stored, *why_not_loaded, *why_no_copies)
    return DriftFacts(found, stored, loaded, unavailable, copies)
