"""The half-yearly review: what does Prometheus keep, for how long does its volume last, and what would more cost?"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from maintainer.analyse.checks import CARDINALITY_CHECKS, STORAGE_CHECKS, Check, gaps_of
from maintainer.analyse.cost import cost_figures
from maintainer.analyse.storage.cardinality import cardinality_sections
from maintainer.analyse.storage.forecast import forecast_area
from maintainer.analyse.storage.retention import kept_in_archive
from maintainer.analyse.storage.review import StorageReview, with_outlook
from maintainer.analyse.storage.sections import limits_table, option_sections, space_bars, storage_figures
from maintainer.collect.storage.storage import storage_facts
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.jobs.doctor import LOOKS_BACK
from maintainer.jobs.storing import cardinality_review, stored_since
from maintainer.model.alert_archive import KIND
from maintainer.model.report import Conclusion
from maintainer.settings import Settings

QUARTER: Mapping[str, float] = {"quarterly": 92 * 86400.0}
"""How far the review of a quarter's alerts looks back into Prometheus, unless the archive has them."""

_CHECKS: tuple[Check[Any], ...] = (*STORAGE_CHECKS, *CARDINALITY_CHECKS)


def semiannual(settings: Settings, context: JobContext) -> Conclusion:
    """Compare what Prometheus was told to keep with what it keeps, and say what other limits would keep and take."""
    disk_size = arguments.disk_size(settings)
    facts = storage_facts(context.sources, arguments.deployment(settings), disk_size=disk_size)
    harvested, unread = context.sources.attempt(
        "archive", partial(context.archived, f"{KIND}/episodes", context.now - timedelta(days=92))
    )
    days = [line.at for line in harvested or ()]
    kept = kept_in_archive(days, context.now, recorded=settings.store.record)
    review = StorageReview(
        facts,
        arguments.access(settings, context.sources),
        arguments.plans(settings),
        looks_back={**LOOKS_BACK, **({} if kept or unread else QUARTER)},
    )
    review = with_outlook(review, stored_since(context, facts.growth))
    cardinality = cardinality_review(settings, context, review)
    findings, of_checks = context.examine(STORAGE_CHECKS, review)
    of_series, series_gaps = context.examine(CARDINALITY_CHECKS, cardinality)
    lost = (*facts.unavailable, *unread, *cardinality.unavailable)
    return Conclusion(
        findings=(*findings, *of_series),
        gaps=(*gaps_of(lost, _CHECKS), *of_checks, *series_gaps),
        figures={**storage_figures(review), **cost_figures(context.sources.spent())},
        sections=context.sections(
            partial(forecast_area, review),
            partial(limits_table, review),
            partial(space_bars, review),
            partial(option_sections, review),
            partial(cardinality_sections, cardinality),
        ),
        checks=context.chosen & {check.id for check in _CHECKS},
    )
