"""A true history of some Rollouts, and the brackets in which an honest world shows it.

Times are whole ticks. A controller's cache lags behind the API by up to one scrape, for each Rollout by another time,
so a scrape may see half of a batch; a new leader's cache is as new as its leadership. Looking goes as the audit does:
list, wait for a scrape of every target that emits, read the range, list again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from hypothesis import strategies as st

from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, UNAVAILABLE, UPDATED
from maintainer.model.facts import Bracket, Condition, Key, Labels, Rollout, RolloutSeries, Scrape
from tests.analyse.builders import INVALID, A, B, progressing

INTERVAL, TIMEOUT, HANDOVER = 100, 40, 450
WINDOW = 2 * INTERVAL + TIMEOUT
LOOKBACK = 3_000
LONG_AGO, FAR_AHEAD = -10_000, 10**9


@dataclass(frozen=True)
class State:
    """What the API says of a Rollout, and the phase that the controller makes of it."""

    phase: str
    conditions: tuple[Condition, ...]
    metric: str
    message: str = ""
    strategy: str = "canary"
    desired: int = 1
    replicas: int = 1
    updated: int = 1
    available: int = 1

    @property
    def series(self) -> RolloutSeries:
        """What a controller emits that has this state in its cache."""
        gauges = {
            DESIRED: float(self.desired),
            UPDATED: float(self.updated),
            AVAILABLE: float(self.available),
            UNAVAILABLE: float(self.replicas - self.available),
        }
        return RolloutSeries(((self.strategy, self.metric),), gauges)

    def rollout(self, name: str, version: int) -> Rollout:
        """What the API lists."""
        return Rollout(
            namespace="shop",
            name=name,
            resource_version=str(version),
            strategy=self.strategy,
            desired=self.desired,
            replicas=self.replicas,
            updated=self.updated,
            available=self.available,
            phase=self.phase,
            message=self.message,
            conditions=self.conditions,
        )


DONE = State("Healthy", (progressing("NewReplicaSetAvailable"),), "Completed")
TRUTHS = (
    DONE,
    State("Progressing", (progressing("ReplicaSetUpdated"),), "Progressing", replicas=2, available=1),
    State("Paused", (progressing("RolloutPaused"),), "Paused", replicas=2, available=2),
    State("Degraded", (progressing("RolloutAborted"),), "Abort", "RolloutAborted: by hand", available=0),
    State(
        "Degraded", (progressing("ProgressDeadlineExceeded"),), "Timeout", "ProgressDeadlineExceeded: late", available=0
    ),
    State("Degraded", (INVALID, progressing("RolloutPaused")), "InvalidSpec", "InvalidSpec: no Service", replicas=0),
    State("", (), "Progressing", desired=3, replicas=0, updated=0, available=0),
    State("Healthy", (progressing("ReplicaSetUpdated"),), "Progressing", strategy="blueGreen", replicas=4, available=2),
    State("Healthy", (progressing("NewReplicaSetAvailable"),), "Completed", desired=5, replicas=5, available=5),
)
"""States in which nobody is misled."""


@dataclass(frozen=True)
class Event:
    """A write of one Rollout: its new state, or ``None`` where it is deleted."""

    at: int
    name: str
    state: State | None


@dataclass(frozen=True)
class Leader:
    """A target while its pod leads: it emits from ``start`` to before ``end``, of every ``shares``-th Rollout.

    From ``stuck`` on Prometheus does not get round to scraping it, and does not notice.
    """

    target: Labels
    offset: int
    start: int = LONG_AGO
    end: int = FAR_AHEAD
    stuck: int = FAR_AHEAD
    shares: int = 1
    share: int = 0

    def scrapes(self, after: int, until: int) -> range:
        """The times in (after, until] at which the pod was scraped, whether it led or not."""
        first = after + 1 + (self.offset - after - 1) % INTERVAL
        return range(first, min(until, self.stuck) + 1, INTERVAL)

    def newest(self, now: int) -> int | None:
        """The time of the newest sample, ``None`` before the first and from the scrape on that found nothing."""
        tried = self.scrapes(now - LOOKBACK, now)[-1]
        return tried if self.start <= tried < self.end else None

    def samples(self, until: int) -> list[int]:
        """The times of the scrapes that a range up to ``until`` holds."""
        return [time for time in self.scrapes(until - WINDOW, until) if self.start <= time < self.end]


@dataclass(frozen=True)
class Look:
    """When one bracket listed, read and listed again."""

    first: int
    since: int
    read: int
    second: int
    stale: tuple[Labels, ...]


@dataclass(frozen=True)
class World:
    """Everything that happened, and when somebody looked. ``lags`` say how old each scrape's view is."""

    events: tuple[Event, ...]
    leaders: tuple[Leader, ...]
    looks: tuple[Look, ...]
    lags: tuple[int, ...]

    @cached_property
    def names(self) -> list[str]:
        """Every Rollout that ever was."""
        return sorted({event.name for event in self.events})

    def at(self, name: str, time: int) -> tuple[int, State] | None:
        """The version and state of a Rollout at a time; ``None`` where there is none."""
        found = [(version, event) for version, event in self.writes[name] if event.at <= time]
        version, event = found[-1] if found else (0, None)
        return (version, event.state) if event and event.state else None

    @cached_property
    def writes(self) -> dict[str, list[tuple[int, Event]]]:
        """The writes of each Rollout with the versions that they made."""
        numbered = list(enumerate(self.events, 1))
        return {name: [one for one in numbered if one[1].name == name] for name in self.names}

    def listed(self, time: int) -> dict[Key, Rollout]:
        """The API's list."""
        found = {name: self.at(name, time) for name in self.names}
        return {("shop", name): one[1].rollout(name, one[0]) for name, one in found.items() if one}

    def emitted(self, leader: Leader, scrape: int) -> dict[str, RolloutSeries]:
        """What one scrape gave."""
        names = [name for index, name in enumerate(self.names) if index % leader.shares == leader.share]
        found = {name: self.at(name, self.view(leader, scrape, name)) for name in names}
        return {name: one[1].series for name, one in found.items() if one}

    def view(self, leader: Leader, scrape: int, name: str) -> int:
        """As of when the leader's cache knows a Rollout: at most one interval ago, and it never goes back."""
        lead = max(leader.start, self.looks[0].first - 2 * WINDOW)
        index = 5 * self.names.index(name)
        views = (time - self.lags[(time // INTERVAL + index) % len(self.lags)] for time in leader.scrapes(lead, scrape))
        return max(lead, scrape - INTERVAL, *views) if scrape > lead else lead

    def scrape(self, leader: Leader, look: Look) -> Scrape | None:
        """The newest scrape that the range holds, if it is newer than the list."""
        times = leader.samples(look.read)
        if not times or times[-1] <= look.since:
            return None
        newest = self.emitted(leader, times[-1])
        if not newest:
            return None
        return Scrape(
            target=leader.target,
            at=float(times[-1]),
            series={("shop", name): series for name, series in newest.items()},
            families=frozenset(GAUGES),
        )

    def brackets(self) -> list[Bracket]:
        """What the audit collects."""
        return [
            Bracket(
                before=self.listed(look.first),
                after={key: one.resource_version for key, one in self.listed(look.second).items()},
                namespaces=None,
                scrapes=tuple(found for one in self.leaders if (found := self.scrape(one, look))),
                stale=look.stale,
            )
            for look in self.looks
        ]

    def stood_still(self, name: str) -> bool:
        """Whether a Rollout did not change from one interval before the first list on."""
        begin = self.looks[0].first - INTERVAL
        return not any(one.name == name and begin < one.at <= self.looks[-1].second for one in self.events)


def worlds(*, times: int = 3, change: bool = True) -> st.SearchStrategy[World]:
    """Worlds at random. A seed is drawn and not each of their hundred numbers, which is twenty times faster."""
    return st.builds(lambda seed: _world(Random(seed), times=times, change=change), st.integers(0, 2**64))


def _world(random: Random, *, times: int, change: bool) -> World:
    """A whole world. ``still`` has not changed for long; the others do what they like."""
    leaders = _leaders(random) if change else (Leader(A, random.randrange(INTERVAL)),)
    looks = _looks(random, leaders, times)
    events = [Event(LONG_AGO, "still", random.choice(TRUTHS))]
    for number in range(random.randint(1, 4)):
        events += _history(random, f"r{number}", looks)
    return World(
        events=tuple(sorted(events, key=lambda event: event.at)),
        leaders=leaders,
        looks=looks,
        lags=tuple(random.choice((0, INTERVAL, random.randint(0, INTERVAL))) for _ in range(random.randint(1, 23))),
    )


def _leaders(random: Random) -> tuple[Leader, ...]:
    """One leader, or one that follows another after a gap, or two that share the Rollouts, one of them stuck."""
    first, second = random.randrange(INTERVAL), random.randrange(INTERVAL)
    match random.randrange(3):
        case 0:
            return (Leader(A, first),)
        case 1:
            end = random.randint(-INTERVAL, 5 * INTERVAL)
            return Leader(A, first, end=end), Leader(B, second, start=end + random.randint(1, 4 * INTERVAL))
        case _:
            stuck = random.randint(-2 * INTERVAL, 5 * INTERVAL)
            return Leader(A, first, shares=2, share=0), Leader(B, second, shares=2, share=1, stuck=stuck)


def _looks(random: Random, leaders: Sequence[Leader], times: int) -> tuple[Look, ...]:
    """When the audit looks, as its waiting and reading takes."""
    looks: list[Look] = []
    first = random.randrange(INTERVAL)
    for _ in range(times):
        since = now = first + random.randint(0, 5)
        while True:
            newest = {one.target: at for one in leaders if (at := one.newest(now)) is not None}
            done = bool(newest) and min(newest.values()) > since
            if done or now - since > (WINDOW if newest else HANDOVER):
                break
            now += INTERVAL // 4
        read = now + random.randint(0, random.choice((10, 10, 2 * INTERVAL)))
        second = read + random.randint(0, 30)
        looks.append(Look(first, since, read, second, tuple(own for own, at in newest.items() if at <= since)))
        first = second + random.randint(0, 20)
    return tuple(looks)


def _history(random: Random, name: str, looks: Sequence[Look]) -> list[Event]:
    """One Rollout's writes: now and then, in bursts, to and fro, deleted and created again."""
    around = [time for look in looks for time in (look.first, look.read, look.second)]
    events = [Event(LONG_AGO, name, random.choice(TRUTHS))] if random.random() < 0.8 else []
    ways = random.choice(((*TRUTHS,), (*TRUTHS, None, None), random.sample(TRUTHS, 2), (random.choice(TRUTHS), None)))
    for _ in range(random.randint(0, 4)):
        begin = random.choice(
            (random.randint(-2 * INTERVAL, looks[-1].second), random.choice(around) + random.randint(-20, 20))
        )
        gap = random.choice((1, 3, 10, 40, INTERVAL, 130))
        events += [Event(begin + gap * step, name, random.choice(ways)) for step in range(random.randint(1, 6))]
    return _listed_lives(sorted(events, key=lambda event: event.at), looks)


def _listed_lives(events: Sequence[Event], looks: Sequence[Look]) -> list[Event]:
    """Without the deletions that end a life which no list saw.

    A Rollout that is created after one list and deleted before the next, and again in the next bracket, each time when
    the target is scraped, cannot be told from a ghost.
    """
    lists = [time for look in looks for time in (look.first, look.second)]
    kept: list[Event] = []
    born: int | None = None
    for event in events:
        if event.state:
            born = event.at if born is None else born
        elif born is None or (event.at > lists[0] and not any(born <= time < event.at for time in lists)):
            continue
        else:
            born = None
        kept.append(event)
    return kept
