"""What limits that somebody thinks of would keep and take, now and after a growth."""

from dataclasses import dataclass

from maintainer.analyse.storage.options import Option, monthly_cost, option
from maintainer.analyse.storage.words import in_days, in_gib, said
from maintainer.model.message import Message, message
from maintainer.model.sections import Cell, Table
from maintainer.model.storage import NO_GROWTH, Growth, Retention, Usage


@dataclass(frozen=True, slots=True)
class Plan:
    """The limits, and what they are computed from. ``basis`` says where the numbers are from.

    ``disk`` are the bytes of the present volume, ``price`` is that of a GiB in a month; 0 if they are not known.
    """

    limits: Retention
    usage: Usage
    basis: Message
    growth: Growth = NO_GROWTH
    disk: float = 0.0
    price: float = 0.0

    @property
    def outcomes(self) -> tuple[Option, ...]:
        """What the limits lead to now, and at the end of the growth if there is one."""
        ends = (NO_GROWTH, self.growth) if self.growth.rate else (NO_GROWTH,)
        return tuple(option(self.limits, self.usage, growth) for growth in ends)


def plan_table(plan: Plan) -> Table:
    """A row for each number, a column for now and one for the end of the growth."""
    outcomes = plan.outcomes
    columns = [said(outcomes[0].limits), message("plan/now")]
    if len(outcomes) > 1:
        columns.append(message("plan/ahead", days=in_days(plan.growth.ahead)))
    shown = [_cells(outcome, plan) for outcome in outcomes]
    rows = tuple((label, *(cells[label] for cells in shown)) for label in shown[0])
    heads = tuple(message("plan/limits", limits=head) if isinstance(head, str) else head for head in columns)
    return Table(message("plan/title"), heads, rows, lead=plan.basis)


def _cells(outcome: Option, plan: Plan) -> dict[Message, Cell]:
    cells: dict[Message, Cell] = {
        message("storage/option.column.keeps"): in_days(outcome.window),
        message("storage/option.column.limit"): message(f"storage/option.bites.{outcome.bites}"),
        message("plan/block"): in_days(outcome.block),
        message("storage/option.column.stored"): in_gib(outcome.stored),
        message("storage/option.column.spare"): in_gib(outcome.spare),
        message("storage/option.column.volume"): in_gib(outcome.volume),
    }
    if plan.disk:
        fits = "storage/option.fits.yes" if outcome.fits(plan.disk) else "storage/option.fits.no"
        cells[message("storage/option.column.fits")] = message(fits)
    if plan.price:
        cells[message("storage/option.column.cost")] = round(monthly_cost(outcome.volume, plan.price), 2)
    return cells


def given(usage: Usage) -> Message:
    """That the numbers were given."""
    return message("plan/given", ingest=round(usage.ingest, 1), sample=round(usage.sample, 2))
