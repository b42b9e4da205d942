"""HTTP servers on this machine that share an event loop in a separate thread."""

import asyncio
import ssl
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web

Result = TypeVar("Result")

HOST = "127.0.0.1"


class Serving:
    """A thread with an event loop that serves applications until :meth:`stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._runners: list[web.AppRunner] = []
        self._thread = threading.Thread(target=self._run, name="sandbox-http", daemon=True)
        self._thread.start()

    def listen(self, app: web.Application, *, port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Serve the application, over TLS if there is a context, and return its base URL; port 0 is any free port.

        Raises ``OSError`` if the port is in use.
        """
        return self._call(self._listen(app, port, tls=tls))

    def stop(self) -> None:
        """Stop all servers and end the thread. A second call does nothing."""
        if self._loop.is_closed():
            return
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _listen(self, app: web.Application, port: int, *, tls: ssl.SSLContext | None) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, HOST, port, ssl_context=tls)
        await site.start()
        return f"{'https' if tls else 'http'}://{HOST}:{runner.addresses[0][1]}"

    async def _close(self) -> None:
        await asyncio.gather(*(runner.cleanup() for runner in self._runners))
