"""Harvested days for tests."""

from random import Random

from maintainer.model.alert_archive import BEFORE, HarvestedDay, measured
from maintainer.model.alerts import DAY, HOUR, MINUTE, AlertRule, Episode, HourCoverage, Run
from maintainer.model.ledger import ArchiveLine
from maintainer.model.outcomes import CounterIncrease, Outcomes, PhaseRun, RevisionChange, ShortRun

START = 1_790_780_400_000
"""Midnight of 2026-10-01 in Seoul."""

RULE = AlertRule("RolloutStuck", "argo-rollouts", "r.yml", 'rollout_info{phase="Progressing"} == 1', 900_000, 0, 30_000)
WEB = (("name", "web"), ("namespace", "shop"))


def day(number: int = 0, **pieces: object) -> HarvestedDay:
    """The day with this number, from :data:`START`; every hour of it was covered."""
    start = START + number * DAY
    covered = tuple(HourCoverage(start + hour * HOUR, 1.0) for hour in range(-1, 24))
    return HarvestedDay(start, start + DAY, **{"rules": (RULE,), "coverage": covered, **pieces})  # type: ignore[arg-type]  # each by its name


def lines(*days: HarvestedDay, cluster: str = "production") -> tuple[ArchiveLine, ...]:
    """The lines of the archive for the days."""
    return tuple(ArchiveLine(cluster, one.kind, one.at, one.data) for each in days for one in measured(each))


def episode(active: int, last: int, *, fired: int | None = None, labels: tuple[tuple[str, str], ...] = WEB) -> Episode:
    """An episode of :data:`RULE` that ended by itself."""
    return Episode(
        rule=RULE.version,
        alert=RULE.name,
        labels=labels,
        active_at=active,
        fired_at=fired,
        last=last,
        resolved_at=last + RULE.interval,
        end="resolved",
        runs=(Run(active, last),),
    )


def busy_outcomes(start: int, *, rollouts: int, deployments: int, seed: int) -> Outcomes:
    """What a day of canary deployments leaves in scrapes every 30 seconds: five phases, and a time with fewer pods."""
    random = Random(seed)
    scrape = random.randrange(30_000)
    phases, increases, short, revisions = [], [], [], []
    for rollout in range(rollouts):
        subject = (f"team-{rollout % 20:02}", f"service-{rollout:03}")
        for deployment in range(deployments):
            span = DAY // deployments
            at = start - BEFORE + scrape + 30_000 * ((deployment * span + random.randrange(span - 2 * HOUR)) // 30_000)
            revisions.append(RevisionChange(subject, at - at % MINUTE))
            increases.append(CounterIncrease(subject, "RolloutUpdated", at - at % MINUTE, 1))
            for phase in ("Progressing", "Paused", "Progressing", "Paused", "Progressing"):
                last = at + 30_000 * random.randrange(1, 40)
                phases.append(PhaseRun(subject, phase, at, last))
                if phase == "Paused":
                    increases.append(CounterIncrease(subject, "RolloutPaused", at - at % MINUTE, 1))
                at = last + 30_000
            begin = at - at % MINUTE
            short.append(ShortRun(subject, begin - MINUTE * random.randrange(1, 9), begin, 10, random.randrange(7, 10)))
            event = "RolloutAborted" if random.random() < 0.1 else "RolloutCompleted"
            increases.append(CounterIncrease(subject, event, begin, 1))
    return Outcomes(tuple(phases), tuple(increases), tuple(short), tuple(revisions))
