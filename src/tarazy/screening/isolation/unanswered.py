"""The report of code that could not be screened: every capability is unknown, and the reason is there."""

from __future__ import annotations

import importlib.metadata
from datetime import UTC, datetime
from typing import Any

from Crypto.Hash import keccak

from tarazy.screening.checks.base import all_unknown
from tarazy.screening.model import Finding, Report, Verdict


def unanswered(request: Any, reason: str, seconds: float = 0.0) -> Report:
    """Return the report for a ScreenRequest that got no answer."""
    code: bytes = request.runtime or b""
    given = "chain" if request.rpc_url else "creation" if request.creation and not code else "runtime"
    code_hash = "0x" + keccak.new(digest_bits=256, data=code).hexdigest() if code else ""
    finding = Finding("screened", "unknown", "caution", reason, "the screening itself")
    return Report(
        id=request.id,
        input=given,
        chain_id=request.chain_id,
        address=request.address,
        code_hash=code_hash,
        body_hash="",
        code_bytes=len(code),
        screened_at=datetime.now(UTC).isoformat(timespec="seconds"),
        software=f"tarazy {importlib.metadata.version('tarazy')}",
        block_number=None,
        block_hash=None,
        capabilities=all_unknown(reason),
        verdict=Verdict("unknown", request.criteria or "", "", (finding,)),
        notes=(reason,),
        seconds=seconds,
    )
