"""What the libraries below raise -> the error of the catalogue that it stands for."""

from __future__ import annotations

import errno
import sys

from microaudit.errors import MicroauditError

FULL_OR_UNWRITABLE = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO,
}  # fmt: skip
NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}


def known(error: BaseException | None, store: str = "the store") -> MicroauditError | None:
    """The catalogue's error for `error`, or None for one that the authors did not foresee."""
    if isinstance(error, MicroauditError):
        return error
    if error is not None and hasattr(error, "format_message"):  # Typer's usage errors
        return MicroauditError("MA0210", str(error.format_message()))
    if isinstance(error, OSError) and error.errno in FULL_OR_UNWRITABLE:
        return MicroauditError("MA1001", f"{error.filename or store}: {error.strerror}")
    if isinstance(error, OSError) and error.errno in NOT_THERE:
        return MicroauditError("MA0202", f"{error.filename}: {error.strerror}")
    if "sqlalchemy" in sys.modules:  # not loaded for a question that a file could answer
        from sqlalchemy.exc import DBAPIError

        if isinstance(error, DBAPIError):
            return _database(str(error.orig), store)
    return None


def _database(words: str, store: str) -> MicroauditError:
    if any(mark in words for mark in ("disk is full", "readonly", "disk I/O", "No space left", "read-only")):
        return MicroauditError("MA1001", f"{store}: {words}")
    if "locked" in words:
        return MicroauditError("MA0901", f"{store} is locked by another program: {words}")
    return MicroauditError("MA0208", f"{store} cannot be used: {words}")
