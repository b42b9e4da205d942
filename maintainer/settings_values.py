"""The kinds of values that settings have: each is checked, and an error says how to write it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import promql_parser
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from maintainer.analyse.checks import CHECKS
from maintainer.analyse.promql.filtering import condition_problem
from maintainer.analyse.sampling import SAMPLED
from maintainer.collect.drift.kinds import KINDS
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import MINUTE
from maintainer.model.byte_size import quantity_bytes, size_bytes
from maintainer.model.duration import duration, seconds
from maintainer.triggers import schedule_problem


def _duration(value: object) -> float:
    return seconds(str(value))


def _duration_text(value: float) -> str:
    minutes, rest = divmod(value, 60)
    return f"{minutes:.0f}m" if minutes and not rest else duration(value)


def _number(value: object, *, of: str) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,3}", str(value)):
        raise ValueError(f"{value!r} is no number of {of}; write it as 36")
    return int(str(value))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write it as Asia/Seoul") from error
    return value


def _schedule(value: str) -> str:
    if problem := schedule_problem(value):
        raise ValueError(f"{value!r} is refused: {problem}")
    return value


def _without_secrets(value: str) -> str:
    """A URL that holds no password and no token, wherever they would stand in it. Its errors do not show it."""
    if "@" in value:
        raise ValueError(
            "a URL must not hold a name or password (write an @ of a path as %40); those of Prometheus go into "
            "prometheus.basicAuth, those of a Pushgateway into metrics.basicAuth"
        )
    if re.search("[?#]", value):
        raise ValueError(
            "a URL must not hold ? or #; a token of Prometheus goes into prometheus.bearerTokenFile or "
            "prometheus.headers"
        )
    return value


def _url(value: str) -> str:
    value = _without_secrets(value)
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0  # a port that is no number is a ValueError
        usable = parts.scheme in {"http", "https"} and has_host and not re.search(r"\s", value)
    except ValueError:
        usable = False
    if value and not usable:
        raise ValueError("this is no URL; write it as http://prometheus.monitoring.svc:9090")
    return value.rstrip("/")


def _listen(value: str) -> str:
    match = re.fullmatch(r"(?:\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):([0-9]{1,5})", value)
    if not match or int(match[1]) > 65535:
        raise ValueError(f"{value!r} is no address to listen on; write it as 0.0.0.0:8080 or [::]:8080")
    return value


def _file(value: str) -> str:
    if "\n" in value or value.startswith(("-----BEGIN", "Bearer ", "Basic ")):
        raise ValueError("this takes the path of a file, not what is in it")
    return value


def _textfile(value: str) -> str:
    if value and not value.endswith(".prom"):
        raise ValueError(
            f"the node exporter reads only files that end with .prom; write it as {_TEXTFILE}, not as {value!r}"
        )
    return value


def _service(value: str) -> str:
    if value and not re.fullmatch(r"(https?:)?[a-z0-9-]+/[a-z0-9-]+(:[a-z0-9-]+)?(/[^\s?#]*)?", value):
        raise ValueError(
            f"{value!r} names no Service; write it as monitoring/prometheus, with :PORT and /PATH if needed"
        )
    return value


def _condition(value: str) -> str:
    if value and (problem := condition_problem(value)):
        raise ValueError(f"{value[:80]!r} cannot say when users are harmed: {problem}")
    return value


def _matcher(value: str) -> str:
    if not re.fullmatch(r'[a-zA-Z_]\w*\s*(=|!=|=~|!~)\s*"(\\.|[^"\\])*"', value):
        raise ValueError(f"""{value!r} is no label matcher; write it as cluster="a" """.strip())
    try:
        promql_parser.parse(f"x{{{value}}}")
    except ValueError as error:
        raise ValueError(f"the value in {value!r} is no regular expression, or has a wrong escape") from error
    return value


def _object(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9.-]+/[a-z0-9.-]+", value):
        raise ValueError(f"{value!r} is not a namespace and a name; write it as monitoring/prometheus-config")
    return value


def _kind(value: str) -> str:
    kinds = sorted({kind for _, kind in KINDS})
    if value not in kinds:
        raise ValueError(f"objects of the kind {value!r} are not compared; the kinds are {', '.join(kinds)}")
    return value


def _pattern(value: str) -> str:
    families = dict.fromkeys(f"{check.partition('/')[0]}/*" for check in CHECKS)
    if not any(fnmatchcase(check, value) for check in CHECKS):
        meant = f"{value}/*" if f"{value}/*" in families else value
        raise ValueError(f"no check is {value!r}; {_near(meant, (*CHECKS, *families))}")
    return value


def _sampled_pattern(value: str) -> str:
    if not any(fnmatchcase(check, _pattern(value)) for check in SAMPLED):
        raise ValueError(f"the daily sample does not run {value!r}; it runs {', '.join(sorted(SAMPLED))}")
    return value


def _near(value: str, known: Iterable[str]) -> str:
    near = get_close_matches(value, known, n=1)
    return f"did you mean {near[0]}?" if near else "maintainer explain lists all"


def _namespace(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", value):
        raise ValueError(f"{value!r} is no name of a namespace; write it as shop")
    return value


def _folder(value: str) -> str:
    kind = value.partition("=")[0].lower()
    if kind in _OUTPUT_FORMATS:
        format_ = {"markdown": "md"}.get(kind, kind)
        hint = (
            f"did you mean --format {format_}?" if format_ in get_args(Format) else "--format knows html, md and json."
        )
        raise ValueError(
            f"{value!r} is a format, and this takes a folder; {hint} For a folder of this name, type ./{value}"
        )
    return value


def _count(value: object) -> int:
    text = str(value)
    if not re.fullmatch("[1-9][0-9]{0,17}", text):
        raise ValueError("must be a whole number above 0")
    return int(text)


def _disk_size(value: object) -> str:
    text = str(value)
    if text:
        quantity_bytes(text)
    return text


def _size(value: str) -> str:
    if not size_bytes(value):
        raise ValueError(f"{value!r} is no limit; write a size above 0 as Prometheus does, such as 45GB")
    return value


def _price(value: object) -> float:
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ValueError(f"{text!r} is no price; write a number such as 0.08, and 0 if it is not known")
    return float(text)


def _shown_price(value: float) -> float:
    return int(value) if value.is_integer() else value


def _listed(value: object) -> object:
    """A text of names with commas as a list, also where it is an item of a list."""
    if isinstance(value, list):
        return [part for item in value for part in (_parts(item) if "," in str(item) else [item])]
    return _parts(value) if isinstance(value, str) else value


def _parts(value: object) -> list[object]:
    if not isinstance(value, str):
        return [value]
    return [part.strip() for part in value.split(",") if part.strip()]


def _day_span(value: str) -> str:
    if value and not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-4]):[0-5]\d", value):
        raise ValueError(f'{value!r} is no span of a day; write it as 22:00-07:00, or as "" for none')
    return value


def _thresholds(value: object) -> Mapping[str, int | float]:
    if not isinstance(value, Mapping):
        raise ValueError("this takes names and values, such as {transient: 5m}")
    known = {to_camel(name): (name, default) for name, default in asdict(AlertThresholds()).items()}
    found: dict[str, int | float] = {}
    for name, given in value.items():
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"they are {', '.join(known)}"
            raise ValueError(f"no threshold is {name!r}; {hint}")
        field, default = known[name]
        found[field] = _threshold(given, default)
    return found


def _threshold(given: object, default: int | float) -> int | float:
    """A threshold as its default is: a share or a ratio, a time in milliseconds, or a number."""
    if isinstance(default, float):
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1000:
            raise ValueError(f"{given!r} is no share; write it as {default}")
        return float(given)
    return round(_duration(given) * 1000) if default >= MINUTE else _count(given)


_TEXTFILE = "/var/lib/node_exporter/textfile_collector/maintainer.prom"

Format = Literal["html", "md", "json"]
_OUTPUT_FORMATS = {
    *get_args(Format), "csv", "custom-columns", "go-template", "jsonpath", "junit", "markdown", "name",
    "pdf", "sarif", "table", "text", "txt", "wide", "xml", "yaml", "yml",
}  # fmt: skip
"""What other commands take after -o."""

DiskSize = Annotated[str, BeforeValidator(_disk_size)]
Sizes = Annotated[tuple[Annotated[str, AfterValidator(_size)], ...], BeforeValidator(_listed)]
Price = Annotated[float, BeforeValidator(_price), PlainSerializer(_shown_price, when_used="json")]
Count = Annotated[int, BeforeValidator(_count)]
DaySpan = Annotated[str, AfterValidator(_day_span)]
Thresholds = Annotated[Mapping[str, int | float], BeforeValidator(_thresholds)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
File = Annotated[str, AfterValidator(_file)]
Textfile = Annotated[str, AfterValidator(_textfile)]
Url = Annotated[str, AfterValidator(_url)]
Condition = Annotated[str, AfterValidator(_condition)]
Listen = Annotated[str, AfterValidator(_listen)]
DocsUrl = Annotated[str, AfterValidator(_without_secrets)]
Months = Annotated[int, BeforeValidator(partial(_number, of="months"))]
ReportCount = Annotated[int, BeforeValidator(partial(_number, of="reports"))]
Wait = Annotated[float, BeforeValidator(_duration), PlainSerializer(_duration_text, when_used="json")]
Duration = Annotated[Wait, Field(gt=0)]
FailOn = Literal["error", "warning", "never"]
Service = Annotated[str, AfterValidator(_service)]
Matcher = Annotated[str, AfterValidator(_matcher)]
Objects = Annotated[tuple[Annotated[str, AfterValidator(_object)], ...], BeforeValidator(_listed)]
Kinds = Annotated[tuple[Annotated[str, AfterValidator(_kind)], ...], BeforeValidator(_listed), Field(min_length=1)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed)]
SampledPatterns = Annotated[tuple[Annotated[str, AfterValidator(_sampled_pattern)], ...], BeforeValidator(_listed)]
Namespaces = Annotated[tuple[Annotated[str, AfterValidator(_namespace)], ...], BeforeValidator(_listed)]
Folder = Annotated[str, AfterValidator(_folder)]
Zone = Annotated[str, AfterValidator(_zone)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Formats = Annotated[tuple[Format, ...], BeforeValidator(_listed), Field(min_length=1)]
