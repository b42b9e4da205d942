"""The row about the store, in which runs are remembered."""

from shlex import quote

from maintainer.analyse.doctor.cluster_rows import described, lacking, some
from maintainer.analyse.doctor.remedies import Trouble, is_forbidden
from maintainer.analyse.doctor.subject import Subject, Verdict, unavailable, unwell, well
from maintainer.model.doctor import StoreLook
from maintainer.model.facts import Unavailable
from maintainer.model.message import message


def store(subject: Subject) -> Verdict | None:
    """The store can be read, and written where runs by these settings are recorded."""
    look = subject.seen.store
    if look is None:
        return None
    if verdict := _in_cluster(subject, look):
        return verdict
    return _unread(subject, look) if isinstance(look, Unavailable) else _read(subject, look)


def _in_cluster(subject: Subject, look: StoreLook | Unavailable) -> Verdict | None:
    """What is wrong with the namespace of the ConfigMaps, or with the rights on them; ``None`` if nothing is known."""
    stored, wanted = subject.seen.stored, subject.wanted
    if subject.seen.namespaced is False:
        namespace = wanted.store[0].namespace
        seen = message("doctor/store.no-namespace", namespace=namespace)
        return unwell("broken", seen, subject.commands.kubectl(f"create namespace {quote(namespace)}"))
    if stored is None or isinstance(stored, Unavailable):
        return _unread(subject, stored) if stored else None
    unreadable = isinstance(look, Unavailable) and is_forbidden(look)
    if all(stored.values()) or not (wanted.writes or unreadable):
        return None
    # Where a verb lacks on one of the objects that were asked about, it is given on all objects of their kind.
    verbs = {(right.resource, right.verb) for right, allowed in stored.items() if not allowed}
    missing = [right for right in wanted.store if (right.resource, right.verb) in verbs]
    return lacking(subject, missing, message("doctor/store.no-rights", rights=some(described(missing))))


def _unread(subject: Subject, why: Unavailable) -> Verdict:
    blames = ("kubernetes",) if why.reason.id.startswith(("gap/cluster", "gap/web")) else ()
    return unavailable(why, Trouble(why.reason, subject.commands, "The API server"), blames=blames)


def _read(subject: Subject, look: StoreLook) -> Verdict:
    if look.damaged:
        seen = message("doctor/store.damaged", place=look.place, names=", ".join(look.damaged))
        return unwell("warning", seen, "maintainer store show")
    if look.blocked:
        seen = message("doctor/store.blocked", place=look.place, path=look.blocked)
        return unwell("broken" if subject.wanted.writes else "warning", seen, f"ls -ld {quote(look.blocked)}")
    return well(message("doctor/store.ok", place=look.place, count=look.entries))
