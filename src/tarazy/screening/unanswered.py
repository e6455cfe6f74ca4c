"""The report of code that could not be screened: every capability is unknown, and the reason is there."""

from __future__ import annotations

import importlib.metadata
from datetime import UTC, datetime

from tarazy.chains.evm.code import Code
from tarazy.screening.checks.base import all_unknown
from tarazy.screening.model import Finding, Report, Verdict
from tarazy.screening.request import ScreenRequest


def unanswered(request: ScreenRequest, reason: str, seconds: float = 0.0) -> Report:
    """Return the report for a request that got no answer."""
    given = "chain" if request.rpc_url else "creation" if request.creation is not None else "runtime"
    code = Code(request.runtime) if request.runtime else None
    finding = Finding("screened", "unknown", "caution", reason, "the screening itself")
    return Report(
        id=request.id,
        input=given,
        chain_id=request.chain_id,
        address=request.address,
        code_hash=code.hash if code else "",
        body_hash=code.body_hash if code else "",
        code_bytes=len(request.runtime or b""),
        screened_at=datetime.now(UTC).isoformat(timespec="seconds"),
        software=f"tarazy {importlib.metadata.version('tarazy')}",
        block_number=None,
        block_hash=None,
        capabilities=all_unknown(reason),
        verdict=Verdict("unknown", request.criteria or "", "", (finding,)),
        notes=(reason,),
        seconds=seconds,
    )
