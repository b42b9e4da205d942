"""Files for libraries that read keys from files only: in memory, so that no disk ever holds the key of a kubeconfig."""

import os
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")


def memory_file(content: bytes) -> tuple[str, int] | None:
    """The path of a file with this content, and its descriptor, which the caller closes; it ends with the process.

    ``None`` on a system without such files, which are those of Linux.
    """
    if not hasattr(os, "memfd_create") or not _OPEN_FILES.is_dir():
        return None
    descriptor = os.memfd_create("maintainer")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    return str(_OPEN_FILES / str(descriptor)), descriptor
