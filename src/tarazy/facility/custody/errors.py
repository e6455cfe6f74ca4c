"""What can go wrong in custody."""

from __future__ import annotations

from tarazy.platform.errors import ExplainedError


class CustodyError(ExplainedError):
    """Root of the errors here."""


class CustodyInputError(CustodyError):
    """A value that custody cannot take."""


class UnknownInCustodyError(CustodyError):
    """A wallet, address, key, asset or withdrawal that custody does not know."""


class CustodyRefusedError(CustodyError):
    """An act that the rules do not allow now."""


class DeepReorganisationError(CustodyError):
    """A chain that was reorganised deeper than the blocks that are kept: a person decides."""


class SignerRefusedError(CustodyError):
    """Bytes that the record does not authorise: nothing was signed."""


class WalletKeyError(CustodyError):
    """Keys of a wallet that cannot be used."""


class RecordRefusedError(CustodyError):
    """A command of custody that the record refused; `code` is the refusal's number."""

    def __init__(self, where: object, *, expected: str, found: str, action: str = "", code: int = 0) -> None:
        super().__init__(where, expected=expected, found=found, action=action)
        self.code = code
