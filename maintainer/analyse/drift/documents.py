"""What a deployed object holds for Prometheus: configurations and rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maintainer.analyse.drift.values import document
from maintainer.model.drift import Content, DesiredObject
from maintainer.model.report import Json


@dataclass(frozen=True, slots=True)
class Documents:
    """What an object holds for Prometheus: the ``configs``, and the ``groups`` of rules."""

    configs: tuple[Content, ...] = ()
    groups: tuple[Content, ...] = ()

    @property
    def rules(self) -> tuple[Content, ...]:
        """The rules of all groups."""
        return tuple(rule for group in self.groups for rule in mappings(group.get("rules")))


def documents(desired: DesiredObject) -> Documents:
    """What a ConfigMap or a PrometheusRule holds; nothing for an object of another kind."""
    content = desired.content
    if desired.id.kind == "PrometheusRule":
        spec = content.get("spec")
        return Documents(groups=tuple(mappings(spec.get("groups") if isinstance(spec, Mapping) else None)))
    data = content.get("data") if desired.id.kind == "ConfigMap" else None
    if not isinstance(data, Mapping):
        return Documents()
    texts = ((key, text) for key, text in data.items() if isinstance(text, str))
    read = [found for found in (document(key, text) for key, text in texts) if isinstance(found, Mapping)]
    return Documents(
        tuple(found for found in read if "scrape_configs" in found),
        tuple(group for found in read for group in mappings(found.get("groups"))),
    )


def mappings(value: Json) -> list[Content]:
    """The mappings of a list; none of anything else."""
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return [item for item in listed if isinstance(item, Mapping)]
