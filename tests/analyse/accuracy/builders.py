"""Builders for tests of brackets: two Rollouts, a wrong phase, a bracket in which a Rollout changes."""

from collections.abc import Sequence

from maintainer.analyse.accuracy.compare import Difference
from maintainer.model.facts import Bracket, Key, Rollout, Scrape
from tests.analyse.builders import bracket, rollout, wrong_phase

CART, PAY = rollout(), rollout("pay", version="8")
WRONG = wrong_phase(CART)
PHASE = [("accuracy/phase", "drift", CART.key)]
"""The difference of :data:`WRONG`, as :func:`causes` gives it."""


def causes(differences: Sequence[Difference]) -> list[tuple[str, str, Key]]:
    """Check, cause and Rollout of each difference."""
    return [(difference.check, difference.cause, difference.key) for difference in differences]


def keys(*rollouts: Rollout) -> frozenset[Key]:
    """The keys of these Rollouts."""
    return frozenset(rollout.key for rollout in rollouts)


def moving(rollout: Rollout, *scrapes: Scrape) -> Bracket:
    """A bracket in which this Rollout changes."""
    return bracket(rollout, scrapes=scrapes or None, after={rollout.key: "changed"})
