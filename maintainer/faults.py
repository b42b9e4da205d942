"""Catches the faults of this program, so that each costs only the step that it is in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from traceback import extract_tb
from typing import TypeVar

from maintainer.analyse.checks import Check
from maintainer.collect.sources import attempt
from maintainer.deliver.files import save_traceback
from maintainer.errors import MaintainerError, SourceUnavailable
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap
from maintainer.model.secret_text import bare_urls
from maintainer.model.sections import Section, Text

K = TypeVar("K")
S = TypeVar("S")
T = TypeVar("T")

MOST_ODD = 20
"""The most items of which each is looked for: each takes the step as often as the items can be halved."""

MOST_OF_AN_ERROR = 300
"""The most characters of an exception in a report: it may quote what was read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of this program: the exception, and the file with its traceback, "" if it could not be saved."""

    error: str
    file: str


class Faults:
    """Catches the faults of this program, so that each costs only the step that it is in, and saves their tracebacks.

    A fault that many objects bring about has one traceback. ``hide`` takes the secrets out of texts of errors.
    ``before_step`` is called before each step.
    """

    def __init__(self, hide: Callable[[str], str] = bare_urls, before_step: Callable[[], None] = lambda: None) -> None:
        self._hide = hide
        self._before_step = before_step
        self._by_place: dict[tuple[str, str, int | None], Fault] = {}

    @property
    def found(self) -> tuple[Fault, ...]:
        """The faults so far, each once."""
        return tuple(self._by_place.values())

    def guard(self, step: Callable[[], T]) -> T:
        """The result of the step. Raises :class:`SourceUnavailable` for a fault of this program in it."""
        self._before_step()
        try:
            return step()
        except MaintainerError:
            raise
        except Exception as error:
            file, text = self._saved(error).file, _in_short(error, self._hide)
            reason = "fault" if file else "fault-unsaved"
            raise SourceUnavailable(reason, error=text, file=file) from error

    def examine(self, checks: Sequence[Check[S]], subject: S) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
        """The findings of the checks in their subject, and the gaps: what they could not judge.

        A check that raises an exception becomes a gap; the other checks are not affected.
        """
        findings: list[Finding] = []
        gaps: list[Gap] = []
        for check in checks:
            examined, why = self._tried(partial(_examined, check, subject))
            gaps += (Gap(check.id, "passing", why),) if why else ()
            if examined:
                findings += examined[0]
                gaps += examined[1]
        return tuple(findings), tuple(gaps)

    def sift(self, items: Sequence[K], step: Callable[[frozenset[K]], T]) -> tuple[T, Mapping[K, Message]]:
        """The result of a step without the items in which it has a fault, and these items with the reasons.

        ``step`` gets the items to leave out. Raises :class:`SourceUnavailable` if the fault is in no item alone, or in
        too many.
        """
        try:
            return self.guard(partial(step, frozenset())), {}
        except SourceUnavailable:
            odd = self._odd(tuple(dict.fromkeys(items)), step)
        return self.guard(partial(step, frozenset(odd))), odd

    def _odd(self, items: Sequence[K], step: Callable[[frozenset[K]], object]) -> Mapping[K, Message]:
        """The items that have the fault alone, at most :data:`MOST_ODD` of them: halves are taken apart."""
        odd: dict[K, Message] = {}
        suspected = [items]
        while suspected and len(odd) < MOST_ODD:
            some = suspected.pop()
            _, why = self._tried(partial(step, frozenset(items).difference(some)))
            if why and len(some) == 1:
                odd[some[0]] = why
            elif why:
                middle = len(some) // 2
                suspected += (some[middle:], some[:middle])
        return odd

    def sections(self, *makers: Callable[[], Iterable[Section]]) -> tuple[Section, ...]:
        """The sections of a report, with a sentence in the place of those that cannot be made."""
        made: list[Section] = []
        for maker in makers:
            sections, why = self._tried(partial(_all_of, maker))
            made += sections or ()
            made += (Text(message("report/section.fault"), (why,)),) if why else ()
        return tuple(made)

    def _tried(self, step: Callable[[], T]) -> tuple[T | None, Message | None]:
        """The result of the step, or ``None`` and why."""
        result, why = attempt("", step, self.guard)
        return result, why[0].reason if why else None

    def _saved(self, error: Exception) -> Fault:
        innermost = extract_tb(error.__traceback__)[-1]
        place = type(error).__name__, innermost.filename, innermost.lineno
        if place not in self._by_place:
            self._by_place[place] = Fault(_in_short(error, self._hide), save_traceback(error, self._hide))
        return self._by_place[place]


def _all_of(maker: Callable[[], Iterable[Section]]) -> tuple[Section, ...]:
    return tuple(maker())


def _examined(check: Check[S], subject: S) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    return tuple(check.finds(subject)), tuple(check.gaps(subject))


def _in_short(error: Exception, hide: Callable[[str], str]) -> str:
    text = " ".join(hide(repr(error)).split())
    return text if len(text) <= MOST_OF_AN_ERROR else f"{text[:MOST_OF_AN_ERROR]}…"
