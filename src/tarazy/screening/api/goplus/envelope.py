"""The envelope `{code, message, result}` around every answer, and the codes that it may carry.

Code 1 is success. Code 2 means that the data are incomplete or being made anew: what is known is there, ask again.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from tarazy.platform import refusals
from tarazy.platform.refusals import Reason
from tarazy.screening.service import reasons


class Code(IntEnum):
    """What happened, as clients of the format know it."""

    OK = 1
    SYNCING = 2
    ADDRESS_FORMAT = 2004
    CHAIN_UNSUPPORTED = 2018
    NOT_A_CONTRACT = 2020
    CONTRACT_UNKNOWN = 2021
    DAPP_UNKNOWN = 2026
    ABI_UNKNOWN = 2027
    ABI_FUNCTION_UNSUPPORTED = 2028
    APP_KEY_UNKNOWN = 4010
    SIGNATURE_EXPIRED = 4011
    SIGNATURE_WRONG = 4012
    TOKEN_INVALID = 4022
    TOKEN_UNKNOWN = 4023
    RATE_LIMIT = 4029
    SERVER_ERROR = 5000
    BAD_PARAMETER = 5006


MEANINGS: dict[Code, str] = {
    Code.OK: "ok",
    Code.SYNCING: "data still syncing: what is known is here, ask again in a few seconds",
    Code.ADDRESS_FORMAT: "bad address",
    Code.CHAIN_UNSUPPORTED: "chain not supported",
    Code.NOT_A_CONTRACT: "not a contract",
    Code.CONTRACT_UNKNOWN: "contract information not found",
    Code.DAPP_UNKNOWN: "site or application not found",
    Code.ABI_UNKNOWN: "ABI not found",
    Code.ABI_FUNCTION_UNSUPPORTED: "the contract has no such function",
    Code.APP_KEY_UNKNOWN: "app key unknown, revoked or expired",
    Code.SIGNATURE_EXPIRED: "signature expired",
    Code.SIGNATURE_WRONG: "signature wrong",
    Code.TOKEN_INVALID: "access token invalid or expired",
    Code.TOKEN_UNKNOWN: "access token not found",
    Code.RATE_LIMIT: "too many requests",
    Code.SERVER_ERROR: "server error",
    Code.BAD_PARAMETER: "bad parameter",
}


# How this format says why a request is refused.
CODES: dict[Reason, Code] = {
    refusals.NOT_READY: Code.SYNCING,
    refusals.NOT_FOUND: Code.CONTRACT_UNKNOWN,
    refusals.BAD_PARAMETER: Code.BAD_PARAMETER,
    refusals.KEY_UNKNOWN: Code.APP_KEY_UNKNOWN,
    refusals.SIGNATURE_EXPIRED: Code.SIGNATURE_EXPIRED,
    refusals.SIGNATURE_WRONG: Code.SIGNATURE_WRONG,
    refusals.TOKEN_INVALID: Code.TOKEN_INVALID,
    refusals.TOKEN_UNKNOWN: Code.TOKEN_UNKNOWN,
    refusals.RATE_LIMIT: Code.RATE_LIMIT,
    refusals.SERVER_ERROR: Code.SERVER_ERROR,
    reasons.ADDRESS_FORMAT: Code.ADDRESS_FORMAT,
    reasons.CHAIN_UNSUPPORTED: Code.CHAIN_UNSUPPORTED,
    reasons.NOT_A_CONTRACT: Code.NOT_A_CONTRACT,
}


def code_of(reason: Reason | None) -> Code:
    """Return the code of a reason; none is success."""
    return Code.OK if reason is None else CODES[reason]


def message(code: Code, detail: str = "") -> str:
    """Return the message of a code, with the detail of this case."""
    return f"{MEANINGS[code]}: {detail}" if detail else MEANINGS[code]


def envelope(code: Code, result: Any = None, detail: str = "") -> dict[str, Any]:
    """Return the envelope as plain data."""
    return {"code": int(code), "message": message(code, detail), "result": result}
