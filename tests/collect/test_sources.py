"""How failures of a server become facts."""

from maintainer.collect.sources import unavailable
from maintainer.errors import SourceUnavailable


def test_a_reason_shows_no_password_and_no_token_of_a_url() -> None:
    """A URL of a kubeconfig, of Prometheus' configuration or in a server's words may hold one."""
    error = SourceUnavailable(
        "web-connection",
        who="Alertmanager",
        url="http://user:hush@alertmanager:9093/?token=hush",
        detail='Post "http://user:hu/sh@proxy": refused',
        port=9093,
    )

    assert unavailable("alertmanager", error).reason.named == {
        "who": "Alertmanager",
        "url": "http://<secret>@alertmanager:9093/?token=<secret>",
        "detail": 'Post "http://<secret>@proxy": refused',
        "port": 9093,
    }
