"""What is put back is what was there before, and what is said of it is so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.object_writes import ObjectWrites
from maintainer.deliver.restoring import Restorer
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import ObjectId, StoredObject
from maintainer.model.message import Message, message
from maintainer.model.restoring import Deed, ObjectWrite
from tests.deliver.restorings import APPLY, BAD, RULE, Fate, Killed, World, config_map, deployed, expr, world


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


class Lossy:
    """Objects of which some writes fail: ``before`` or ``after`` they are made, as where an answer is lost."""

    def __init__(self, objects: ObjectWrites, fails: Callable[[ObjectId, ObjectWrite], str]) -> None:
        self._objects, self._fails = objects, fails

    def read(self, wanted: ObjectId) -> StoredObject | None:
        return self._objects.read(wanted)

    def write(self, target: ObjectId, request: ObjectWrite, *, dry_run: bool = False, **known: str) -> Any:
        when = "" if dry_run else self._fails(target, request)
        if when == "before":
            raise SourceUnavailable("web-timeout", who="The API server", url="https://a", seconds=30)
        done = self._objects.write(target, request, dry_run=dry_run, **known)
        if when == "after":
            raise SourceUnavailable("web-timeout", who="The API server", url="https://a", seconds=30)
        return done


def lossy(edited: World, fails: Callable[[ObjectId, ObjectWrite], str]) -> Restorer:
    edited.objects = Lossy(edited.objects, fails)  # type: ignore[assignment] # it reads and writes as that does
    return edited.restorer()


def ids(why: Any) -> list[str]:
    """The sentences of which a message is made, the outermost first."""
    return [why.id, *(one for inner in why.named.values() for one in ids(inner))] if isinstance(why, Message) else []


def of(deeds: tuple[Deed, ...], name: str) -> Deed:
    (found,) = (deed for deed in deeds if deed.id.name == name)
    return found


def test_of_what_could_not_be_put_back_it_is_not_said_that_it_was(tmp_path: Path) -> None:
    with world(tmp_path, deployed(RULE.replace("A\n", f"{BAD}\n"))) as edited:
        count = {"one": 0}

        def fails(target: ObjectId, request: ObjectWrite) -> str:
            count["one"] += target.name == "one" and request.verb == "apply"
            return "before" if target.name == "one" and count["one"] > 1 else ""

        deeds = lossy(edited, fails).restore(edited.plan(), edited.again)
        assert "restoring/put-back" in ids(of(deeds, "two").why)
        assert of(deeds, "one").kind == "unknown"
        assert "restoring/put-back" not in ids(of(deeds, "one").why)


def test_after_an_edit_in_between_that_edit_is_put_back_and_not_the_one_before(edited: World) -> None:
    plan, sent = edited.plan(), []

    def fails(target: ObjectId, _: ObjectWrite) -> str:
        if target.name != "one":
            return ""
        sent.append(target)
        if len(sent) == 1:
            edited.edit("one", RULE.format("one", 5))
            return ""
        return "after" if len(sent) == 2 else ""

    deeds = lossy(edited, fails).restore(plan, edited.again)
    assert of(deeds, "one").kind == "rolled-back"
    assert expr(edited.texts())["one"] == "up == 5"


def test_a_write_that_was_not_made_is_none_that_was_put_back(edited: World) -> None:
    deeds = lossy(edited, lambda target, _: "before" if target.name == "one" else "").restore(
        edited.plan(), edited.again
    )
    assert {deed.id.name: deed.kind for deed in deeds} == {"metrics": "restored", "one": "failed", "two": "restored"}
    assert edited.restorer().recover() == ()


def test_undoing_does_not_delete_what_somebody_has_added_to_an_object_that_was_gone(edited: World) -> None:
    service, *_ = edited.wanted
    there = edited.objects.read(service.id)
    assert there
    edited.objects.write(service.id, ObjectWrite("delete", "me"), version=there.version)
    assert {deed.kind for deed in edited.run()} == {"restored"}
    path = "/api/v1/namespaces/argo-rollouts/services/metrics"
    edited.send(path, {"metadata": {"annotations": {"team": "shop"}}}, "kubectl-annotate")
    assert of(edited.restorer().undo(), "metrics").kind == "changed"
    assert edited.content(service.id)["metadata"]["annotations"] == {"team": "shop"}


def test_what_its_deployer_makes_in_the_meantime_is_not_overwritten(edited: World) -> None:
    path, of_none = "/api/v1/namespaces/monitoring/configmaps/one", edited.wanted[1].id
    there = edited.objects.read(of_none)
    assert there
    edited.objects.write(of_none, ObjectWrite("delete", "me"), version=there.version)
    plan = edited.plan()
    looked: list[ObjectId] = []

    def made_by_helm(target: ObjectId, _: ObjectWrite) -> str:
        if target.name == "one" and not looked:
            edited.send(path, config_map("one", RULE.format("one", 8)), "helm", APPLY)
        return ""

    deeds = lossy(edited, made_by_helm).restore(plan, looked.append)
    assert expr(edited.texts())["one"] == "up == 8"
    assert looked == [of_none]
    assert [deed.id.name for deed in deeds] == ["metrics", "two"]


def test_undoing_deletes_what_was_gone_before(edited: World) -> None:
    service, *_ = edited.wanted
    there = edited.objects.read(service.id)
    assert there
    edited.objects.write(service.id, ObjectWrite("delete", "me"), version=there.version)
    edited.run()
    assert of(edited.restorer().undo(), "metrics").kind == "undone"
    assert edited.objects.read(service.id) is None


NO_YAML = "groups: [\n"


def test_a_file_that_is_not_valid_is_not_put_back_by_undoing(edited: World) -> None:
    edited.edit("one", NO_YAML)
    edited.run()
    deeds = edited.restorer().undo()
    assert (of(deeds, "one").kind, ids(of(deeds, "one").why)) == ("refused", ["restoring/undo.invalid"])
    assert of(deeds, "two").kind == "undone"
    assert expr(edited.texts()) == {"one": "up == 0", "two": "up == 1"}


def test_a_file_that_is_not_valid_is_not_put_back_where_the_new_one_is_not_loaded(edited: World) -> None:
    edited.edit("one", NO_YAML)
    edited.delay = 10_000
    deeds = edited.run()
    assert ids(of(deeds, "one").why) == ["restoring/stays", "restoring/not-loaded"]
    assert (of(deeds, "one").kind, of(deeds, "two").kind) == ("unknown", "rolled-back")
    assert expr(edited.texts()) == {"one": "up == 0", "two": "up == 1"}
    assert edited.restorer().recover() == ()


@pytest.mark.extended
def test_nor_after_a_kill_at_any_step(tmp_path: Path) -> None:
    at, killed = 1, True
    while killed:
        at += 1
        (tmp_path / str(at)).mkdir()
        with world(tmp_path / str(at)) as edited:
            edited.edit("one", NO_YAML)
            edited.delay = 10_000
            try:
                edited.run(Fate(at))
            except Killed:
                edited.run()
            else:
                killed = False
            assert expr(edited.texts()) == {"one": "up == 0", "two": "up == 1"}, at
    assert at > 10


def test_what_is_to_stay_restored_is_not_undone_with_the_others(edited: World) -> None:
    edited.run()
    why = message("restoring/undo.deletes-data")
    deeds = edited.restorer().undo(lambda record: why if record.rewrite.id.name == "metrics" else None)
    assert of(deeds, "metrics") == Deed("refused", edited.wanted[0].id, why)
    assert (edited.ports(), expr(edited.texts())) == ([8090], {"one": "up == 1", "two": "up == 1"})
    assert [deed.kind for deed in edited.restorer().undo()] == ["undone"]
    assert edited.ports() == [9]
