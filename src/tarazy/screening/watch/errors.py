"""What can go wrong with the watch itself; what goes wrong with a node is a `ChainError`."""

from __future__ import annotations


class WatchError(Exception):
    """Root of the errors of the watch: where, what was expected, what was found, what to do."""

    action = "Read docs/guides/watch-listed-tokens.md."

    def __init__(self, where: str, expected: str, found: str, action: str = "") -> None:
        super().__init__(where, expected, found, action)
        self.where = where
        self.expected = expected
        self.found = found
        self.action = action or type(self).action

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}. {self.action}"


class WatchOptionsError(WatchError):
    """The options contradict themselves, the chain, or what an earlier watch kept."""


class NotFollowedError(WatchError):
    """A token cannot be followed as things stand."""


class WatchStateError(WatchError):
    """What an earlier watch kept cannot be used."""

    action = "Keep the folder for an inquiry and start with a new one."


class RecordFileError(WatchError):
    """The file of alerts is not as the watch left it."""

    action = "Somebody changed or cut it: keep it for an inquiry, and start with a new folder."
