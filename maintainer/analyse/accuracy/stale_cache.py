"""The check for Rollouts of which the controller has an old version in its cache, so that it ignores the newest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from shlex import quote

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.compare import Difference
from maintainer.analyse.accuracy.findings import in_few_words, subject
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.overlooked import CHECK, OLDER
from maintainer.analyse.reproduce import Access, of_rollout
from maintainer.model.counts import PendingReconciles
from maintainer.model.facts import Key, Pending
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Json, divisible

_MENDED_IN = (1, 10, 0)
"""The release whose controller no longer writes to its cache: argo-rollouts pull request 4786."""
_ANNOTATION = "maintainer.io/touched"


def without_other_causes(comparison: Comparison, reconciles: PendingReconciles | None) -> Comparison:
    """The comparison in which each overlooked Rollout has that difference only, or not at all.

    A Rollout whose reconciles fail, or that a new leader has not reached yet, is not overlooked. If ``reconciles`` are
    not known, nothing is known of these Rollouts.
    """
    overlooked = {found.key: found for found in comparison.differences if found.check == CHECK}
    if not overlooked:
        return comparison
    verdicts = {key: _verdict(found, comparison, reconciles) for key, found in overlooked.items()}
    wrong = {found.key for found in comparison.differences if found.check != CHECK}
    undecided = frozenset(key for key, verdict in verdicts.items() if verdict == "undecided" and key in wrong)
    return replace(
        comparison,
        compared=comparison.compared - undecided,
        unconfirmed=comparison.unconfirmed | undecided,
        differences=tuple(
            found
            for found in comparison.differences
            if _remains(found, verdicts.get(found.key, "pipeline"), overlooked=found.check == CHECK)
        ),
    )


def _verdict(found: Difference, comparison: Comparison, reconciles: PendingReconciles | None) -> str:
    """Why a Rollout differs: its "cache", the "pipeline" or a failing reconcile, or "undecided"."""
    if found.cause == OLDER:
        return "cache" if _others_agree(comparison) else "pipeline"
    if reconciles is None or found.key not in reconciles.reconciled:
        return "undecided"
    old_in_metrics = isinstance(found.metric, dict) and "replicas" in found.metric
    # A controller with an old version may also fail to write it: the object has been modified.
    return "cache" if found.key not in reconciles.failing or old_in_metrics else "pipeline"


def _others_agree(comparison: Comparison) -> bool:
    """Whether more Rollouts agree than differ for another reason, so that the metrics as a whole are not old."""
    overlooked = {found.key for found in comparison.differences if found.check == CHECK}
    differing = {found.key for found in comparison.differences} - overlooked
    return len(comparison.compared - differing - overlooked) > len(differing)


def _remains(found: Difference, verdict: str, *, overlooked: bool) -> bool:
    if verdict == "pipeline":
        return not overlooked
    return verdict == "cache" and (overlooked or not found.check.startswith("accuracy/"))


def controller_stale_cache(fleet: ComparedFleet) -> Iterator[Finding]:
    """Rollouts that stood still while the controller did not act on what was asked of them."""
    found = [difference for difference in fleet.comparison.differences if difference.check == CHECK]
    if found:
        yield divisible(found, partial(_overlooked, fleet))


def _overlooked(fleet: ComparedFleet, found: Sequence[Difference]) -> Finding:
    keys = [difference.key for difference in found]
    version, command = fleet.emitting_version, touch(keys[0], fleet.access)
    mended = version is not None and version >= _MENDED_IN
    return Finding(
        check="controller/stale-cache",
        severity="error",
        subjects=tuple(map(subject, keys)),
        cause="overlooked",
        summary=message(
            "controller/stale-cache/overlooked.summary",
            count=len(keys),
            rollout="/".join(keys[0]),
            ignored=_ignored(found[0]),
        ),
        action=message(
            f"controller/stale-cache/{'restart' if mended else 'update'}.action", count=len(keys), command=command
        ),
        evidence={"rollouts": _rows(found, fleet)},
        reproduce=of_rollout(
            keys[0],
            fleet.access,
            label=fleet.namespace_label(keys[0]),
            family="rollout_info.*",
            path=".metadata.generation} {.spec.replicas} {.status",
        ),
    )


def touch(key: Key, access: Access) -> str:
    """A command that changes an annotation, so that the controller is sent the Rollout as it is now."""
    namespace, name = key
    return access.kubectl(
        f"-n {quote(namespace)} annotate rollouts.argoproj.io {quote(name)} {_ANNOTATION}=$(date +%s) --overwrite"
    )


def _ignored(found: Difference) -> Message:
    """What the controller ignores of a Rollout, in words."""
    if found.cause == OLDER:
        new, old = in_few_words(found.api), in_few_words(found.metric)
        return message("controller/stale-cache/ignored.older", new=new, old=old)
    if isinstance(found.api, dict) and isinstance(found.metric, dict):
        new, old = in_few_words(found.api["generation"]), in_few_words(found.metric["generation"])
        if "replicas" not in found.api:
            return message("controller/stale-cache/ignored.spec", new=new, old=old)
        before, after = in_few_words(found.metric["replicas"]), in_few_words(found.api["replicas"])
        return message("controller/stale-cache/ignored.replicas", new=new, old=old, before=before, after=after)
    return message("controller/stale-cache/ignored.request", request=in_few_words(found.api))


def _rows(found: Sequence[Difference], fleet: ComparedFleet) -> list[Json]:
    """A row of evidence for each Rollout. ``since`` is when the API got what is ignored, and ``by`` is from whom."""
    pending = {
        key: rollout.pending
        for bracket in fleet.pipeline.observation.brackets
        for key in {difference.key for difference in found} & bracket.before.keys()
        if (rollout := bracket.before[key]).pending
    }
    return [_row(difference, pending.get(difference.key), fleet.access) for difference in found]


def _row(found: Difference, pending: Pending | None, access: Access) -> Json:
    return {
        "rollout": "/".join(found.key),
        "ignored": _change(found),
        "generation": pending.generation if pending else None,
        "observedGeneration": pending.observed if pending else None,
        "since": datetime.fromtimestamp(pending.since, UTC).isoformat() if pending and pending.since else None,
        "by": pending.writer if pending and pending.writer else None,
        "touch": touch(found.key, access),
    }


def _change(found: Difference) -> str:
    """What is ignored as values: ``replicas 3 → 1``, or the request where the old value is not known."""
    if not isinstance(found.api, dict) or not isinstance(found.metric, dict):
        return in_few_words(found.api)
    changed: Mapping[str, Json] = {name: value for name, value in found.api.items() if name != "generation"}
    names = changed or found.api
    return ", ".join(f"{name} {in_few_words(found.metric[name])} → {in_few_words(found.api[name])}" for name in names)
