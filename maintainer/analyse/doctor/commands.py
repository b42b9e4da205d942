"""The commands that doctor tells a reader to type."""

from dataclasses import dataclass
from shlex import join, quote

from maintainer.analyse.reproduce import Access


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands for the same cluster and settings. ``options`` are those that doctor was called with."""

    access: Access
    options: tuple[tuple[str, str], ...] = ()

    def doctor(self, option: str = "", value: str = "", *, variable: str = "") -> str:
        """Doctor once more, with another value of an option, or of a variable of the environment."""
        kept = [word for name, given in self.options if name != option for word in (name, given)]
        words = ["maintainer", "doctor", *kept, *([option, value] if option else [])]
        return f"{variable}={quote(value)} {join(words)}" if variable else join(words)

    def kubectl(self, arguments: str) -> str:
        """A kubectl command with these arguments, already quoted, as the reader: not as the user of ``--as``."""
        return Access(context=self.access.context, kubeconfig=self.access.kubeconfig).kubectl(arguments)

    def helm(self, arguments: str) -> str:
        """A helm command with these arguments, already quoted, for the same cluster as the reader."""
        options = {"--kubeconfig": self.access.kubeconfig, "--kube-context": self.access.context}
        given = [f"{option} {quote(value)}" for option, value in options.items() if value]
        return " ".join(("helm", *given, arguments))

    def fetch(self, url: str) -> str:
        """A command that shows what answers at a URL."""
        return self.access.fetch(url)

    def apply(self, manifest: str) -> str:
        """A command that applies a manifest."""
        return f"{self.kubectl('apply --server-side -f -')} <<'EOF'\n{manifest}EOF"
