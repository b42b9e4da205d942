"""The end of a process that runs for long, when a signal asks for it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

STEP_SECONDS = 10.0
"""The time that a step has to end by itself. Then it is interrupted."""

REST_SECONDS = 7.0
"""The time for what an interrupted run still does, such as to release its lock. Then the process ends at once."""

CUT_OFF = 130


class Stopping:
    """Ends the process within 20 seconds after SIGTERM or SIGINT: by ``KeyboardInterrupt`` in the main thread.

    A wait ends at once and no other step begins. A step is interrupted after :data:`STEP_SECONDS`, and after
    :data:`REST_SECONDS` more the process is ended with the exit code 130. A second signal interrupts the step, and a
    third one ends the process.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._waiting = False

    def listen(self) -> None:
        """Heed the signals from now on."""
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGALRM, self._ask)
        # A shell starts what it runs in the background with SIGINT ignored.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._ask)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around a wait, which a signal ends at once."""
        self._waiting = True
        try:
            self.before_step()
            yield
        finally:
            self._waiting = False

    def before_step(self) -> None:
        """End here, where no step is under way, if that was asked for."""
        if self._asked:
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        with self.waiting():
            time.sleep(seconds)

    def _ask(self, _number: int, _frame: object) -> None:
        self._asked += 1
        if self._asked > 2:
            os.write(2, b"maintainer: ended in the middle of a step; its lock expires by itself\n")
            os._exit(CUT_OFF)
        if self._asked == 1:
            signal.setitimer(signal.ITIMER_REAL, STEP_SECONDS, REST_SECONDS)
        if self._asked == 2 or self._waiting:
            raise KeyboardInterrupt
