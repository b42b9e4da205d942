"""What speaks Prometheus' API without being Prometheus: how it is recognised, and what it does differently."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Engine:
    """A server of Prometheus' API. ``name`` is for a reader; ``evaluates``: it evaluates rules by itself.

    ``pending`` are the seconds for which samples may be in the server and not yet in its answers.
    """

    name: str
    evaluates: bool = True
    pending: float = 0.0


PROMETHEUS = Engine("Prometheus")
# It adds new rows to what it searches every two seconds, each part of them at another moment.
VICTORIA_METRICS = Engine("VictoriaMetrics", evaluates=False, pending=3.0)
VMALERT = Engine("vmalert")

NOW: Mapping[str, str] = {"nocache": "1"}
"""Parameters of a query that is about the very time at which, or for which, it is asked.

Without them, VictoriaMetrics answers a query about the last half minute as of the beginning of that half minute. Other
engines ignore them.
"""

REFUSALS = frozenset({"bad_data", "execution", "400", "422"})
"""The types of error of a server that understood a request and refuses the query in it.

VictoriaMetrics gives the HTTP status as the type.
"""

_OF_VMALERT = re.compile(r"^vmalert_config_last_reload", re.MULTILINE)
_REQUEST = re.compile(r'^remoteAddr: "[^"]*"; requestURI: \S*; ')


def engine_of(time_type: str, build: Mapping[str, Any]) -> Engine:
    """The engine, by the type of its result for ``time()`` and by its ``/api/v1/status/buildinfo``.

    In MetricsQL a scalar is a vector. VictoriaMetrics names the version of Prometheus that it imitates, nothing else.
    """
    return VICTORIA_METRICS if time_type == "vector" and build.keys() <= {"version"} else PROMETHEUS


def engine_of_metrics(page: str) -> Engine | None:
    """The engine that answers no queries, by its own ``/metrics``; ``None`` for the page of any other server."""
    return VMALERT if _OF_VMALERT.search(page) else None


def without_request(said: str) -> str:
    """An error text without the description of the request, in which the port is another one every time."""
    return _REQUEST.sub("", said)
