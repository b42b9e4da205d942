"""The row about the clocks: of this machine, of the API server and of Prometheus."""

from collections.abc import Mapping
from itertools import combinations

from maintainer.analyse.doctor.subject import Subject, Verdict, unwell, well
from maintainer.model.doctor import ClockLook
from maintainer.model.message import Message, message

MOST = 30.0
"""Seconds by which two clocks may differ. A Lease is free after 60 s without a sign of its holder."""
_NAMES: Mapping[str, Message] = {
    "machine": message("doctor/clock.machine"),
    "kubernetes": message("doctor/clock.kubernetes"),
    "prometheus": message("doctor/clock.prometheus"),
}


def clocks(subject: Subject) -> Verdict | None:
    """The clocks agree. With three of them, the one that differs from both others is the wrong one."""
    known = {"machine": ClockLook(0.0, 0.0), **subject.seen.clocks}
    if len(known) == 1:
        return unwell("warning", message("doctor/clocks.alone"), "date -u", blames=("kubernetes", "prometheus"))
    pairs = {pair: _apart(known[pair[0]], known[pair[1]]) for pair in combinations(known, 2)}
    differing = {pair: gap for pair, gap in pairs.items() if gap > MOST}
    if not differing:
        return well(message("doctor/clocks.ok", count=len(known), most=round(MOST)))
    gap = round(max(differing.values()))
    wrong = [name for name in known if all(name in pair for pair in differing)]
    if len(known) == 2 or len(wrong) != 1:
        names = tuple(_NAMES[name] for name in known)
        return unwell("broken", message("doctor/clocks.apart", names=names, seconds=gap), "timedatectl status")
    other = next(name for name in known if name != wrong[0])
    ahead = known[wrong[0]].least > known[other].most
    way = message("doctor/clock.ahead") if ahead else message("doctor/clock.behind")
    seen = message("doctor/clocks.wrong", clock=_NAMES[wrong[0]], seconds=gap, way=way)
    return unwell("broken", seen, "sudo timedatectl set-ntp true")


def _apart(one: ClockLook, other: ClockLook) -> float:
    """The seconds by which two clocks differ for sure."""
    return max(one.least - other.most, other.least - one.most, 0.0)
