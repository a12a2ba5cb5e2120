"""What goes wrong with a ledger, in words that say how to fix it."""

from sqlalchemy.engine import URL

from bot.net.failures import failure_words

MOVED = "this ledger has moved to "
"""The beginning of the error that a moved ledger gives to every writer. It is stored in triggers: never change it."""

FIX_DAMAGED = "Move the file away and restart to begin with an empty ledger, or restore a backup of it"
FIX_MOVED = "Set `ledger:` to the new address and restart, or undo the move with `backstay ledger reopen`"


_IO = "disk I/O error"
_NOT_WRITTEN = ("WRITE", "FSYNC", "DIR_FSYNC", "TRUNCATE", "SHMSIZE", "SHMOPEN")
"""SQLite's extended codes (sqlite.org/rescode.html) of `disk I/O error` where the disk took nothing; others are about reading."""


class LedgerError(Exception):
    """The ledger cannot be used: `problem`, and `fix`, what to do. Nothing in it was changed. `disk`: its disk takes nothing."""

    def __init__(self, problem: str, fix: str = "", *, disk: bool = False) -> None:
        super().__init__(f"{problem}. {fix}" if fix else problem)
        self.problem, self.fix, self.disk = problem, fix, disk


def clear_error(url: URL, error: BaseException) -> LedgerError:
    """An error that says what went wrong and how to fix it, without the password that a URL may contain."""
    where = url.render_as_string(hide_password=True) if url.get_backend_name() != "sqlite" else (url.database or "")
    cause = next(iter(str(getattr(error, "orig", None) or error).splitlines()), "") or failure_words(error)
    if MOVED in cause:
        return LedgerError(f"The ledger {where} has moved to {cause.partition(MOVED)[2]}", FIX_MOVED)
    if "locked" in cause or "lock timeout" in cause:
        return LedgerError(
            f"The ledger {where} is locked by another program",
            "Stop whatever holds it open (a second backstay, a backup, a database browser) and restart",
        )
    if "disk is full" in cause or "No space left" in cause or _not_written(cause, error):
        return LedgerError(
            f"The ledger {where} cannot be written: {cause}",
            "Free space on its disk; accepted messages are not lost, and backstay recovers by itself",
            disk=True,
        )
    if is_damage(cause):
        return LedgerError(f"The ledger {where} is damaged: {cause}", FIX_DAMAGED)
    if _IO in cause:
        return LedgerError(f"The ledger {where} cannot be read: {cause}", f"Check its disk. {FIX_DAMAGED}")
    return LedgerError(
        f"The ledger {where} cannot be used: {cause}", "Check that it exists and that backstay may write to it"
    )


def is_damage(cause: str) -> bool:
    """Whether SQLite's words say that the content of the file is damaged."""
    return "malformed" in cause or "not a database" in cause


def _not_written(cause: str, error: BaseException) -> bool:
    """Whether an I/O error of SQLite is about writing."""
    name = str(getattr(getattr(error, "orig", error), "sqlite_errorname", ""))
    return _IO in cause and name.removeprefix("SQLITE_IOERR_") in _NOT_WRITTEN
