"""What a page brings along: its styles, its script, and the policy by which a browser allows only these two."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256

from jinja2 import Environment

SCRIPT = "script.js"


def inline(jinja: Environment, *styles: str) -> Mapping[str, str]:
    """The values ``style``, ``script`` and ``policy`` of a page's template, of the templates of these style sheets.

    The policy allows the one style element and the one script element by their hashes. No style attribute, no other
    script, no request, no form and no other base is allowed.
    """
    style = "".join(jinja.get_template(name).render() for name in styles)
    script = jinja.get_template(SCRIPT).render()
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return {"style": style, "script": script, "policy": policy}


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
