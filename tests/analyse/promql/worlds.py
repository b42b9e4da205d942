"""Worlds that keep the contract: the series of a controller with some objects, as promtool reads them."""

from collections.abc import Iterator, Mapping

from hypothesis import strategies as st

PHASES = ("InvalidSpec", "Completed", "Progressing", "Paused", "Timeout", "Error", "Abort")
GAUGED = PHASES[1:]
STRATEGIES = ("blueGreen", "canary", "none")
ROUTERS = ("", "ALB", "Ambassador", "Istio", "Nginx", "SMI", "AppMesh")
RUN_PHASES = ("Pending", "Running", "Successful", "Failed", "Error", "Inconclusive")
EXPERIMENT_PHASES = ("Pending", "Error", "Successful", "Running", "Inconclusive")
VERBS = ("List", "Watch", "Get", "Create", "Update", "Patch", "Delete", "Unknown")
BOUNDS = ("0.01", "0.15", "0.25", "0.5", "1", "+Inf")
NAMES = st.sampled_from(("shop", "cart", "결제"))
NAMESPACES = st.sampled_from(("team-a", "team-b"))
COUNTS = st.integers(0, 5)

Series = tuple[str, dict[str, str], str]


def constant(value: int) -> str:
    """A value that stays."""
    return f"{value}x30"


def rising(by: int) -> str:
    """A counter that grows by so much a minute."""
    return f"{by}+{by}x30"


@st.composite
def rollout(draw: st.DrawFn) -> list[Series]:
    """All series of a Rollout; the families that begin with the first event may be missing."""
    own = {"namespace": draw(NAMESPACES), "name": draw(NAMES)}
    phase, strategy = draw(st.sampled_from(PHASES)), draw(st.sampled_from(STRATEGIES))
    router = draw(st.sampled_from(ROUTERS))
    info = {**own, "strategy": strategy, "traffic_router": router, "phase": phase}
    series: list[Series] = [("rollout_info", info, constant(1))]
    series += [
        ("rollout_phase", {**own, "strategy": strategy, "phase": candidate}, constant(int(candidate == phase)))
        for candidate in GAUGED
    ]
    series += [(f"rollout_info_replicas_{kind}", own, constant(draw(COUNTS))) for kind in ("desired", "updated")]
    series += [("rollout_info_replicas_available", own, constant(draw(COUNTS)))]
    series += [("rollout_info_replicas_unavailable", own, constant(draw(st.integers(-2, 5))))]
    series += observed("rollout_reconcile", own, draw(st.lists(COUNTS, min_size=6, max_size=6)))
    if draw(st.booleans()):
        kind = draw(st.sampled_from(("Normal", "Warning")))
        series += [("rollout_reconcile_error", own, rising(draw(COUNTS)))]
        series += [("rollout_events_total", {**own, "type": kind, "reason": "RolloutPaused"}, rising(1))]
    return series


@st.composite
def run(draw: st.DrawFn, kind: str, phases: tuple[str, ...]) -> list[Series]:
    """An AnalysisRun or an Experiment, perhaps without a status yet."""
    own = {"namespace": draw(NAMESPACES), "name": draw(NAMES)}
    phase = draw(st.sampled_from(("", *RUN_PHASES)))
    gauges = [
        (f"{kind}_phase", {**own, "phase": candidate}, constant(int(candidate == (phase or "Pending"))))
        for candidate in phases
    ]
    return [(f"{kind}_info", {**own, "phase": phase}, constant(1)), *gauges]


@st.composite
def requests(draw: st.DrawFn) -> list[Series]:
    """Requests of the controller to the API server."""
    labels = {"kind": "rollouts", "namespace": draw(st.sampled_from(("", "team-a"))), "name": draw(NAMES)}
    verb, code = draw(st.sampled_from(VERBS)), draw(st.sampled_from(("0", "200", "503")))
    return [("controller_clientset_k8s_request_total", {**labels, "verb": verb, "status_code": code}, rising(2))]


def observed(name: str, labels: Mapping[str, str], counts: list[int]) -> Iterator[Series]:
    """A histogram with so many observations a minute in each bucket."""
    for number, bound in enumerate(BOUNDS):
        yield f"{name}_bucket", {**labels, "le": bound}, rising(sum(counts[: number + 1]))
    yield f"{name}_count", dict(labels), rising(sum(counts))
    yield f"{name}_sum", dict(labels), rising(sum(counts))


@st.composite
def worlds(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Selectors with their values, of a controller with at least one Rollout, with or without honor_labels."""
    parts = [draw(rollout()) for _ in range(draw(st.integers(1, 3)))]
    parts += [draw(requests()) for _ in range(draw(st.integers(0, 3)))]
    parts += [draw(run("analysis_run", RUN_PHASES)) for _ in range(draw(st.integers(0, 2)))]
    parts += [draw(run("experiment", EXPERIMENT_PHASES)) for _ in range(draw(st.integers(0, 2)))]
    target = {"job": "argo-rollouts-metrics", "instance": "10.0.0.1:8090"}
    if draw(st.booleans()):
        target |= {"namespace": "argo-rollouts", "pod": "argo-rollouts-0"}
    series = {_stored(name, labels, target): values for part in parts for name, labels, values in part}
    return list(series.items())


def _stored(name: str, labels: Mapping[str, str], target: Mapping[str, str]) -> str:
    own = {f"exported_{label}" if label in target else label: value for label, value in labels.items() if value}
    pairs = ",".join(f'{label}="{value}"' for label, value in sorted({**target, **own}.items()))
    return f"{name}{{{pairs}}}"
