"""A replay in parts: what is far from missing evaluations is replayed as if there were none, with the same result."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.alerts.irregular import irregular
from maintainer.analyse.alerts.replay import replay
from maintainer.analyse.alerts.replay_types import Evaluations, Timing
from maintainer.model.alerts import MINUTE, Run
from tests.analyse.alerts.builders import ms

GAPS, LENGTHS = (2, 3, 5, 8, 15, 30, 90, 200), (1, 2, 4, 7, 12, 40)


def runs(random: Random) -> list[Run]:
    made, at = [], ms(0)
    for _ in range(random.randrange(1, 40)):
        first = at + random.choice(GAPS) * MINUTE
        at = first + (random.choice(LENGTHS) - 1) * MINUTE
        made.append(Run(first, at))
    return made


def times(random: Random, most: int, lengths: tuple[int, ...], end: int) -> list[Run]:
    made, at = [], ms(0)
    for _ in range(random.randrange(most)):
        first = at + random.choice((20, 60, 150, 400)) * MINUTE
        at = first + random.choice(lengths) * MINUTE
        made.append(Run(first, at))
    return [run for run in made if run.last < end]


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.sampled_from((0, 2, 5, 12, 20)), st.sampled_from((0, 3, 10)))
def test_a_replay_in_parts_is_a_replay_of_the_whole(random: Random, hold: int, keep: int) -> None:
    true = runs(random)
    end = true[-1].last + random.choice((1, MINUTE, 50 * MINUTE))
    skipped = times(random, 6, (0, 1, 3, 10, 70), end)
    outages = [
        outage
        for outage in times(random, 4, (1, 2, 4, 30), end)
        if all(outage.last < run.first - MINUTE or outage.first > run.last + MINUTE for run in skipped)
    ]
    timing, evaluations = (
        Timing(hold * MINUTE, keep * MINUTE, MINUTE),
        Evaluations(end, tuple(skipped), tuple(outages)),
    )

    assert replay(true, timing, evaluations) == irregular(true, timing, evaluations)
