"""Texts in base64, as in the ``data`` of a Secret and the ``binaryData`` of a ConfigMap, also compressed with gzip."""

import binascii
import re
import zlib
from base64 import b64decode

MOST_BYTES = 20_000_000
"""Bytes that a compressed text may have."""

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}+={0,2}\s*+")
_GZIP = b"\x1f\x8b"


def decoded_text(text: str) -> str | None:
    """The text that is written in base64; ``None`` if it is none."""
    if not _BASE64.fullmatch(text):
        return None
    try:
        content = b64decode("".join(text.split()), validate=True)
        if content.startswith(_GZIP):
            content = zlib.decompressobj(wbits=31).decompress(content, MOST_BYTES)
        return content.decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        return None
