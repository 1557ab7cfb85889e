"""A file is either the old one or the new one, never half of each."""

import os
import tempfile
from pathlib import Path

from quincunx.errors import InputError

__all__ = ["write_atomic", "write_output"]


def write_atomic(path: Path, data: bytes | str) -> Path:
    """Write ``data`` (text as UTF-8) to ``path``: temporary file, fsync, rename.

    A reader, and a process killed at any moment, finds the previous content or
    the new one whole. The folder must exist. Returns ``path``.
    """
    content = data.encode() if isinstance(data, str) else data
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return path


def write_output(path: Path, data: bytes | str) -> Path:
    """``write_atomic`` to a place that a person named.

    Raises:
        InputError: If it cannot be written there.
    """
    try:
        return write_atomic(path, data)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}. Check the folder.") from None


def _umask() -> int:
    """The process's mask; reading it means setting it for a moment."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the platform lets a folder be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
