"""Queries as people write them: right and wrong values, in all the ways that PromQL allows."""

from hypothesis import strategies as st

from tests.analyse.promql.worlds import BOUNDS, PHASES, ROUTERS, RUN_PHASES, STRATEGIES, VERBS

OPERATORS = st.sampled_from(("=", "=", "=", "!=", "=~", "!~"))
WRONG = ("Degraded", "Healthy", "Aborted", "paused", "Canary", "BlueGreen", "get", "Succeeded", "nginx", "0.1", "x y")
VALUES: dict[str, tuple[str, ...]] = {
    "phase": (*PHASES, *RUN_PHASES, *WRONG, ""),
    "exported_phase": ("Paused", "Degraded", ""),
    "strategy": (*STRATEGIES, *WRONG, ""),
    "traffic_router": (*ROUTERS, *WRONG),
    "verb": (*VERBS, *WRONG, ""),
    "le": (*BOUNDS, *WRONG, ""),
    "type": ("Normal", "Warning", "normal", ""),
    "namespace": ("team-a", "argo-rollouts", "nobody", ""),
    "exported_namespace": ("team-a", ""),
    "name": ("shop", "결제", "nobody", ""),
    "job": ("argo-rollouts-metrics", "other", ""),
    "rollout": ("shop", ""),
    "status": ("Degraded", ""),
}
LABELS: dict[str, tuple[str, ...]] = {
    "rollout_info": ("phase", "phase", "strategy", "traffic_router", "exported_phase"),
    "rollout_phase": ("phase", "phase", "strategy"),
    "rollout_info_replicas_available": ("phase",),
    "rollout_info_replicas_unavailable": ("name",),
    "rollout_reconcile_bucket": ("le", "le"),
    "rollout_reconcile_count": ("name",),
    "rollout_reconcile": ("name",),
    "rollout_reconcile_error": ("name",),
    "rollout_reconcile_error_total": ("name",),
    "rollout_events_total": ("type",),
    "argo_rollout_info": ("phase",),
    "analysis_run_info": ("phase",),
    "analysis_run_phase": ("phase",),
    "experiment_info": ("phase",),
    "experiment_phase": ("phase",),
    "controller_clientset_k8s_request_total": ("verb", "verb"),
}
COMMON = ("namespace", "exported_namespace", "name", "job", "rollout", "status")
BLANKS = st.sampled_from(("", "", "", " ", "\n  ", ' # a {comment="x"} of somebody\'s\n'))
NUMBERS = st.sampled_from(("0", "1", "2", "0.5", "-1", "(1)", "- 1"))
COMPARISONS = st.sampled_from(("==", "!=", ">", "<", ">=", "<="))


@st.composite
def string(draw: st.DrawFn, value: str) -> str:
    """A value in quotes, perhaps with an escape that needs not be."""
    quote = draw(st.sampled_from('""\'`'))
    if quote == "`":
        return f"`{value}`"
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
    if escaped[:1].isascii() and escaped[:1].isalnum() and draw(st.integers(0, 5)) == 0:
        escaped = draw(st.sampled_from((f"\\x{ord(value[0]):02x}", f"\\u{ord(value[0]):04x}"))) + escaped[1:]
    return quote + escaped + quote


@st.composite
def matcher(draw: st.DrawFn, labels: tuple[str, ...]) -> str:
    """A matcher; a regular expression is a value, several, or a pattern."""
    label, operator = draw(st.sampled_from(labels)), draw(OPERATORS)
    values = draw(st.lists(st.sampled_from(VALUES[label]), min_size=1, max_size=3, unique=True))
    value = values[0]
    if operator.endswith("~"):
        escaped = [value.replace("+", "\\+").replace(".", "\\.") for value in values]
        joined = "|".join(escaped)
        value = draw(st.sampled_from((joined, f"({joined})", f"(?i){joined}", f"{escaped[0]}.*", ".+", ".*")))
    blank = draw(BLANKS)
    return f"{label}{blank}{operator}{draw(BLANKS)}{draw(string(value))}"


@st.composite
def selector(draw: st.DrawFn) -> str:
    """A selector with up to three matchers."""
    name = draw(st.sampled_from(tuple(LABELS)))
    matchers = draw(st.lists(matcher((*LABELS[name], *LABELS[name], *COMMON)), max_size=3))
    if not matchers and draw(st.booleans()):
        return name
    comma = draw(st.sampled_from((",", ", ", " ,\n")))
    inside = comma.join(matchers) + (draw(st.sampled_from(("", ","))) if matchers else "")
    if inside and draw(st.integers(0, 5)) == 0:
        return f'{{__name__="{name}",{inside}}}'
    return f"{name}{draw(BLANKS)}{{{draw(BLANKS)}{inside}{draw(BLANKS)}}}"


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouping = st.sampled_from(("", " by (name)", " by (name, phase)", " without (phase)", " by (rollout)"))
    aggregation = st.sampled_from(("sum", "count", "max", "min", "avg", "group"))
    unary = st.one_of(
        st.builds("{1}{2} ({0})".format, inner, aggregation, grouping),
        st.builds("{1}({0}){2}".format, inner, aggregation, grouping),
        st.builds("absent({0})".format, inner),
        st.builds("({0})".format, inner),
        st.builds("({0}) {1} {2}".format, inner, COMPARISONS, NUMBERS),
        st.builds("{2} {1} ({0})".format, inner, COMPARISONS, st.sampled_from(("0", "1", "2"))),
        st.builds("({0}) == bool 1".format, inner),
        st.builds("{1}(({0})[5m:1m])".format, inner, st.sampled_from(("max_over_time", "count_over_time"))),
        st.builds('label_replace({0}, "team", "$1", "name", "(.*)")'.format, inner),
        st.builds("({0}) or vector(0)".format, inner),
        st.builds("({0}) * 2".format, inner),
        st.builds("time() - ({0})".format, inner),
        st.builds("changes(({0})[5m:1m])".format, inner),
        st.builds("histogram_quantile(0.9, {0})".format, inner),
        st.builds("-({0})".format, inner),
    )
    sets = st.sampled_from((
        "or", "and", "unless", "and on (name)", "unless on (name)", "-", "*", "!=", "and on (name, phase)",
        "and ignoring (phase, strategy, traffic_router)", "> bool",
    ))  # fmt: skip
    binary = st.builds("({0}) {2} ({1})".format, inner, inner, sets)
    return st.one_of(unary, binary)


VECTORS = st.one_of(
    selector(),
    selector(),
    st.builds(
        "{1}({0}[5m])".format,
        selector(),
        st.sampled_from(("rate", "increase", "max_over_time", "absent_over_time", "delta", "changes")),
    ),
    st.builds("{0} offset 1m".format, selector()),
)
QUERIES = st.recursive(VECTORS, _wrapped, max_leaves=3)
