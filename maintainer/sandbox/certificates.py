"""The certificate of the simulated API server, and the authority that signs it: made at each start, kept nowhere."""

import ssl
from dataclasses import dataclass

from maintainer.errors import ConfigError
from maintainer.sandbox.serving import HOST

try:
    import trustme
except ModuleNotFoundError as error:
    raise ConfigError("maintainer demo needs trustme: pip install 'maintainer[demo]'") from error


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's side of TLS, and the PEM of the ``authority`` that a client has to trust."""

    server: ssl.SSLContext
    authority: str


def new_certificate() -> Certificate:
    """A certificate for this machine, signed by an authority of its own."""
    authority = trustme.CA(organization_name="Maintainer", organization_unit_name="sandbox")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(server)
    return Certificate(server, authority.cert_pem.bytes().decode())
