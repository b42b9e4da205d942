"""What an error says to the reader of a report."""

from maintainer.errors import SourceUnavailable
from maintainer.model.message import Message, message
from maintainer.model.secret_text import bare_urls


def told(error: SourceUnavailable) -> Message:
    """The message of the error in the catalogue; URLs in it are without passwords and tokens."""
    params = {name: bare_urls(value) if isinstance(value, str) else value for name, value in error.params.items()}
    return message(f"gap/{error.reason}", **params)
