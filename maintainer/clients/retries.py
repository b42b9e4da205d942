"""Which requests are sent again, and after how long."""

from math import inf
from typing import Any, Self

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError
from urllib3.util.retry import Retry

LONGEST_RETRY_AFTER = 10.0
"""Seconds. A server that asks to wait for longer is not asked again."""


class RetryPolicy(Retry):
    """Retries failed requests, except after a read timeout: the server may still be working on the request.

    Nor after an answer that asks to wait for longer than ``LONGEST_RETRY_AFTER``: that answer is returned.
    """

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        """The policy for the next attempt. Raises the error if it is a read timeout."""
        if isinstance(error := kwargs.get("error"), ReadTimeoutError):
            raise error
        response = kwargs.get("response")
        if response and self._asked_to_wait(response) > LONGEST_RETRY_AFTER:
            raise MaxRetryError(kwargs["_pool"], response.url or "")
        following = super().increment(*args, **kwargs)
        if response:
            response.close()  # urllib3 would read its body to the end, which may never come
        return following

    def _asked_to_wait(self, response: BaseHTTPResponse) -> float:
        """The seconds that a response asks to wait; infinite for a text that is no time."""
        try:
            return self.get_retry_after(response) or 0.0
        except (ValueError, OverflowError, InvalidHeader):
            return inf


def retry_policy(*statuses: int, total: int = 2) -> Retry:
    """Some retries if the server was not reached, or answered with one of the statuses, or sent a short Retry-After.

    504 is never retried, nor 503 of Prometheus: they are sent for a query that took too long, and a retry would double
    the load. After the last retry the response is returned as it is. Redirects are not followed.
    """
    return RetryPolicy(
        total=total,
        status_forcelist=set(statuses),
        allowed_methods={"GET", "POST"},
        backoff_factor=0.5,
        raise_on_status=False,
        redirect=False,
    )
