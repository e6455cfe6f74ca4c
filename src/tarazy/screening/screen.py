"""One screening from end to end: code, facts, simulation, checks, verdict.

Each stage that fails leaves its part unknown and says so; the others go on. Nothing here limits time or memory of the
whole: `screening.isolation` runs this in a process of its own that does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from tarazy.screening.bytecode.code import Code
from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.checks import run_checks
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest

Progress = Callable[[str], None]


def screen(request: ScreenRequest, progress: Progress | None = None) -> Report:
    """Screen one contract and return everything that was found."""
    say = progress or (lambda stage: None)
    started = time.perf_counter()
    say("code")
    runtime = request.runtime or b""
    code = Code(runtime)
    say("paths")
    facts = analyse(runtime)
    say("checks")
    capabilities = run_checks(Subject(code=runtime, facts=facts))
    return Report(
        id=request.id,
        input="runtime",
        chain_id=request.chain_id,
        address=request.address,
        code_hash=code.hash,
        body_hash=code.body_hash,
        code_bytes=len(runtime),
        screened_at=datetime.now(UTC).isoformat(timespec="seconds"),
        software=f"tarazy {version('tarazy')}",
        block_number=None,
        block_hash=None,
        capabilities=capabilities,
        notes=facts.notes,
        seconds=time.perf_counter() - started,
    )


def facts_of(runtime: bytes) -> ContractFacts:
    """Return the static facts of runtime code."""
    return analyse(runtime)
