"""The row about what was deployed: whether reconcile has anything to compare with."""

from shlex import quote

from maintainer.analyse.doctor.cluster_rows import some
from maintainer.analyse.doctor.remedies import Trouble, is_forbidden
from maintainer.analyse.doctor.subject import Subject, Verdict, unavailable, unwell, well
from maintainer.model.message import message

NOTHING, UNREADABLE = "gap/nothing-deployed", "gap/manifest-unreadable"


def deployed(subject: Subject) -> Verdict | None:
    """What was deployed is known; no row if the calendar has no reconcile."""
    seen, wanted = subject.seen.deployed, subject.wanted
    if seen is None or "reconcile" not in wanted.dates:
        return None
    why = next(iter(seen.unavailable), None)
    if why is None and seen.objects:
        origins = some(dict.fromkeys(each.origin for each in seen.objects))
        return well(message("doctor/deployed.ok", count=len(seen.objects), origins=origins))
    releases = ", ".join(wanted.releases) or "-"
    if why is None or why.reason.id == NOTHING:
        nothing = message("doctor/deployed.nothing", releases=releases)
        return unwell("warning", nothing, subject.commands.helm("list --all-namespaces"), blames=("kubernetes",))
    if is_forbidden(why) and not wanted.named and not seen.objects:
        forbidden = message("doctor/deployed.secrets", releases=releases)
        return unwell("warning", forbidden, subject.commands.doctor(value="FILE", variable="MAINTAINER_DESIRED_PATHS"))
    if why.reason.id == UNREADABLE:
        return unwell("broken", why.reason, f"ls -ld {' '.join(map(quote, wanted.paths))}")
    return unavailable(why, Trouble(why.reason, subject.commands, "The API server"), blames=("kubernetes",))
