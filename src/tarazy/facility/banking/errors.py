"""What can go wrong with banks: files, accounts, payments, connections."""

from __future__ import annotations

from tarazy.platform.errors import ExplainedError


class BankingError(ExplainedError):
    """Root of the errors here."""


class BankFieldError(BankingError):
    """A value inside a message that is not what its format says; the reader turns it into a fault of the statement."""


class BankFileError(BankingError):
    """A file that cannot be read on: broken XML, a document type, a size beyond the limits."""

    def __init__(self, where: object, line: int, *, expected: str, found: str, action: str = "") -> None:
        super().__init__(where, expected=expected, found=found, action=action)
        self.line = line


class BankActRefusedError(BankingError):
    """An act that may not be done now: a state, a second pair of eyes, an account of the other estate."""


class NotInBankBookError(BankingError):
    """An account, item or payout that the bank book does not know."""


class BankUnavailableError(BankingError):
    """A bank that does not answer, or not as agreed: nothing is known of what was asked. Ask again with the same id."""
