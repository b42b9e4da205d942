"""What is restored is proven by a real Prometheus, which gets its files late, refuses one, and restarts."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.deliver.proof import Refused
from maintainer.model.message import Message
from maintainer.sandbox.programs import Program, free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, launch
from tests.deliver.restorings import RULE, World, deployed, expr, world_of

pytestmark = pytest.mark.extended

BEFORE, AFTER = {"one": "up == 1", "two": "up == 1"}, {"one": "up == 0", "two": "up == 0"}
FILES = {CONFIG: yaml.safe_dump({"rule_files": ["*.rules.yml"]})}


class Served(World):
    """A world with a real Prometheus. ``restarts`` says before which reload it is started anew."""

    program: Program
    restarts = 0

    def read(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            (self.program.folder / f"{name}.rules.yml").write_text(text, "utf-8")
        if self.reloads == self.restarts:
            self.start(texts)
        with closing(Prometheus(Endpoint(self.program.url))) as prometheus:
            if said := prometheus.reload():
                raise Refused(prometheus.who, said)
            rules = {group.name: group.rules[0].query for group in prometheus.rules()}
        self.loaded = {name: RULE.replace("{} ", "").format(name, rules[name][-1]) for name in texts}
        assert expr(self.loaded) == rules

    def start(self, texts: dict[str, str]) -> None:
        if self.restarts:
            stop([self.program])
        files = {f"{name}.rules.yml": text for name, text in texts.items()}
        self.program = launch(new_folder(), FILES | files, port=free_port())
        self.program.wait()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with world_of(Served, tmp_path) as made:
        made.start(made.texts())
        yield made
        stop([made.program])


@pytest.mark.parametrize(("delay", "restarts"), [(0, 0), (90, 0), (130, 2)])
def test_what_is_restored_is_loaded_in_the_end(served: Served, delay: float, restarts: int) -> None:
    served.delay, served.restarts = delay, restarts
    assert [deed.kind for deed in served.run()] == ["restored"] * 3
    assert (expr(served.texts()), expr(served.loaded)) == (AFTER, AFTER)


def test_a_rule_that_prometheus_refuses_never_stays(served: Served) -> None:
    served.wanted = deployed(RULE.replace("up == {}", "up =={}").replace("=={}", "== #{}"))
    served.delay = 90
    deeds = served.run()
    assert [deed.kind for deed in deeds] == ["restored", "rolled-back", "rolled-back"]
    whys = [deed.why.named["why"] for deed in deeds if deed.why]
    assert {why.id for why in whys if isinstance(why, Message)} == {"restoring/reload-refused"}
    assert (expr(served.texts()), expr(served.loaded)) == (BEFORE, BEFORE)


def test_a_file_that_never_comes_is_rolled_back(served: Served) -> None:
    served.delay = 10_000
    assert [deed.kind for deed in served.run()] == ["restored", "rolled-back", "rolled-back"]
    assert (expr(served.texts()), expr(served.loaded)) == (BEFORE, BEFORE)
