"""A true history of some Rollouts, and the brackets in which an honest world shows it.

Times are whole ticks. A controller's cache lags behind the API by up to one scrape, for each Rollout by another time,
so a scrape may see half of a batch; a new leader's cache is as new as its leadership. Looking goes as the audit does it:
list, wait for a scrape of every target that emits, read the range, list again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builders import INVALID, A, B, because
from hypothesis import strategies as st

from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, UNAVAILABLE, UPDATED
from maintainer.model.facts import Bracket, Condition, Key, Labels, Reading, Rollout, Series

INTERVAL, TIMEOUT, HANDOVER = 100, 40, 450
WINDOW = 2 * INTERVAL + TIMEOUT
LONG_AGO = -10_000


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
    def series(self) -> Series:
        """What a controller emits that has this state in its cache."""
        gauges = {
            DESIRED: float(self.desired),
            UPDATED: float(self.updated),
            AVAILABLE: float(self.available),
            UNAVAILABLE: float(self.replicas - self.available),
        }
        return Series(((self.strategy, self.metric),), gauges)

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


DONE = State("Healthy", (because("NewReplicaSetAvailable"),), "Completed")
TRUTHS = (
    DONE,
    State("Progressing", (because("ReplicaSetUpdated"),), "Progressing", replicas=2, available=1),
    State("Paused", (because("RolloutPaused", "Unknown"),), "Paused", replicas=2, available=2),
    State("Degraded", (because("RolloutAborted", "False"),), "Abort", "RolloutAborted: by hand", available=0),
    State("Degraded", (because("ProgressDeadlineExceeded"),), "Timeout", "ProgressDeadlineExceeded: late", available=0),
    State("Degraded", (INVALID, because("RolloutPaused")), "InvalidSpec", "InvalidSpec: no Service", replicas=0),
    State("", (), "Progressing", desired=3, replicas=0, updated=0, available=0),
    State("Healthy", (because("ReplicaSetUpdated"),), "Progressing", strategy="blueGreen", replicas=4, available=2),
    State("Healthy", (because("NewReplicaSetAvailable"),), "Completed", desired=5, replicas=5, available=5),
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
    """A target while its pod leads: it emits at its scrapes from ``start`` to before ``end``."""

    target: Labels
    offset: int
    start: int = LONG_AGO
    end: int = 10**9

    def scrapes(self, after: int, until: int) -> Iterator[int]:
        """The times in (after, until] at which the pod was scraped, whether it led or not."""
        first = after + 1 + (self.offset - after - 1) % INTERVAL
        yield from range(first, until + 1, INTERVAL)

    def newest(self, now: int) -> int | None:
        """The time of the newest sample, ``None`` before the first and from the scrape on that found nothing."""
        tried = max(self.scrapes(now - INTERVAL, now))
        return tried if self.start <= tried < self.end else None


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

    @property
    def names(self) -> list[str]:
        """Every Rollout that ever was."""
        return sorted({event.name for event in self.events})

    def at(self, name: str, time: int) -> tuple[int, State] | None:
        """The version and state of a Rollout at a time; ``None`` where there is none."""
        found = [(n, one) for n, one in enumerate(self.events, 1) if one.name == name and one.at <= time]
        version, event = found[-1] if found else (0, None)
        return (version, event.state) if event and event.state else None

    def listed(self, time: int) -> dict[Key, Rollout]:
        """The API's list."""
        found = {name: self.at(name, time) for name in self.names}
        return {("shop", name): one[1].rollout(name, one[0]) for name, one in found.items() if one}

    def seen(self, leader: Leader, scrape: int, name: str) -> State | None:
        """What the leader's cache holds of a Rollout at a scrape: never older than one interval, never going back."""
        views = [leader.start]
        for time in leader.scrapes(max(leader.start - 1, self.looks[0].first - 2 * WINDOW), scrape):
            lag = self.lags[(time // INTERVAL * 7 + self.names.index(name)) % len(self.lags)]
            views.append(time - lag)
        found = self.at(name, max(views))
        return found[1] if found else None

    def samples(self, leader: Leader, look: Look) -> list[dict[str, Series]]:
        """Every scrape that the range holds, oldest first."""
        times = [time for time in leader.scrapes(look.read - WINDOW, look.read) if leader.start <= time < leader.end]
        return [
            {name: state.series for name in self.names if (state := self.seen(leader, time, name))} for time in times
        ]

    def reading(self, leader: Leader, look: Look) -> Reading | None:
        """The newest scrape that the range holds, if it is newer than the list."""
        times = [time for time in leader.scrapes(look.read - WINDOW, look.read) if leader.start <= time < leader.end]
        if not times or times[-1] <= look.since:
            return None
        *earlier, newest = self.samples(leader, look)
        if not newest:
            return None
        steady = (name for name, now in newest.items() if all(now == one.get(name, now) for one in earlier))
        return Reading(
            target=leader.target,
            at=float(times[-1]),
            series={("shop", name): series for name, series in newest.items()},
            families=frozenset(GAUGES),
            steady=frozenset(("shop", name) for name in steady),
        )

    def brackets(self) -> list[Bracket]:
        """What the audit collects."""
        return [
            Bracket(
                before=self.listed(look.first),
                after={key: one.resource_version for key, one in self.listed(look.second).items()},
                namespaces=None,
                readings=tuple(found for one in self.leaders if (found := self.reading(one, look))),
                stale=look.stale,
            )
            for look in self.looks
        ]

    def stood_still(self, name: str) -> bool:
        """Whether a Rollout did not change from one interval before the first list on."""
        begin = self.looks[0].first - INTERVAL
        return not any(one.name == name and begin < one.at <= self.looks[-1].second for one in self.events)

    def strobed(self, name: str) -> bool:
        """Whether one leader's scrapes all saw a phase or a number that no list ever did.

        From lists and scrapes this cannot be told from a metric that does not follow: a history that keeps step with
        the scrapes. Everything else must be told.
        """
        listed = [found[1].series for look in self.looks if (found := self.at(name, look.first))]
        for leader in self.leaders:
            seen = [scrape.get(name) for look in self.looks for scrape in self.samples(leader, look)]
            if seen and seen[0] and all(one == seen[0] for one in seen) and len(listed) == len(self.looks):
                phase = all(one.infos != seen[0].infos for one in listed)
                number = any(all(one.gauges[it] != seen[0].gauges[it] for one in listed) for it in GAUGES)
                return phase or number
        return False


def small(top: int) -> st.SearchStrategy[int]:
    """A number from 0 to ``top``."""
    return st.integers(0, top)


@st.composite
def leaderships(draw: st.DrawFn, *, change: bool = True) -> tuple[Leader, ...]:
    """One leader, or one that follows another after a gap."""
    first, second = draw(small(INTERVAL - 1)), draw(small(INTERVAL - 1))
    if not change or draw(st.booleans()):
        return (Leader(A, first),)
    end = draw(st.integers(-100, 500))
    return Leader(A, first, end=end), Leader(B, second, start=end + draw(st.integers(1, 400)))


@st.composite
def lookings(draw: st.DrawFn, leaders: Sequence[Leader], *, times: int = 3) -> tuple[Look, ...]:
    """When the audit looks, as its waiting and reading takes."""
    looks: list[Look] = []
    first = draw(small(INTERVAL))
    for _ in range(times):
        since = now = first + draw(small(5))
        while True:
            newest = {one.target: at for one in leaders if (at := one.newest(now)) is not None}
            done = bool(newest) and min(newest.values()) > since
            if done or now - since > (WINDOW if newest else HANDOVER):
                break
            now += INTERVAL // 4
        read = now + draw(small(10))
        second = read + draw(small(30))
        looks.append(Look(first, since, read, second, tuple(own for own, at in newest.items() if at <= since)))
        first = second + draw(small(20))
    return tuple(looks)


@st.composite
def histories(draw: st.DrawFn, name: str, looks: Sequence[Look]) -> list[Event]:
    """One Rollout's writes: now and then, in bursts, to and fro, deleted and created again."""
    around = {0, *(time for look in looks for time in (look.first, look.since, look.read, look.second))}
    begins = st.one_of(
        st.integers(-2 * INTERVAL, looks[-1].second), st.builds(int.__add__, st.sampled_from(sorted(around)), small(9))
    )
    events = [Event(LONG_AGO, name, draw(st.sampled_from(TRUTHS)))] if draw(st.booleans()) else []
    states = st.one_of(st.sampled_from(TRUTHS), st.none())
    for _ in range(draw(small(4))):
        begin, gap, count = draw(begins), draw(st.sampled_from([1, 3, 10, 40, INTERVAL, 130])), draw(st.integers(1, 8))
        way = draw(st.lists(states, min_size=1, max_size=3))
        events += [Event(begin + gap * step, name, way[step % len(way)]) for step in range(count)]
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


@st.composite
def worlds(draw: st.DrawFn, *, times: int = 3, change: bool = True, rollouts: int = 3) -> World:
    """A whole world. ``still`` has not changed for long; the others do what they like."""
    leaders = draw(leaderships(change=change))
    looks = draw(lookings(leaders, times=times))
    events = [Event(LONG_AGO, "still", draw(st.sampled_from(TRUTHS)))]
    for number in range(rollouts):
        events += draw(histories(f"r{number}", looks))
    lags = st.one_of(st.sampled_from([0, INTERVAL]), small(INTERVAL))
    return World(
        events=tuple(sorted(events, key=lambda event: event.at)),
        leaders=leaders,
        looks=looks,
        lags=tuple(draw(st.lists(lags, min_size=1, max_size=23))),
    )
