"""What Prometheus counts of its own notifications, for a comparison of two moments."""

from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import NotificationCounts

_STARTED = "process_start_time_seconds"
_ALERTMANAGERS = "prometheus_notifications_alertmanagers_discovered"
_DROPPED = "prometheus_notifications_dropped_total"
_ERRORS = "prometheus_notifications_errors_total"


def notification_counts(prometheus: Prometheus) -> NotificationCounts:
    """The counts as they are now. A page without them is a proxy's or another engine's: SourceUnavailable."""
    found = prometheus.own((_STARTED, _ALERTMANAGERS, _DROPPED, _ERRORS))
    if lacking := [name for name in (_STARTED, _ALERTMANAGERS) if name not in found]:
        raise SourceUnavailable("prometheus-no-metrics", permanent=True, url=prometheus.url, names=", ".join(lacking))
    return NotificationCounts(
        started=found[_STARTED],
        alertmanagers=found[_ALERTMANAGERS],
        dropped=found.get(_DROPPED, 0.0),
        errors=found.get(_ERRORS, 0.0),
    )
