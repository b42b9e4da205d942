"""Sample reports of the jobs to come, of realistic size, with every kind of picture."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from maintainer.model.message import Message, message
from maintainer.model.report import Action, Finding, Gap, Period, Report, Severity, Subject
from maintainer.model.sections import (
    Amount,
    Area,
    Bar,
    Bars,
    BeforeAfter,
    Chip,
    Diff,
    Episode,
    EpisodeVerdict,
    Forecast,
    Heatmap,
    Lane,
    Lanes,
    Limit,
    Measure,
    Series,
    Stretch,
    Table,
)
from maintainer.render.words import Catalogue, load
from tests.render.sample_report import SEOUL

QUARTER = Period("2026-Q3", datetime(2026, 7, 1, tzinfo=SEOUL), datetime(2026, 10, 1, tzinfo=SEOUL), "Asia/Seoul")
HALF = Period("2026-H1", datetime(2026, 1, 1, tzinfo=SEOUL), datetime(2026, 7, 1, tzinfo=SEOUL), "Asia/Seoul")
DAY = Period("2026-11-01", datetime(2026, 11, 1, tzinfo=SEOUL), datetime(2026, 11, 2, tzinfo=SEOUL), "Asia/Seoul")

LANES, EPISODES, DAYS = 60, 3_000, 180

ALERTS = ("RolloutStuck", "RolloutFailed", "RolloutHighErrorRate", "RolloutReplicaMismatch")
TEAMS = ("payments", "catalog", "media", "identity", "logistics")
APPS = ("checkout-api", "settlement", "transcoder", "login", "search-indexer", "cart", "invoice", "price-api")


@cache
def sampling(language: str) -> Catalogue:
    """The catalogue with an entry that says its parameter of that language."""
    catalogue = load(language)
    return Catalogue(language, {**catalogue.entries, "say/text": f"{{{language}}}"})


def words(en: str, ko: str) -> Message:
    """A sentence of a job to come, in both languages."""
    return message("say/text", en=en, ko=ko)


def finding(check: str, severity: Severity, summary: Message, action: Message, *names: str) -> Finding:
    subjects = tuple(Subject("Rollout", *name.split("/")) for name in names)
    return Finding(
        check, severity, subjects, check, summary, action, reproduce="maintainer run quarterly --check alert/*"
    )


def reported(job: str, period: Period, at: datetime) -> Report:
    return Report(job=job, cluster="management", period=period, generated_at=at, version="1.0.0")


def quarterly() -> Report:
    """A quarter of alerts: 60 lanes with 3,000 episodes, when they came, and what a longer ``for`` would change."""
    lanes = alert_lanes()
    noisy = finding(
        "alert/tuning",
        "warning",
        words("RolloutStuck paged 31 times for nothing.", "RolloutStuck 알림이 31번 불필요하게 울렸습니다."),
        words("Raise for of RolloutStuck from 15m to 25m", "RolloutStuck의 for를 15m에서 25m으로 올리기"),
        "media/transcoder",
    )
    unseen = words("Prometheus was down for 4 of 92 days.", "92일 중 4일 동안 Prometheus가 중지되어 있었습니다.")
    return replace(
        reported("quarterly", QUARTER, datetime(2026, 10, 1, 9, 0, 41, tzinfo=SEOUL)),
        findings=(noisy,),
        gaps=(Gap("retention/history", "permanent", unseen),),
        sections=(lanes, heat(lanes), before_after(), change()),
    )


def alert_lanes() -> Lanes:
    random = Random(3)
    subjects = [f"{team}/{app}" for team in TEAMS for app in APPS]
    lanes = []
    for number in range(LANES):
        alert = ALERTS[number * len(ALERTS) // LANES]
        starts = sorted(began(random) for _ in range(EPISODES // LANES))
        incidents = tuple(
            Stretch(start, start + timedelta(hours=random.randint(2, 30)), words("incident", "인시던트"))
            for start in random.sample(starts, 3)
        )
        lanes.append(Lane(alert, subjects[number % len(subjects)], tuple(episodes(starts, random)), incidents))
    return Lanes(
        words("92 days of alerts, one lane for each alert and Rollout", "92일간의 알림, 알림과 Rollout마다 한 줄"),
        QUARTER.start,
        QUARTER.end,
        tuple(lanes),
        unseen=(
            Stretch(august(11, 2), august(13, 17), words("Prometheus was down", "Prometheus 중지")),
            Stretch(august(39, 0), august(40, 5), words("the volume was full", "볼륨 가득 참")),
        ),
        windows=(
            Stretch(QUARTER.start, august(31, 0), words("tuned on 61 days", "61일로 조정")),
            Stretch(august(31, 0), QUARTER.end, words("measured on 31 days", "31일로 측정")),
        ),
    )


def august(day: int, hour: int) -> datetime:
    """A day counted from the first of August, which is 1."""
    return datetime(2026, 7, 31, hour, tzinfo=SEOUL) + timedelta(days=day)


def began(random: Random) -> datetime:
    """When an episode of the quarter begins: mostly by day, and at the nightly deployment."""
    day = QUARTER.start + timedelta(days=random.randrange(92))
    hours = [9, 10, 11, 14, 15, 15, 16, 17, 20] if day.weekday() < 5 else [11, 15]
    hour = random.choice([2, *hours, random.randrange(24)])
    return day + timedelta(hours=hour, minutes=random.randrange(60))


def episodes(starts: list[datetime], random: Random) -> list[Episode]:
    verdicts: list[EpisodeVerdict] = ["real", "false", "undetermined"]
    return [
        Episode(start, start + timedelta(minutes=random.choices((5, 20, 60, 900), (8, 8, 4, 1))[0]), verdict)
        for start in starts
        for verdict in random.choices(verdicts, (3, 6, 1))
    ]


def heat(lanes: Lanes) -> Heatmap:
    """When episodes began; one hour is not known."""
    cells: list[list[int | None]] = [[0] * 24 for _ in range(7)]
    for lane in lanes.lanes:
        for episode in lane.episodes:
            day, hour = episode.start.weekday(), episode.start.hour
            cells[day][hour] = (cells[day][hour] or 0) + 1
    cells[6] = [0 if hour < 7 else count for hour, count in enumerate(cells[6])]
    cells[2][3] = None
    return Heatmap(
        words("Episodes by hour and weekday, Asia/Seoul", "시간과 요일별 알림, Asia/Seoul"),
        words("episodes", "건"),
        tuple(message(f"report/weekday.{day}") for day in range(1, 8)),
        tuple(f"{hour:02}" for hour in range(24)),
        tuple(map(tuple, cells)),
        words("Most episodes begin by day, and at 02:00.", "대부분 낮 시간과 02시에 시작되었습니다."),
    )


def before_after() -> BeforeAfter:
    pages, minutes = words("pages", "건"), words("min", "분")
    return BeforeAfter(
        words("RolloutStuck with a longer for", "RolloutStuck의 for를 늘렸을 때"),
        message("say/text", en="for 15m", ko="for 15m"),
        message("say/text", en="for 25m", ko="for 25m"),
        (
            Measure(words("Pages in the last 31 days", "최근 31일 알림"), pages, Amount(40, 9), Amount(9, 9)),
            Measure(words("Real incidents paged", "알림이 온 실제 장애"), pages, Amount(9), Amount(9)),
            Measure(words("Time to detect, median", "감지 시간, 중앙값"), minutes, Amount(16), Amount(23)),
        ),
        words("Chosen on the first 61 days, measured on the last 31.", "앞의 61일로 고르고 뒤의 31일로 측정했습니다."),
    )


def change() -> Diff:
    lines = ("- alert: RolloutStuck", '  expr: rollout_info{phase="Progressing"} == 1', "  for: 15m")
    before = "\n".join(lines)
    return Diff(words("The change of RolloutStuck", "RolloutStuck 변경"), before, before.replace("15m", "25m"))


def semiannual() -> Report:
    """Half a year of storage: 180 days of sizes with two limits and a forecast of the next half."""
    full = finding(
        "storage/forecast",
        "warning",
        words(
            "With 90 days of retention the volume is full on 9 August.",
            "보존 기간이 90일이면 8월 9일에 볼륨이 가득 찹니다.",
        ),
        words("Choose how long Prometheus keeps data", "Prometheus 보존 기간 정하기"),
    )
    return replace(
        reported("semiannual", HALF, datetime(2026, 7, 1, 9, 2, 10, tzinfo=SEOUL)),
        findings=(full,),
        sections=(sizes(), per_metric(), options()),
    )


def sizes() -> Area:
    random = Random(5)
    times = tuple(HALF.start + timedelta(days=day) for day in range(DAYS))
    blocks = [14 + day * 0.035 + random.random() * 0.8 for day in range(DAYS)]
    unknown = range(70, 76)
    wal = [1.3 + 0.2 * random.random() for _ in range(DAYS)]
    series = [
        Series(words(en, ko), tuple(None if day in unknown else round(sizes[day], 2) for day in range(DAYS)))
        for en, ko, sizes in (
            ("blocks", "블록", blocks),
            ("WAL", "WAL", wal),
            ("head chunks", "헤드 청크", [0.6] * DAYS),
        )
    ]
    weeks = range(1, 27)
    return Area(
        words("Size on disk", "디스크 사용량"),
        message("say/text", en="GiB", ko="GiB"),
        times,
        tuple(series),
        (
            Limit(words("volume", "볼륨"), 50),
            Limit(words("size cap, if set", "크기 제한(설정 시)"), 48, "proposed"),
        ),
        Forecast(
            tuple(HALF.end + timedelta(weeks=week) for week in weeks),
            tuple(round(22.4 + 0.10 * week, 1) for week in weeks),
            tuple(round(22.4 + 0.17 * week, 1) for week in weeks),
            tuple(round(22.4 + 0.27 * week, 1) for week in weeks),
        ),
    )


def per_metric() -> Bars:
    sizes = {
        "container_network_receive_bytes_total": 2.71,
        "apiserver_request_duration_seconds_bucket": 2.44,
        "rollout_reconcile_bucket": 0.83,
        "rollout_info": 0.11,
    }
    bars = tuple(
        Bar(message("say/text", en=name, ko=name), size, "neutral" if size < 1 else "warning")
        for name, size in sizes.items()
    )
    read, unread = words("something reads it", "읽는 곳이 있음"), words("nothing reads it", "읽지 않음")
    unit = message("say/text", en="GiB", ko="GiB")
    return Bars(words("Size of each metric", "메트릭별 크기"), unit, bars, (Chip(read), Chip(unread, "warning")))


def options() -> Table:
    fits, full = Chip(words("Fits", "들어감"), "ok"), Chip(words("Does not fit", "들어가지 않음"), "error")
    columns = words("Option", "선택지"), words("Result", "결과"), words("Peak, GiB", "최대, GiB")
    return Table(
        words("Three options, July to December", "세 가지 선택지, 7월부터 12월까지"),
        columns,
        (("30d", fits, 26.8), ("90d", full, 76.9), ("90d, 45GB", fits, 45)),
        (2,),
    )


def reconcile() -> Report:
    """Drift of a day: what was edited by hand, and what was put back."""
    edited = finding(
        "drift/changed",
        "error",
        words("The alert RolloutFailed was edited by hand.", "RolloutFailed 알림이 직접 수정되었습니다."),
        words("Put back the alert rules", "알림 규칙 되돌리기"),
    )
    alert = '- alert: RolloutFailed\n  expr: rollout_info{phase=~"Abort|Error|InvalidSpec|Timeout"} == 1\n  for: 5m\n'
    restored = Action("restored", Subject("ConfigMap", "monitoring", "prometheus-config"), words("3 rules", "규칙 3개"))
    return replace(
        reported("reconcile", DAY, datetime(2026, 11, 1, 6, 0, 12, tzinfo=UTC)),
        findings=(edited,),
        actions=(restored,),
        sections=(
            Diff(
                words("RolloutFailed: deployed and stored", "RolloutFailed: 배포한 것과 저장된 것"),
                alert,
                alert.replace('=~"Abort|Error|InvalidSpec|Timeout"', '="Degraded"').replace("5m", "1m"),
            ),
        ),
    )


SAMPLES = {"quarterly": quarterly, "semiannual": semiannual, "reconcile": reconcile}
"""By job, its sample report."""
