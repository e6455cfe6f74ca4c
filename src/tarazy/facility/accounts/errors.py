"""What can go wrong with the register of clients."""

from __future__ import annotations


class AccountsError(Exception):
    """Root of the errors here: where, what was expected, what was found, what to do."""

    def __init__(self, where: object, *, expected: str, found: str, action: str = "") -> None:
        self.where = where
        self.expected = expected
        self.found = found
        self.action = action
        super().__init__(where, expected, found, action)

    def __str__(self) -> str:
        advice = f". {self.action}" if self.action else ""
        return f"{self.where}: expected {self.expected}, found {self.found}{advice}"


class RegisterInputError(AccountsError):
    """A value that a register cannot take."""


class NotInRegisterError(AccountsError):
    """A number that the register does not know."""


class DecisionRefusedError(AccountsError):
    """An act that the rules do not allow now: a state, a missing paper, an open hit, a second pair of eyes."""


class ParameterUnsetError(AccountsError):
    """A parameter that has no value on a day: nothing may be guessed in its place."""


class TrailDamagedError(AccountsError):
    """A trail of acts whose lines, hashes or signatures do not hold."""


class ListFileError(AccountsError):
    """A file of a list, a calendar, questions or parameters that is not what it should be."""


class CapMessageError(AccountsError):
    """A message of another provider that is not signed, too old, or was taken before."""
