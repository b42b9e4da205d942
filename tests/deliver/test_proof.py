"""Several servers that read what was written: all are asked to, and who does not run with it is named."""

from dataclasses import dataclass

import pytest

from maintainer.deliver.proof import Patience, Proof, Refused, proven, reload_all
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.message import message


@dataclass
class Server:
    """A server that answers a reload with ``said``, or not at all if it is ``away``."""

    who: str
    said: str = ""
    away: bool = False
    reloads: int = 0

    def reload(self) -> str:
        self.reloads += 1
        if self.away:
            raise SourceUnavailable("web-timeout", who=self.who, url="http://a", seconds=30)
        return self.said


def patience() -> Patience:
    """A clock that passes while it is waited."""
    at = [0.0]
    return Patience(Clock(lambda: at[0], lambda seconds: at.__setitem__(0, at[0] + seconds)), 60, 20)


@pytest.mark.parametrize("fault", [{"said": "bad rule"}, {"away": True}], ids=str)
def test_a_server_that_does_not_reload_keeps_no_other_from_it(fault: dict[str, object]) -> None:
    first, second = Server("Prometheus m/p-0", **fault), Server("Prometheus m/p-1")  # type: ignore[arg-type] # its fields
    with pytest.raises((Refused, SourceUnavailable)):
        reload_all([first, second])
    assert (first.reloads, second.reloads) == (1, 1)


def test_the_server_that_refuses_is_named() -> None:
    servers = Server("Prometheus m/p-0"), Server("Prometheus m/p-1", "bad rule")
    proof: Proof[str] = Proof(lambda: reload_all(servers), lambda: "", lambda _: "no", lambda _: ())
    why = message("restoring/reload-refused", who="Prometheus m/p-1", said="bad rule")
    assert proven(proof, patience()) == why


def test_the_servers_that_have_not_loaded_it_are_named() -> None:
    proof: Proof[tuple[str, ...]] = Proof(lambda: None, lambda: ("m/p-0", "m/p-1"), lambda _: "no", lambda seen: seen)
    assert proven(proof, patience()) == message("restoring/not-loaded.some", servers="m/p-0, m/p-1", seconds=60)


def test_of_a_single_server_no_name_is_needed() -> None:
    proof: Proof[str] = Proof(lambda: None, lambda: "", lambda _: "no", lambda _: ())
    assert proven(proof, patience()) == message("restoring/not-loaded", seconds=60)
