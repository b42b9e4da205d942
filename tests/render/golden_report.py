"""A report with something in each of its places, in the sentences of the checks, so that both languages have it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from maintainer.model.message import message
from maintainer.model.report import (
    Acceptance,
    Action,
    EarlierFigures,
    Finding,
    Gap,
    Json,
    Report,
    Resolved,
    Subject,
    UnusedAcceptance,
)
from maintainer.model.sections import (
    Amount,
    Area,
    Bar,
    Bars,
    BeforeAfter,
    Calendar,
    CalendarDay,
    Chip,
    Diff,
    Episode,
    Forecast,
    Heatmap,
    Lane,
    Lanes,
    Limit,
    Measure,
    Section,
    Series,
    Stretch,
    Table,
    Text,
)
from tests.render.sample_report import GENERATED, report

OCTOBER = datetime(2026, 10, 1, 9, tzinfo=GENERATED.tzinfo)
DEAD = 'rollout_info{phase="Degraded"} == 1'
LIVE = 'rollout_info{phase=~"Timeout|Error|Abort|InvalidSpec"} == 1'
TARGETS = ["argo-rollouts 10.0.0.7:8090", "kubernetes-pods 10.0.0.7:8090"]


def golden() -> Report:
    """The report of a month, compared with the one before."""
    return replace(
        report(
            findings=(_phase(), _dead(), _unrouted(), _duplicate(), _newer(), _accepted()),
            gaps=(
                Gap("panel/value", "passing", message("gap/no-emitter")),
                Gap("query/no-data", "passing", message("gap/no-emitter")),
                Gap("pipeline/version", "permanent", message("gap/no-version"), accepted="an old controller"),
            ),
            figures={
                "rollouts.listed": 297,
                "rollouts.compared": 294,
                "rollouts.agreeing": 292,
                "rollouts.moving": 3,
                "rollouts.unjudged": 0,
                "alerts.able": 1,
                "alerts.asked": 2,
                "prometheus.requests": 75,
                "seconds": 3.5,
            },
            sections=_sections(),
        ),
        resolved=(Resolved("pipeline/target", "0123456789abcdef", date(2026, 9, 1), "A target was down."),),
        actions=(Action("reloaded", Subject("ConfigMap", "monitoring", "rules"), message("pipeline-table/title")),),
        unused=(UnusedAcceptance(Acceptance("query/error", "panel/Old", "known", date(2026, 10, 1)), "expired"),),
        not_chosen=("query/deprecated",),
        compared_with=OCTOBER,
        earlier=tuple(
            EarlierFigures(f"2026-{month:02}", OCTOBER.replace(month=month), {"rollouts.listed": 280 + month})
            for month in (8, 9, 10)
        ),
    )


def _phase() -> Finding:
    names = [f"checkout/cart_{number:02}|x" for number in range(23)]
    rows: list[Json] = [
        {"rollout": name, "what": "phase", "api": "Abort", "metric": "Progressing", "targets": TARGETS}
        for name in names
    ]
    summary = message("accuracy/phase/drift.summary", count=23, rollout=names[0], metric="Progressing", api="Abort")
    return replace(
        _finding("accuracy/phase", "drift", ("Rollout", *names), evidence={"rollouts": rows}),
        summary=summary,
        reproduce="kubectl -n checkout get rollouts.argoproj.io cart_00\ncurl -sS 'http://prometheus/api/v1/query'",
        state="still",
        first_seen=date(2026, 9, 1),
        grown=("Rollout/checkout/cart_22|x",),
    )


def _dead() -> Finding:
    why = message("query/dead-selector.value", metric="rollout_info", matcher='phase="Degraded"', values="Abort, Error")
    means = message("query/means.never.alert")
    queries: list[Json] = [
        {"name": "RolloutFailed", "where": "rules.yml", "query": DEAD, "corrected": LIVE},
        {"name": "RolloutFailedToo", "where": "rules.yml", "query": DEAD, "corrected": LIVE},
    ]
    return replace(
        _finding("query/dead-selector", "remarked", ("alert", "RolloutFailed", "RolloutFailedToo")),
        evidence={"queries": queries},
        summary=message("query/remarked.summary", count=2, name="RolloutFailed", why=why, means=means),
        reproduce="curl -sS 'http://prometheus/api/v1/query?query=count+by+(phase)+(rollout_info)'",
    )


def _unrouted() -> Finding:
    alerts: list[Json] = [{"alert": "RolloutFailed", "labels": {"severity": "critical"}, "receivers": ["nobody"]}]
    found = _finding(
        "pipeline/alertmanager",
        "unrouted",
        ("alert", "RolloutFailed"),
        evidence={"alerts": alerts, "alertmanager": "http://10.0.0.9:9093"},
    )
    return replace(found, summary=message("pipeline/alertmanager/unrouted.summary", count=1, names="RolloutFailed"))


def _duplicate() -> Finding:
    targets: list[Json] = [{"instance": "10.0.0.7:8090", "job": job} for job in ("argo-rollouts", "kubernetes-pods")]
    found = _finding("coverage/duplicate", "targets", ("Target", *TARGETS), evidence={"targets": targets})
    summary = message("coverage/duplicate/targets.summary", count=297, one=TARGETS[0], other=TARGETS[1])
    return replace(found, severity="warning", summary=summary)


def _newer() -> Finding:
    known = {"subject": TARGETS[0], "told": "v1.11.0", "other": "v1.10"}
    found = _finding("pipeline/version", "newer", ("Target", TARGETS[0]), evidence={"metrics": "v1.11.0"})
    return replace(found, severity="info", summary=message("pipeline/version/newer.summary", **known))


def _accepted() -> Finding:
    return replace(
        _duplicate(),
        cause="accepted",
        state="accepted",
        accepted="two jobs until the move",
        accepted_until=date(2027, 1, 31),
    )


def _finding(check: str, cause: str, subjects: tuple[str, ...], *, evidence: dict[str, Json] | None = None) -> Finding:
    kind, *names = subjects
    return Finding(
        check=check,
        severity="error",
        subjects=tuple(Subject(kind, *(["", name] if "/" not in name else name.split("/"))) for name in names),
        cause=cause,
        summary=message(f"{check}/{cause}.summary"),
        action=message(f"{check}/{cause}.action"),
        evidence=evidence or {},
    )


def _sections() -> tuple[Section, ...]:
    title, unit = message("queries/title"), message("coverage/rollouts")
    hours = tuple(OCTOBER.astimezone(UTC) + timedelta(hours=hour) for hour in range(3))
    agreed, differed, silent = (message(f"month/state.{state}") for state in ("agreed", "differed", "silent"))
    rows = [(f"Alert_{number}", Chip(message("queries/kind.alert")), number) for number in range(4)]
    lane = Lane(
        "RolloutFailed", "shop/cart_1", (Episode(hours[0], hours[1], "real"),), (Stretch(hours[1], hours[2], differed),)
    )
    return (
        Table(title, (message("queries/name"), message("queries/kind"), unit), tuple(rows), (2,), title),
        Diff(message("drift-diff/title", object="ConfigMap monitoring/rules"), "for: 5m\n", "for: 50m\n"),
        Bars(title, unit, (Bar(agreed, 292, "ok"), Bar(differed, 2, "error"))),
        BeforeAfter(title, agreed, differed, (Measure(unit, unit, Amount(1203, 31), Amount(64, 31)),), title),
        Lanes(
            title,
            hours[0],
            hours[2],
            (lane,),
            (Stretch(hours[0], hours[1], silent),),
            (Stretch(hours[1], hours[2], agreed),),
            title,
        ),
        Heatmap(title, unit, (agreed, differed), ("Mon", "Tue"), ((3, None), (0, 1)), title),
        Area(
            title,
            unit,
            hours[:2],
            (Series(agreed, (1.5, None)), Series(differed, (2, 3))),
            (Limit(agreed, 40), Limit(differed, 45, "proposed")),
            Forecast(hours[2:], (30.5,), (31,), (35.25,)),
            title,
        ),
        Calendar(title, (agreed,), (CalendarDay(OCTOBER.date(), differed, "error", agreed),)),
        Text(title, (agreed, differed)),
    )
