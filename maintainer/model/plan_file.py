"""A plan as a file: what would be written, for a person to read and to agree to before it is."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from maintainer.errors import ConfigError
from maintainer.model.drift import Change
from maintainer.model.report import Json
from maintainer.model.restoring import PlannedWrite, RestoringPlan

SCHEMA = "maintainer.plan/v1"


def written(plan: RestoringPlan, cluster: str) -> str:
    """The plan as JSON: the same plan is always the same text."""
    document = {"schema": SCHEMA, "cluster": cluster, "writes": [_write(write) for write in plan.writes]}
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def changed_since(text: str, plan: RestoringPlan, cluster: str) -> tuple[str, ...]:
    """The objects for which the plan in the file is no longer the plan; "" among them is another cluster.

    Raises :class:`ConfigError` if the text is no plan.
    """
    try:
        document = json.loads(text)
        agreed = {_name(write["object"]): write for write in document["writes"]}
        schema, where = document["schema"], document["cluster"]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError("the file is no plan: make one with maintainer run reconcile --plan FILE") from error
    if schema != SCHEMA:
        raise ConfigError(f"the plan has the schema {schema}, and this program knows {SCHEMA}: make a new one")
    now = {_name(write["object"]): write for write in json.loads(written(plan, cluster))["writes"]}
    others = {name for name in agreed.keys() | now.keys() if agreed.get(name) != now.get(name)}
    return (*(() if where == cluster else ("",)), *sorted(others))


def _write(write: PlannedWrite) -> Mapping[str, Any]:
    rewrite = write.rewrite
    found = rewrite.id
    return {
        "object": {
            "apiVersion": found.api_version,
            "kind": found.kind,
            "namespace": found.namespace,
            "name": found.name,
            "resourceVersion": rewrite.version,
            "uid": rewrite.uid,
        },
        "stage": rewrite.stage,
        "deployed": rewrite.origin,
        "changes": _changes(write.changes),
        "kept": _changes(write.kept),
        "requests": [
            {"verb": one.verb, "fieldManager": one.manager, "force": one.forced, "body": one.body}
            for one in rewrite.requests
        ],
    }


def _changes(changes: Iterable[Change]) -> list[Mapping[str, Json]]:
    return [
        {
            "what": change.what,
            "key": change.key,
            "path": list(change.path),
            "desired": change.desired,
            "live": change.live,
            "manager": change.manager,
            "time": change.time.isoformat() if change.time else None,
        }
        for change in changes
    ]


def _name(found: Mapping[str, str]) -> str:
    return "/".join(filter(None, (found["kind"], found["namespace"], found["name"])))
