"""The envelope `{code, message, result}` around every answer, and the codes that it may carry.

Code 1 is success. Code 2 means that the data are incomplete or being made anew: what is known is there, ask again.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from tarazy.platform import refusals
from tarazy.platform.refusals import Reason
from tarazy.screening.service import reasons


class GoplusCode(IntEnum):
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


MEANINGS: dict[GoplusCode, str] = {
    GoplusCode.OK: "ok",
    GoplusCode.SYNCING: "data still syncing: what is known is here, ask again in a few seconds",
    GoplusCode.ADDRESS_FORMAT: "bad address",
    GoplusCode.CHAIN_UNSUPPORTED: "chain not supported",
    GoplusCode.NOT_A_CONTRACT: "not a contract",
    GoplusCode.CONTRACT_UNKNOWN: "contract information not found",
    GoplusCode.DAPP_UNKNOWN: "site or application not found",
    GoplusCode.ABI_UNKNOWN: "ABI not found",
    GoplusCode.ABI_FUNCTION_UNSUPPORTED: "the contract has no such function",
    GoplusCode.APP_KEY_UNKNOWN: "app key unknown, revoked or expired",
    GoplusCode.SIGNATURE_EXPIRED: "signature expired",
    GoplusCode.SIGNATURE_WRONG: "signature wrong",
    GoplusCode.TOKEN_INVALID: "access token invalid or expired",
    GoplusCode.TOKEN_UNKNOWN: "access token not found",
    GoplusCode.RATE_LIMIT: "too many requests",
    GoplusCode.SERVER_ERROR: "server error",
    GoplusCode.BAD_PARAMETER: "bad parameter",
}


# How this format says why a request is refused.
CODES: dict[Reason, GoplusCode] = {
    refusals.NOT_READY: GoplusCode.SYNCING,
    refusals.NOT_FOUND: GoplusCode.CONTRACT_UNKNOWN,
    refusals.BAD_PARAMETER: GoplusCode.BAD_PARAMETER,
    refusals.KEY_UNKNOWN: GoplusCode.APP_KEY_UNKNOWN,
    refusals.SIGNATURE_EXPIRED: GoplusCode.SIGNATURE_EXPIRED,
    refusals.SIGNATURE_WRONG: GoplusCode.SIGNATURE_WRONG,
    refusals.TOKEN_INVALID: GoplusCode.TOKEN_INVALID,
    refusals.TOKEN_UNKNOWN: GoplusCode.TOKEN_UNKNOWN,
    refusals.FOREIGN_SITE: GoplusCode.BAD_PARAMETER,
    refusals.RATE_LIMIT: GoplusCode.RATE_LIMIT,
    refusals.SERVER_ERROR: GoplusCode.SERVER_ERROR,
    reasons.ADDRESS_FORMAT: GoplusCode.ADDRESS_FORMAT,
    reasons.CHAIN_UNSUPPORTED: GoplusCode.CHAIN_UNSUPPORTED,
    reasons.NOT_A_CONTRACT: GoplusCode.NOT_A_CONTRACT,
    reasons.SHARE_USED: GoplusCode.SERVER_ERROR,
    reasons.NO_ROOM: GoplusCode.SERVER_ERROR,
}


def code_of(reason: Reason | None) -> GoplusCode:
    """Return the code of a reason; none is success."""
    return GoplusCode.OK if reason is None else CODES[reason]


def message(code: GoplusCode, detail: str = "") -> str:
    """Return the message of a code, with the detail of this case."""
    return f"{MEANINGS[code]}: {detail}" if detail else MEANINGS[code]


def envelope(code: GoplusCode, result: Any = None, detail: str = "") -> dict[str, Any]:
    """Return the envelope as plain data."""
    return {"code": int(code), "message": message(code, detail), "result": result}
