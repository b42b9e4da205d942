"""What a person asks to adopt: a kind, or a kind and a name, as kubectl takes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maintainer.analyse.drift.documents import documents
from maintainer.model.drift import Change, DesiredObject, ObjectId

DASHBOARD = "dashboard"
RULES: Mapping[str, str] = {"alert": "alert=", "rule": "record="}
"""By kind, how the step of a path begins that leads to such a rule."""
_SHORT: Mapping[str, str] = {"cm": "configmap", "svc": "service"}
_PLURAL = {"dashboards": DASHBOARD, "alerts": "alert", "rules": "rule"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind in small letters, and a name, "" for all of the kind."""

    kind: str
    name: str = ""

    @property
    def word(self) -> str:
        """As it is typed."""
        return f"{self.kind}/{self.name}" if self.name else self.kind

    def is_dashboard(self, name: str) -> bool:
        """Whether a dashboard is asked for."""
        return self.kind == DASHBOARD and self.name in ("", name)

    def is_object(self, id_: ObjectId) -> bool:
        """Whether an object is asked for."""
        return self.kind in (id_.kind.lower(), f"{id_.kind.lower()}s") and self.name in ("", id_.name)

    def is_change(self, id_: ObjectId, change: Change) -> bool:
        """Whether a change is of an object or of a rule that is asked for."""
        begin = RULES.get(self.kind)
        if begin is None:
            return self.is_object(id_)
        of_rules = (str(step) for step in change.path if str(step).startswith(begin))
        return any(self.name in ("", step.removeprefix(begin).split("#")[0]) for step in of_rules)


def asked(word: str) -> Asked:
    """What a word asks for."""
    kind, _, name = word.partition("/")
    kind = kind.lower()
    return Asked(_PLURAL.get(kind) or _SHORT.get(kind) or kind, name)


def rule_words(deployed: Iterable[DesiredObject]) -> set[str]:
    """All rules that were deployed, as they are asked for."""
    rules = [rule for desired in deployed for rule in documents(desired).rules]
    steps = {kind: begin.rstrip("=") for kind, begin in RULES.items()}
    return {f"{kind}/{rule[field]}" for rule in rules for kind, field in steps.items() if field in rule}
