"""All that is known of the queries about Rollouts, from what is asked to what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from maintainer.analyse.asking import Question, plan, questions
from maintainer.analyse.brackets import Judged
from maintainer.analyse.numbers import Number, numbers
from maintainer.analyse.scene import Scene
from maintainer.analyse.selectors import remarks
from maintainer.model.asked import Answers, Asked, Plan
from maintainer.model.facts import Bracket
from maintainer.model.queries import Remark


@dataclass(frozen=True, slots=True)
class Audit:
    """The queries of rules and dashboards: what is to be remarked, what was asked for them, what was answered.

    ``stale``: a target gave no new scrape, so panels' numbers could not be held against the API.
    """

    asked: Asked
    remarks: tuple[Remark, ...] = ()
    questions: tuple[Question, ...] = ()
    plan: Plan = field(default_factory=Plan)
    answers: Answers = field(default_factory=Answers)
    numbers: tuple[Number, ...] = ()
    stale: bool = False


def questioned(asked: Asked, scene: Scene) -> Audit:
    """What is wrong with the queries by themselves, and what to ask about the others."""
    found = remarks(asked.queries, version=scene.version)
    ours = questions(asked.queries, scene, found)
    return Audit(asked, found, ours, plan(ours, scene))


def answered(audit: Audit, answers: Answers, brackets: Sequence[Bracket], judged: Judged) -> Audit:
    """The same with what was answered, and the numbers of panels beside the API's."""
    stale = bool(audit.plan.counts and judged.readings and any(one.stale for one in brackets[-1:]))
    found = () if stale else numbers(audit.questions, answers, brackets, judged)
    return replace(audit, answers=answers, numbers=found, stale=stale)
