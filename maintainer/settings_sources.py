"""The settings of what is read: the cluster, and the servers of the monitoring."""

from collections.abc import Mapping

from pydantic import Field

from maintainer.settings_section import BasicAuth, Section
from maintainer.settings_values import Count, Duration, File, Matcher, Names, Namespaces, Objects, Service, Url


class ClusterSettings(Section):
    """The cluster; ``context`` "" is the current context, ``namespaces`` () is all namespaces.

    ``kubeconfig`` "" is ``$KUBECONFIG``, ``~/.kube/config`` or the ServiceAccount of the pod. ``as_user`` is the user
    as whom the API is asked, "" that of the kubeconfig.
    """

    name: str = ""
    kubeconfig: str = ""
    context: str = ""
    namespaces: Namespaces = ()
    as_user: str = Field(default="", alias="as")


class ControllerSettings(Section):
    """The Argo Rollouts controller whose metrics are compared with the API."""

    namespace: str = "argo-rollouts"
    service: str = "argo-rollouts-metrics"
    instance_id: str = ""


class TlsSettings(Section):
    """The CA certificate and the client certificate, as paths of PEM files; "" is none."""

    ca_file: File = ""
    cert_file: File = ""
    key_file: File = ""
    insecure_skip_verify: bool = False


class PrometheusSettings(Section):
    """The address and the credentials of Prometheus; without a ``url`` it is reached through the API server.

    It is then the ``service``, as ``namespace/name``, and with "" it is searched in the cluster.
    """

    url: Url = ""
    service: Service = ""
    public_url: Url = ""
    matchers: tuple[Matcher, ...] = ()
    replica_labels: Names = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    bearer_token_file: File = ""
    basic_auth: BasicAuth = BasicAuth()
    tls: TlsSettings = TlsSettings()
    timeout: Duration = 30.0
    max_samples_per_run: Count = 50_000_000


class RulerSettings(Section):
    """The address of the server that evaluates the rules, such as vmalert; ``url`` "" means Prometheus itself."""

    url: Url = ""


class GrafanaSettings(Section):
    """Where the dashboards are: ConfigMaps as ``namespace/name``, and Grafana's API unless ``url`` is ""."""

    dashboards: Objects = ("monitoring/grafana-dashboard-argo-rollouts",)
    url: Url = ""
    token_file: File = ""


class AlertmanagerSettings(Section):
    """The address of Alertmanager; ``url`` "" means the Alertmanagers to which Prometheus sends its alerts."""

    url: Url = ""
