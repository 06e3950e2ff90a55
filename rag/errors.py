"""The one kind of error a person is meant to read."""

from __future__ import annotations


class OdfinError(Exception):
    """Something a user, administrator or operator can mend.

    The message is one line: what went wrong, where, and how to mend it. The command line prints it without a
    traceback and exits with 1; the bot and the console show a kind line and log this one.
    """


class DocumentError(OdfinError):
    """One document could not be read; the others are not affected."""


class ModelMissingError(OdfinError):
    """A pinned model file is neither on this machine nor to be fetched from anywhere."""


class ModelHashError(OdfinError):
    """A model file is not the pinned one. Nothing has been deleted."""


class IndexMissingError(OdfinError):
    """There is no published snapshot to answer from yet."""


class BusyError(OdfinError):
    """Another run of the index is under way."""
