"""Random histories of Rollouts, and the brackets that an audit collects of them if all metrics are correct.

Times are integers. A controller's cache is up to a scrape interval behind the API, by a different time for each
Rollout, so that a scrape can show half of a batch of changes. A new leader's cache is not older than its leadership.
The audit lists, waits for a scrape of every emitting target, reads the samples, and lists again.
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
"""States whose metrics agree with the API."""


@dataclass(frozen=True)
class Event:
    """A write of a Rollout: its new state, or ``None`` if it is deleted."""

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
        """The time of the newest sample; ``None`` before the first, and after a scrape without samples."""
        tried = self.scrapes(now - LOOKBACK, now)[-1]
        return tried if self.start <= tried < self.end else None

    def samples(self, until: int) -> list[int]:
        """The times of the scrapes that a range up to ``until`` holds."""
        return [time for time in self.scrapes(until - WINDOW, until) if self.start <= time < self.end]


@dataclass(frozen=True)
class Look:
    """When a bracket listed, read and listed again; ``since`` is Prometheus' time after the first list."""

    first: int
    since: int
    read: int
    second: int
    stale: tuple[Labels, ...]


@dataclass(frozen=True)
class World:
    """A history, the brackets' times, and how old the cache is at each scrape (``lags``)."""

    events: tuple[Event, ...]
    leaders: tuple[Leader, ...]
    looks: tuple[Look, ...]
    lags: tuple[int, ...]

    @cached_property
    def names(self) -> list[str]:
        """The names of all Rollouts of the history."""
        return sorted({event.name for event in self.events})

    def at(self, name: str, time: int) -> tuple[int, State] | None:
        """The version and state of a Rollout at a time; ``None`` if it does not exist."""
        past = [(version, event) for version, event in self.writes[name] if event.at <= time]
        version, event = past[-1] if past else (0, None)
        return (version, event.state) if event and event.state else None

    @cached_property
    def writes(self) -> dict[str, list[tuple[int, Event]]]:
        """The writes of each Rollout with the versions that they made."""
        numbered = list(enumerate(self.events, 1))
        return {name: [(version, event) for version, event in numbered if event.name == name] for name in self.names}

    def listed(self, time: int) -> dict[Key, Rollout]:
        """The API's list."""
        current = {name: self.at(name, time) for name in self.names}
        return {("shop", name): write[1].rollout(name, write[0]) for name, write in current.items() if write}

    def emitted(self, leader: Leader, scrape: int) -> dict[str, RolloutSeries]:
        """The series of a scrape by Rollout."""
        names = [name for index, name in enumerate(self.names) if index % leader.shares == leader.share]
        cached = {name: self.at(name, self.view(leader, scrape, name)) for name in names}
        return {name: write[1].series for name, write in cached.items() if write}

    def view(self, leader: Leader, scrape: int, name: str) -> int:
        """The time of the state that the leader's cache has: at most an interval ago, and never earlier than before."""
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
                after={key: rollout.resource_version for key, rollout in self.listed(look.second).items()},
                namespaces=None,
                scrapes=tuple(scrape for leader in self.leaders if (scrape := self.scrape(leader, look))),
                stale=look.stale,
            )
            for look in self.looks
        ]

    def stood_still(self, name: str) -> bool:
        """Whether a Rollout did not change from an interval before the first list to the end."""
        begin = self.looks[0].first - INTERVAL
        return not any(event.name == name and begin < event.at <= self.looks[-1].second for event in self.events)


def worlds(*, times: int = 3, change: bool = True) -> st.SearchStrategy[World]:
    """Random worlds. Hypothesis draws a seed instead of each number, which is twenty times faster."""
    return st.builds(lambda seed: _world(Random(seed), times=times, change=change), st.integers(0, 2**64))


def _world(random: Random, *, times: int, change: bool) -> World:
    """A world in which the Rollout ``still`` does not change and the others change at random."""
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
    """A single leader, or a leader and its successor after a gap, or two that share the Rollouts, the second stuck."""
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
    """The times of the brackets, with the audit's waiting and reading."""
    looks: list[Look] = []
    first = random.randrange(INTERVAL)
    for _ in range(times):
        since = now = first + random.randint(0, 5)
        while True:
            newest = {leader.target: at for leader in leaders if (at := leader.newest(now)) is not None}
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
    """The writes of a Rollout: single or in bursts, back and forth, deleted and created again."""
    moments = [time for look in looks for time in (look.first, look.read, look.second)]
    events = [Event(LONG_AGO, name, random.choice(TRUTHS))] if random.random() < 0.8 else []
    states = random.choice(((*TRUTHS,), (*TRUTHS, None, None), random.sample(TRUTHS, 2), (random.choice(TRUTHS), None)))
    for _ in range(random.randint(0, 4)):
        begin = random.choice(
            (random.randint(-2 * INTERVAL, looks[-1].second), random.choice(moments) + random.randint(-20, 20))
        )
        gap = random.choice((1, 3, 10, 40, INTERVAL, 130))
        events += [Event(begin + gap * step, name, random.choice(states)) for step in range(random.randint(1, 6))]
    return _listed_lives(sorted(events, key=lambda event: event.at), looks)


def _listed_lives(events: Sequence[Event], looks: Sequence[Look]) -> list[Event]:
    """The events without the deletion of a Rollout that no list contained.

    A Rollout that is created after a list and deleted before the next, in two consecutive brackets and each time while
    the target is scraped, looks like a ghost.
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
