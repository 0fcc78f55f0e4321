"""Every error that riskmiljo raises on purpose.

::

    RiskmiljoError                  base; carries the sentence for the user in both languages
    ├── InvalidInputError           an argument, filter or setting of one call cannot be used
    │   └── CRSError                a coordinate reference system is missing or not the one wanted
    ├── SettingsError               the settings file or an environment variable is wrong
    ├── UnreadableFileError         a file as a whole cannot be taken in; nothing was changed
    ├── RowsRefusedError            rows were refused and the user has not accepted that
    ├── NothingFoundError           the question was fine, the answer is empty
    ├── StoreError                  the store cannot be opened, is damaged, or refused a write
    ├── BudgetSpentError            the reader's different filters of the day are spent
    └── AccessDeniedError           the lens does not allow it (shown as 404, logged with reason)

Each class knows the exit code of the command line (DESIGN section 7) and the HTTP status of
the web, so that no caller keeps a table of its own.
"""

from __future__ import annotations

from typing import ClassVar

from riskmiljo.wording import Text

__all__ = [
    "AccessDeniedError",
    "BudgetSpentError",
    "CRSError",
    "InvalidInputError",
    "NothingFoundError",
    "RiskmiljoError",
    "RowsRefusedError",
    "SettingsError",
    "StoreError",
    "UnreadableFileError",
]


class RiskmiljoError(Exception):
    """Base of all errors that are part of the interface.

    Parameters
    ----------
    message
        What is wrong, where, and how to mend it, in Swedish and English.
    code
        A stable upper-case word for programs, e.g. ``"KOORD_SAKNAS"``; empty where none is needed.
    """

    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500

    def __init__(self, message: Text, *, code: str = "") -> None:
        super().__init__(message.sv)
        self.message = message
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders (the parsing child): pickle must rebuild both languages.
        return (_rebuild, (type(self), self.message, self.code))


def _rebuild(kind: type[RiskmiljoError], message: Text, code: str) -> RiskmiljoError:
    return kind(message, code=code)


class InvalidInputError(RiskmiljoError, ValueError):
    """An argument, filter or address cannot be used as given."""

    http_status = 400


class CRSError(InvalidInputError):
    """A coordinate reference system is missing, unknown, or not the one wanted."""


class SettingsError(RiskmiljoError, ValueError):
    """The settings file or an environment variable is wrong."""


class UnreadableFileError(RiskmiljoError, ValueError):
    """A file as a whole cannot be taken in; nothing was changed."""

    http_status = 422


class RowsRefusedError(RiskmiljoError, ValueError):
    """Rows were refused and the user has not accepted to go on without them."""

    http_status = 422


class NothingFoundError(RiskmiljoError, LookupError):
    """The question was fine, and the answer is empty."""

    exit_code = 1
    http_status = 404


class StoreError(RiskmiljoError, RuntimeError):
    """The store cannot be opened, is damaged, or refused a write."""


class BudgetSpentError(RiskmiljoError, PermissionError):
    """The reader has used as many different filters as one day allows."""

    http_status = 429


class AccessDeniedError(RiskmiljoError, PermissionError):
    """The lens does not allow it; shown as "not found", with the reason kept for the log."""

    http_status = 404
