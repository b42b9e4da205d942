"""Brings ConfigMaps into the files of a folder, as the kubelet does for the volumes of a pod."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from maintainer.sandbox.store import Key, Store

PERIOD = 0.2
"""Seconds between two looks at the ConfigMaps. The real one takes up to two minutes."""


class Kubelet:
    """Writes the values of ConfigMaps to the files of their keys, now and whenever they change, until it is stopped."""

    def __init__(self, store: Store, folder: Path, config_maps: Iterable[Key]) -> None:
        self._store = store
        self._folder = folder
        self._config_maps = tuple(config_maps)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Write the files as they are now, and begin to watch."""
        self.sync()
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join()

    def sync(self) -> None:
        """Write the files that differ, each whole or not at all."""
        for key in self._config_maps:
            found = self._store.get("configmaps", key)
            for name, text in (found.get("data") or {}).items() if found else ():
                file = self._folder / name
                if not file.is_file() or file.read_text("utf-8") != text:
                    coming = file.with_name(f".{name}")
                    coming.write_text(text, "utf-8")
                    os.replace(coming, file)

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD):
            self.sync()
