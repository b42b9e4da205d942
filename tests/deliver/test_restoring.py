"""Objects end as they were deployed or as they were before, whatever happens in between."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from maintainer.deliver.resuming import holds
from maintainer.model.documents import RESTORED
from maintainer.model.message import Message
from maintainer.model.restoring import Deed, RestoringRecord
from maintainer.store.directory import DirectoryStore
from maintainer.store.memory import Memory
from maintainer.store.restored import KEPT, Restored
from tests.deliver.restorings import APPLY, BAD, NOW, RULE, Fate, Killed, World, config_map, deployed, expr, world

BEFORE, AFTER = {"one": "up == 1", "two": "up == 1"}, {"one": "up == 0", "two": "up == 0"}


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def kinds(deeds: object) -> list[str]:
    return [deed.kind for deed in deeds]  # type: ignore[attr-defined] # deeds


def reasons(deeds: Iterable[Deed]) -> list[str]:
    """Why something is not as was wanted; of what was put back, why that was."""
    whys = [deed.why for deed in deeds if deed.why]
    causes = [why.named["why"] if why.id == "restoring/put-back" else why for why in whys]
    return [cause.id for cause in causes if isinstance(cause, Message)]


def test_all_is_restored_and_loaded_and_owned_by_the_deployer_and_a_second_run_does_nothing(edited: World) -> None:
    assert kinds(edited.run()) == ["restored", "restored", "restored"]
    assert (expr(edited.texts()), expr(edited.loaded), edited.ports()) == (AFTER, AFTER, [8090])
    assert edited.owners() == [{"helm"}, {"helm"}, {"helm"}]
    versions = [edited.objects.read(one.id) for one in edited.wanted]
    assert edited.run() == ()
    assert [edited.objects.read(one.id) for one in edited.wanted] == versions


def test_a_reload_that_takes_the_old_file_is_not_taken_for_success(edited: World) -> None:
    edited.delay = 190
    assert kinds(edited.run()) == ["restored", "restored", "restored"]
    assert expr(edited.loaded) == AFTER
    assert edited.reloads > 3


def test_a_configuration_that_does_not_arrive_is_rolled_back(edited: World) -> None:
    edited.delay = 10_000
    deeds = edited.run()
    assert kinds(deeds) == ["restored", "rolled-back", "rolled-back"]
    assert reasons(deeds) == ["restoring/not-loaded"] * 2
    assert (expr(edited.texts()), expr(edited.loaded)) == (BEFORE, BEFORE)


@pytest.mark.parametrize("delay", [0, 90])
def test_a_rule_file_that_prometheus_refuses_never_stays(tmp_path: Path, delay: float) -> None:
    with world(tmp_path, deployed(RULE.replace("A\n", f"{BAD}\n"))) as edited:
        edited.delay = delay
        deeds = edited.run()
        assert kinds(deeds)[1:] == ["rolled-back", "rolled-back"]
        assert set(reasons(deeds)) == {"restoring/reload-refused"}
        assert (expr(edited.texts()), expr(edited.loaded)) == (BEFORE, BEFORE)


def test_undoing_puts_the_previous_values_back_and_not_what_somebody_has_changed_since(edited: World) -> None:
    edited.run()
    edited.edit("two", RULE.format("two", 7))
    deeds = edited.restorer().undo()
    assert sorted(kinds(deeds)) == ["changed", "undone", "undone"]
    assert (edited.ports(), expr(edited.texts())) == ([9], {"one": "up == 1", "two": "up == 7"})


def test_without_a_restoring_there_is_nothing_to_undo(edited: World) -> None:
    assert edited.restorer().undo() == ()
    assert edited.restorer().recover() == ()


def test_an_edit_between_reading_and_writing_is_looked_at_again(edited: World) -> None:
    plan = edited.plan()
    edited.edit("one", RULE.format("one", 5))
    deeds = edited.restorer().restore(plan, edited.again)
    assert kinds(deeds) == ["restored", "restored", "restored"]
    assert expr(edited.texts()) == AFTER


def test_an_object_that_somebody_makes_in_the_meantime_is_not_overwritten_unseen(edited: World) -> None:
    by_helm = "/api/v1/namespaces/monitoring/configmaps/one?force=true"
    edited.send(by_helm, config_map("one", RULE.format("one", 3)), "helm", APPLY)
    plan = edited.plan_without("one")
    deeds = edited.restorer().restore(plan, lambda _: None)
    assert expr(edited.texts())["one"] == "up == 3"
    assert [deed.id.name for deed in deeds] == ["metrics", "two"]


def test_who_changes_an_object_again_and_again_keeps_it(edited: World) -> None:
    plan, count = edited.plan(), iter(range(10, 99))

    def again(wanted: object) -> object:
        found = edited.again(wanted)  # type: ignore[arg-type] # an id
        edited.edit("one", RULE.format("one", next(count)))
        return found

    edited.edit("one", RULE.format("one", 9))
    deeds = edited.restorer().restore(plan, again)  # type: ignore[arg-type] # as above
    assert "changed" in kinds(deeds)
    assert expr(edited.texts())["one"] == "up == 12"


def test_two_runs_at_once_end_where_one_would(edited: World) -> None:
    with ThreadPoolExecutor(2) as pool:
        deeds = list(pool.map(lambda _: edited.run(), range(2)))
    assert {kind for run in deeds for kind in kinds(run)} <= {"restored", "changed"}
    edited.run()
    assert (expr(edited.texts()), edited.ports(), edited.owners()) == (AFTER, [8090], [{"helm"}, {"helm"}, {"helm"}])


def test_a_right_that_is_missing_leaves_the_object_and_restores_the_others(edited: World) -> None:
    edited.api.forbid("patch", "services")
    deeds = edited.run()
    assert sorted(kinds(deeds)) == ["failed", "restored", "restored"]
    assert reasons(deeds) == ["gap/cluster-forbidden-in-namespace"]


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}),
        ({"a": [{"b": 1, "c": 2}, {"b": 2}]}, {"a": [{"b": 2}, {"b": 1}]}),
        ({"a": 1}, {"b": None, "c": False, "d": "", "e": {}, "f": []}),
    ],
)
def test_an_object_holds_values_whatever_else_it_has(content: object, values: object) -> None:
    assert holds(content, values)


@pytest.mark.parametrize(
    ("content", "values"), [({"a": [{"b": 1}]}, {"a": [{"b": 2}]}), ({"a": 1}, {"a": None}), ({}, {"a": True})]
)
def test_an_object_with_another_value_does_not_hold_it(content: object, values: object) -> None:
    assert not holds(content, values)


def test_the_last_runs_are_kept(tmp_path: Path, edited: World) -> None:
    (rewrite, *_) = (write.rewrite for write in edited.plan().writes)
    store = DirectoryStore(str(tmp_path / "kept"))
    for _ in range(KEPT + 5):
        notes = Restored(store, "demo", edited.now)
        notes.note(notes.begin([(rewrite, {"a": "b"})]), "done")
    kept = Restored(store, "demo", edited.now).records()
    assert (len(kept), kept[0].previous, kept[0].rewrite) == (KEPT, {"a": "b"}, rewrite)
    assert Restored(store, "other", lambda: NOW).records() == ()


def test_where_the_store_is_full_fewer_runs_are_kept(tmp_path: Path, edited: World) -> None:
    (rewrite, *_) = (write.rewrite for write in edited.plan().writes)
    store, random = DirectoryStore(str(tmp_path / "kept")), Random(1)
    for _ in range(4):
        notes = Restored(store, "demo", edited.now, limit=3000)
        notes.note(notes.begin([(rewrite, {"a": random.randbytes(1000).hex()}) for _ in range(4)]), "done")
    kept = Restored(store, "demo", edited.now).records()
    assert (len(kept), len({record.run for record in kept})) == (8, 2)


def test_what_was_restored_last_is_undone_also_where_the_clock_was_behind(edited: World) -> None:
    edited.run()
    edited.behind = 9_000
    edited.edit("one", RULE.format("one", 5))
    assert kinds(edited.run()) == ["restored"]
    assert kinds(edited.restorer().undo()) == ["undone"]
    assert (edited.ports(), expr(edited.texts())) == ([8090], {"one": "up == 5", "two": "up == 0"})


def test_of_records_without_a_turn_the_times_hold(tmp_path: Path, edited: World) -> None:
    (rewrite, *_) = (write.rewrite for write in edited.plan().writes)
    store = DirectoryStore(str(tmp_path / "kept"))
    old = [RestoringRecord("demo", run, 1, NOW, "done", rewrite) for run in ("2026-11-02", "2026-11-01")]
    Memory(store, RESTORED, "restored").add(old)
    notes = Restored(store, "demo", lambda: NOW - timedelta(days=900))
    (new,) = notes.begin([(rewrite, None)])
    assert [record.run for record in notes.records()] == ["2026-11-01", "2026-11-02", new.run]


def test_how_far_a_write_has_come_is_later_than_how_far_it_was() -> None:
    record = RestoringRecord("demo", "run", 1, NOW, "writing", None)  # type: ignore[arg-type] # of no interest here
    assert record.now("done", NOW - timedelta(days=1)).at > NOW


def steps(folder: Path, **more: float) -> int:
    """How many steps a whole run has."""
    fate = Fate()
    with world(folder) as made:
        for name, value in more.items():
            setattr(made, name, value)
        made.run(fate)
    return fate.steps


def after_a_kill(folder: Path, half: int, delay: float) -> None:
    """Kill a run before a step, or after it if ``half`` is odd, run again, and look at what is there."""
    folder.mkdir()
    with world(folder) as edited:
        edited.delay = delay
        with pytest.raises(Killed):
            edited.run(Fate(half / 2))
        edited.run()
        is_restored = delay == 0
        state = AFTER if is_restored else BEFORE
        assert (expr(edited.texts()), expr(edited.loaded), edited.ports()) == (state, state, [8090]), half
        assert edited.owners() == [{"helm"}, {"helm"}, {"helm"}] or not is_restored, half
        assert not any("maintainer" in owners for owners in edited.owners()), half


@pytest.mark.parametrize("half", [3, 14, 21, 30])
def test_after_a_kill_the_next_run_ends_what_was_begun(tmp_path: Path, half: int) -> None:
    after_a_kill(tmp_path / "killed", half, 0.0)


@pytest.mark.extended
@pytest.mark.parametrize("delay", [0.0, 10_000.0])
def test_after_a_kill_between_any_two_steps_the_next_run_ends_in_one_state_or_the_other(
    tmp_path: Path, delay: float
) -> None:
    (tmp_path / "count").mkdir()
    last = 2 * steps(tmp_path / "count", delay=delay)
    assert last >= 40
    for half in range(2, last):
        after_a_kill(tmp_path / str(half), half, delay)
