"""Errors for files that can't be read or written."""

from pathlib import Path

from bot.errors import DirectoryError
from bot.language import _


def read_error(path: Path, error: OSError) -> DirectoryError:
    """Return the error for a file that can't be read."""
    return DirectoryError(_("Can't read {file}: {reason}.", file=path, reason=_reason(error)))


def write_error(path: Path, error: OSError | ValueError) -> DirectoryError:
    """Return the error for a file that can't be written."""
    return DirectoryError(_("Can't write {file}: {reason}.", file=path, reason=_reason(error)))


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
