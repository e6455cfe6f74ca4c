"""What can go wrong with the register of clients."""

from __future__ import annotations

from tarazy.platform.errors import ExplainedError


class AccountsError(ExplainedError):
    """Root of the errors here."""


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
