"""What a job is given besides its settings."""

from dataclasses import dataclass
from datetime import datetime

from maintainer.collect.sources import Sources
from maintainer.model.clock import Clock
from maintainer.model.report import Period


@dataclass(frozen=True, slots=True)
class JobContext:
    """The sources that were reached, the time, and the calendar's period."""

    sources: Sources
    clock: Clock
    now: datetime
    period: Period
    version: str
