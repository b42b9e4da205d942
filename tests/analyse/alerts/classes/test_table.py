"""All classes of all rules."""

from typing import get_args

from maintainer.analyse.alerts.classes.facts import EpisodeClass, Seen
from maintainer.analyse.alerts.classes.table import CLASSES, classified
from maintainer.model.alert_thresholds import AlertThresholds
from tests.analyse.alerts.builders import episode, rule


def test_each_class_has_its_function() -> None:
    assert set(CLASSES) == set(get_args(EpisodeClass))


def test_versions_of_a_rule_are_kept_apart() -> None:
    old, new = rule(hold=5), rule(hold=6)
    found = classified(
        {one.version: one for one in (old, new)},
        [episode(0, 8, of=old), episode(100, 108, of=new), episode(200, 208, of=rule("Unknown"))],
        Seen(),
        AlertThresholds(),
    )
    assert {(one.kind, one.rule, len(one.episodes)) for one in found} == {
        ("transient", old.version, 1),
        ("transient", new.version, 1),
    }


def test_a_quiet_history_is_of_no_class() -> None:
    of = rule()
    assert classified({of.version: of}, [episode(0, 90, of=of)], Seen(), AlertThresholds()) == ()
