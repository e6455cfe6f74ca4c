"""Why a request is refused, in the service's own words; each room's wire format says it in its own way.

A reason that only one room knows stands in that room.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of refusal: `name` is for programs, `status` is HTTP's, `meaning` is for people."""

    name: str
    status: int
    meaning: str


NOT_READY = Reason("not_ready", 503, "not ready: ask again in a few seconds")
NOT_FOUND = Reason("not_found", 404, "not found")
BAD_PARAMETER = Reason("bad_parameter", 422, "bad parameter")
KEY_UNKNOWN = Reason("key_unknown", 404, "app key unknown, revoked or expired")
SIGNATURE_EXPIRED = Reason("signature_expired", 401, "signature expired")
SIGNATURE_WRONG = Reason("signature_wrong", 401, "signature wrong")
TOKEN_INVALID = Reason("token_invalid", 401, "access token invalid or expired")
TOKEN_UNKNOWN = Reason("token_unknown", 401, "access token not found")
FOREIGN_SITE = Reason("foreign_site", 403, "the request comes by another name or from another site")
RATE_LIMIT = Reason("rate_limit", 429, "too many requests")
SERVER_ERROR = Reason("server_error", 500, "server error")


class RefusedError(Exception):
    """A request is refused: the reason, what was expected and found, and when to ask again."""

    def __init__(self, reason: Reason, detail: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.reason.meaning}: {self.detail}" if self.detail else self.reason.meaning
