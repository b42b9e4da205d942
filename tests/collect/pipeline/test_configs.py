"""The configurations of Prometheus and Alertmanager, in every syntax that these accept."""

import pytest

from maintainer.collect.pipeline.configs import alertmanager_config, prometheus_config
from maintainer.errors import SourceUnavailable
from maintainer.model.pipeline import (
    Alertmanager,
    Discovery,
    PrometheusConfig,
    Route,
    RouteMatcher,
    StoredHistograms,
)

PROMETHEUS = """
global:
  scrape_interval: 1m
  external_labels: {cluster: a, replica: 0}
scrape_configs:
  - job_name: argo-rollouts
    kubernetes_sd_configs:
      - role: endpoints
        kubeconfig_file: ""
        namespaces: {own_namespace: true, names: [argo-rollouts]}
        attach_metadata: {node: true}
      - role: pod
        api_server: https://elsewhere
  - job_name: itself
    static_configs: [{targets: ['localhost:9090']}]
"""

ALERTMANAGER = """
route:
  receiver: "null"
  routes:
    - matchers: ['severity="critical"', team=~"a|b"]
      receiver: slack
      continue: true
      routes: [{match: {namespace: shop}}]
    - match_re: {severity: warn.*}
      receiver: mail
receivers:
  - name: "null"
  - {name: slack, slack_configs: [{channel: '#deployments'}]}
  - {name: mail, email_configs: []}
"""


def config(text: str, own: str = "monitoring") -> PrometheusConfig:
    return prometheus_config(text, "http://prometheus", own_namespace=own)


def routes(text: str) -> Alertmanager:
    return alertmanager_config(text, "http://alertmanager")


def matchers(text: str) -> tuple[RouteMatcher, ...] | None:
    return routes(f"route: {{receiver: a, routes: [{{matchers: {text}}}]}}").root.routes[0].matchers


def test_the_jobs_their_discoveries_and_the_external_labels_are_read() -> None:
    found = config(PROMETHEUS)

    assert found.jobs == ("argo-rollouts", "itself")
    assert found.sample_limits == {}
    assert found.external == {"cluster": "a", "replica": "0"}
    assert found.discoveries == (
        Discovery("argo-rollouts", "endpoints", ("monitoring", "argo-rollouts"), attached=("nodes",)),
        Discovery("argo-rollouts", "pod", foreign=True),
    )
    assert not found.relabelled


@pytest.mark.parametrize(
    "alerting",
    [
        "alerting: {alert_relabel_configs: [{action: labeldrop, regex: x}]}",
        "alerting: {alertmanagers: [{alert_relabel_configs: [{action: labeldrop, regex: x}]}]}",
    ],
)
def test_relabelling_of_alerts_is_noticed(alerting: str) -> None:
    assert config(alerting).relabelled


def test_a_configuration_of_nothing_needs_nothing() -> None:
    assert config("global: {}\nscrape_configs:\nalerting:") == PrometheusConfig()


@pytest.mark.parametrize("text", ["[]", "a: [", "", "None"])
def test_a_configuration_that_is_none_is_a_broken_answer(text: str) -> None:
    for read in (config, routes):
        with pytest.raises(SourceUnavailable, match="web-broken-answer"):
            read(text)


@pytest.mark.parametrize("text", ["route: {receiver: !hush hush: hush", "password: *hush", "a: hush: hush", "a: 'hush"])
def test_what_is_no_yaml_is_said_without_its_text(text: str) -> None:
    """Alertmanager hides its own secrets; what stands between it and us may not."""
    with pytest.raises(SourceUnavailable) as caught:
        routes(f"global: {{slack_api_url: https://hooks/hush}}\n{text}")
    assert "line 2" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_routes_inherit_receivers_and_receivers_without_integration_are_known() -> None:
    critical = (RouteMatcher("severity", "=", "critical"), RouteMatcher("team", "=~", "a|b"))
    shop = Route("slack", (RouteMatcher("namespace", "=", "shop"),))

    assert routes(ALERTMANAGER) == Alertmanager(
        "http://alertmanager",
        Route(
            "null",
            (),
            goes_on=False,
            routes=(
                Route("slack", critical, goes_on=True, routes=(shop,)),
                Route("mail", (RouteMatcher("severity", "=~", "warn.*"),)),
            ),
        ),
        frozenset({"null", "mail"}),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("['a=\"b\"']", [("a", "=", "b")]),
        ("['a = \"b\"', 'c!~\"d\"']", [("a", "=", "b"), ("c", "!~", "d")]),
        ('\'{a="b",c!="d,e"}\'', [("a", "=", "b"), ("c", "!=", "d,e")]),
        ('[\'a="b\\"c"\']', [("a", "=", 'b"c')]),
        ("['a=b c ']", [("a", "=", "b c")]),
        ("['a=']", [("a", "=", "")]),
        ('[\'"with.dot"=~"x"\']', [("with.dot", "=~", "x")]),
        ("[]", []),
    ],
)
def test_matchers_are_parsed_in_every_syntax(text: str, found: list[tuple[str, str, str]]) -> None:
    assert matchers(text) == tuple(RouteMatcher(*parts) for parts in found)


@pytest.mark.parametrize("text", ["[a]", "['a=\"b\" c']", "['=b']"])
def test_matchers_that_cannot_be_read_are_not_taken_for_none(text: str) -> None:
    assert matchers(text) is None


def test_a_limit_of_samples_is_the_jobs_or_that_of_all_jobs() -> None:
    jobs = "scrape_configs: [{job_name: a, sample_limit: 500}, {job_name: b, sample_limit: 0}, {job_name: c}]"

    assert config(jobs).sample_limits == {"a": 500}
    assert config(f"global: {{sample_limit: 9000}}\n{jobs}").sample_limits == {"a": 500, "b": 9000, "c": 9000}


def test_histograms_are_classic_native_or_both_as_a_job_or_all_jobs_say() -> None:
    native, both = "convert_classic_histograms_to_nhcb: true", "always_scrape_classic_histograms: true"
    jobs = f"scrape_configs: [{{job_name: a}}, {{job_name: b, {native}}}, {{job_name: c, {native}, {both}}}]"

    assert config(jobs).histograms == {
        "a": StoredHistograms(),
        "b": StoredHistograms(classic=False, native=True),
        "c": StoredHistograms(native=True),
    }
    classic = native.replace("true", "false")
    of_all = f"global: {{{native}}}\nscrape_configs: [{{job_name: a}}, {{job_name: b, {classic}}}]"
    assert config(of_all).histograms == {"a": StoredHistograms(classic=False, native=True), "b": StoredHistograms()}


def test_the_stores_are_named_without_what_may_be_a_secret() -> None:
    text = "remote_write: [{url: 'https://u:hush@store:8443/push?token=hush'}, {url: http://thanos/api}]"

    assert config(text).stores == ("https://<secret>@store:8443/push?token=<secret>", "http://thanos/api")


def test_values_are_the_texts_that_the_servers_take_them_for() -> None:
    assert config("global: {external_labels: {a: true, b: 010, c: 1.50, d: null, e: 'null'}}").external == {
        "a": "true",
        "b": "010",
        "c": "1.50",
        "d": "",
        "e": "null",
    }
    found = routes("{route: {receiver: a, routes: [{receiver: b, continue: false}, {continue: true}]}}")
    assert [route.goes_on for route in found.root.routes] == [False, True]


LAUGHS = "a0: &a0 {receiver: a}\n" + "".join(
    f"a{level}: &a{level} {{receiver: a, routes: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(f"{LAUGHS}route: *a11", "line 7: .*aliases nested too deep", id="aliases of aliases"),
        pytest.param("route: &a\n  receiver: a\n  routes: [*a]", "line 3: .*contains itself", id="its own child"),
        pytest.param(f"route: {'[' * 100_000}", "line 1: .*nested too deeply", id="brackets"),
    ],
)
def test_a_configuration_that_is_huge_or_deep_is_a_broken_answer(text: str, said: str) -> None:
    with pytest.raises(SourceUnavailable, match=f"web-broken-answer .*{said}"):
        routes(text)


@pytest.mark.parametrize("odd", ["5", "[5]", "{a: 1}", "true", "null", "[[a]]", "text"])
def test_values_of_other_types_are_as_if_they_were_not_there(odd: str) -> None:
    places = ("alerting", "global", "scrape_configs", "remote_write")
    assert config("\n".join(f"{place}: {odd}" for place in places)).jobs == ()
    job = f"{{job_name: a, kubernetes_sd_configs: [{{role: pod, namespaces: {odd}, attach_metadata: {odd}}}]}}"
    assert config(f"scrape_configs: [{job}]").discoveries == (Discovery("a", "pod"),)
    assert routes(f"{{route: {{receiver: a, routes: {odd}}}, receivers: {odd}}}").root.routes == ()
