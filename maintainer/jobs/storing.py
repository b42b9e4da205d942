"""What the jobs read of Prometheus' storage: its past, of which each day is kept, and its series."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from maintainer.analyse.promql.readers import readers
from maintainer.analyse.storage.cardinality import CardinalityReview
from maintainer.analyse.storage.growth import KIND, as_data, joined
from maintainer.analyse.storage.review import StorageReview
from maintainer.collect.queries.loaded import loaded_queries
from maintainer.collect.storage.cardinality import cardinality_facts
from maintainer.collect.storage.own_metrics import storage_today
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.model.report import Measured
from maintainer.model.storage import StorageGrowth
from maintainer.settings import Settings

PAST = timedelta(days=184)
"""How far back the sizes of days are read from the archive."""


def stored_today(context: JobContext) -> tuple[Measured, ...]:
    """The storage as it is, for the archive; nothing if it cannot be read, or is that of another engine."""
    prometheus = context.sources.prometheus
    if prometheus is None:
        return ()
    found, _ = context.sources.attempt("own-metrics", partial(storage_today, prometheus))
    data = as_data(*found) if found else {}
    return (Measured(KIND, context.now, data),) if data else ()


def stored_since(context: JobContext, growth: StorageGrowth | None) -> StorageGrowth:
    """What Prometheus knows of its past, and what the archive has of the days before."""
    archived, _ = context.sources.attempt("archive", partial(context.archived, KIND, context.now - PAST))
    return joined(growth, archived or ())


def cardinality_review(settings: Settings, context: JobContext, review: StorageReview) -> CardinalityReview:
    """The series of the controller, who reads them, and the series of the whole server."""
    controller, head, unread = cardinality_facts(context.sources)
    loaded = loaded_queries(context.sources, arguments.expected_dashboards(settings))
    if controller:
        names = [metric.name for metric in controller.metrics]
        known = loaded.rules is not None and loaded.dashboards is not None and not loaded.unread
        found = readers(loaded.queries, names, target=dict(controller.target)) if known else None
        controller = replace(controller, readers=found)
    return CardinalityReview(
        controller,
        head,
        review.access,
        sample=review.sample_bytes,
        kept=review.window,
        unavailable=(*unread, *loaded.unread),
    )
