"""The past of Prometheus' storage: what is kept of each day, and what is known of all days."""

from datetime import timedelta
from functools import partial

from maintainer.analyse.storage.growth import KIND, as_data, joined
from maintainer.collect.storage.own_metrics import storage_today
from maintainer.jobs.context import JobContext
from maintainer.model.report import Measured
from maintainer.model.storage import StorageGrowth

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
