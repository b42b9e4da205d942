"""Kubernetes objects as YAML that kubectl takes."""

from collections.abc import Iterable, Mapping

import yaml


def manifest(objects: Iterable[Mapping[str, object]]) -> str:
    """The objects, one document each; lists of words stand on one line where they fit."""
    return yaml.dump_all(
        objects, Dumper=_Dumper, explicit_start=True, sort_keys=False, default_flow_style=None, width=110
    )


class _Dumper(yaml.SafeDumper):
    """Writes a mapping that stands twice out twice."""

    def ignore_aliases(self, _data: object) -> bool:
        """Whether no anchor is made for a value."""
        return True
