"""The outline of a report, the same in HTML, Markdown and at a terminal: title, verdict, cards, gaps, figures."""

from dataclasses import dataclass
from functools import partial

from maintainer.render.actions import Card, cards
from maintainer.render.bar import Share, shares
from maintainer.render.check_list import CheckGroup, check_list
from maintainer.render.document import Document
from maintainer.render.gap_reasons import Reason, gap_reasons
from maintainer.render.head import Figure, cost, facts, figures, title
from maintainer.render.headline import Tone, changed, headline, scope, tone
from maintainer.render.words import Catalogue, say


@dataclass(frozen=True, slots=True)
class Outline:
    """A document arranged for a reader.

    ``verdict`` says who is misled, ``changed`` what is new and what is resolved. ``facts`` are pairs of label and
    value, ``cost`` are short phrases. ``cards`` hold the findings that the verdict depends on, the most harmful first,
    ``notes`` those of severity ``info``, ``accepted`` those that the settings accept. ``unused`` are notes about
    acceptances without an effect, ``not_chosen`` the checks that were left out by choice, ``checks`` all others.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    tone: Tone
    verdict: str
    changed: str
    scope: str
    figures: tuple[Figure, ...]
    shares: tuple[Share, ...]
    cards: tuple[Card, ...]
    notes: tuple[Document, ...]
    accepted: tuple[Document, ...]
    gaps: tuple[Reason, ...]
    cost: tuple[str, ...]
    unused: tuple[str, ...] = ()
    not_chosen: tuple[str, ...] = ()
    checks: tuple[CheckGroup, ...] = ()

    @property
    def open_gaps(self) -> tuple[Reason, ...]:
        """The gaps that are not accepted."""
        return tuple(reason for reason in self.gaps if not reason.accepted)

    @property
    def other_gaps(self) -> tuple[Reason, ...]:
        """The gaps that are no card."""
        return tuple(reason for reason in self.gaps if not reason.is_first)


def outline(document: Document, catalogue: Catalogue) -> Outline:
    """The outline of a document, in the words of the catalogue."""
    in_words = partial(say, catalogue)
    open_findings = [finding for finding in document["findings"] if finding["state"] != "accepted"]
    gaps = gap_reasons(document, in_words)
    to_do = cards([finding for finding in open_findings if finding["severity"] != "info"], gaps, in_words)
    return Outline(
        title=in_words(title(document)),
        facts=facts(document, in_words),
        tone=tone(to_do, document["verdict"]),
        verdict=in_words(headline(to_do, document)),
        changed=in_words(changed(document)),
        scope=" ".join(map(in_words, scope(document))),
        figures=figures(document, in_words),
        shares=shares(document, in_words),
        cards=to_do,
        notes=tuple(finding for finding in open_findings if finding["severity"] == "info"),
        accepted=tuple(finding for finding in document["findings"] if finding["state"] == "accepted"),
        gaps=gaps,
        cost=cost(document, in_words),
        unused=tuple(unused["note"] for unused in document["unusedAcceptances"]),
        not_chosen=tuple(document["notChosen"]),
        checks=check_list(document, in_words),
    )
