"""Signed instructions to a facility that is served: handed in over loopback, or laid into a folder that it follows.

Nobody is trusted but the officers' signatures: the sequencer checks them before anything is ordered, the engine decides
what they may do, and a replay checks both again. So whoever may write into the folder, or reach the port, can hand in
what officers signed and nothing else. An instruction works once, however often it is handed in.

Beside a draft `NAME.json` its outcome is written as `NAME.outcome`, once; a draft with an outcome is left alone. A kill
between the record and the outcome makes the next start hand it in again: the record refuses it, and the outcome says
so.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tarazy.domain.instructions import InstructionError, assemble
from tarazy.facility.gateway.order_entry import busy, not_ordered, unknown_outcome
from tarazy.facility.officers.draft_folder import DraftFolder, Found
from tarazy.facility.officers.drafts import Draft, draft_from_json, instruction_of
from tarazy.facility.officers.errors import OfficersError
from tarazy.facility.officers.json_text import load_json
from tarazy.facility.officers.outcomes import InstructionOutcome, answers_of, check_handed_in
from tarazy.facility.sequencer.errors import ClockJumpedError, QueueFullError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import Identity
from tarazy.oversight.requests.errors import INVALID_PARAMETER, REJECTED_KEY, DialectError
from tarazy.platform.jobs.schedules import Schedule, Schedules
from tarazy.platform.signed_acts.errors import ActError
from tarazy.platform.storage.files import write_whole

OUTCOME = ".outcome"
LOOK_S = 0.5
_log = logging.getLogger("tarazy.gateway")


class Instructions:
    """Takes complete drafts and hands them to the writer."""

    def __init__(
        self, sequencer: Sequencer, identity: Identity, gate: Callable[[Iterable[Any]], None] = lambda commands: None
    ) -> None:
        """Hand in to this writer; `gate` raises ActError for what the admission desk has not decided."""
        self._sequencer, self._identity, self._gate = sequencer, identity, gate

    async def take(self, draft: Draft) -> InstructionOutcome:
        """Order a complete draft; return what came of it once that is durable.

        Raises: OfficersError, InstructionError, ActError (nothing was ordered); DialectError where the writer takes
        nothing, or where the outcome is not known.
        """
        started_ns = time.monotonic_ns()
        check_handed_in(self._identity.facility_id, self._identity.name, draft)
        self._gate(draft.commands)
        assembled = assemble(instruction_of(draft))
        try:
            future = self._sequencer.submit(assembled.commands, instructions=assembled.entry, timeout_s=0)
        except QueueFullError:
            raise busy() from None
        except InstructionError:
            raise
        except Exception:
            raise not_ordered() from None
        try:
            receipt = await asyncio.wrap_future(future)
        except ClockJumpedError:
            raise not_ordered() from None
        except Exception:
            raise unknown_outcome() from None
        answers = answers_of(draft, receipt.first_seq, receipt.events)
        return InstructionOutcome(receipt.first_seq, receipt.ts_ns, time.monotonic_ns() - started_ns, answers)

    async def take_text(self, text: bytes, address: str) -> dict[str, Any]:
        """Take a draft as JSON from this machine; return its outcome as plain data.

        Raises: DialectError.
        """
        if not is_this_machine(address):
            raise DialectError(REJECTED_KEY, "Instructions are taken from this machine alone.", 401)
        try:
            return (await self.take(draft_from_json(load_json(text)))).plain()
        except (OfficersError, InstructionError, ActError, ValueError) as error:
            advice = getattr(error, "action", "") or "Make the instruction again from its draft."
            raise DialectError(INVALID_PARAMETER, f"{error}", advice=advice) from None


class FollowedDrafts:
    """Hands in every complete draft of a folder, once. A long-running part."""

    def __init__(self, instructions: Instructions, folder: DraftFolder) -> None:
        self._instructions, self._folder = instructions, folder
        self._looked: dict[str, int] = {}
        self._schedules = Schedules((Schedule("drafts", LOOK_S, self.look),))

    async def start(self) -> None:
        """Begin."""
        await self._schedules.start()

    async def stop(self) -> None:
        """End."""
        await self._schedules.stop()

    async def look(self) -> None:
        """Hand in what has become complete since the last look."""
        for found in await asyncio.to_thread(self.complete):
            if found.draft is not None:
                await self._hand_in(found.name, found.draft)

    def complete(self) -> list[Found]:
        """Return drafts that are complete and have no outcome; a file that was not changed is not read again."""
        found = []
        paths = {path.stem: path for path in self._folder.directory.glob("*.json") if not path.name.startswith(".")}
        for name, path in sorted(paths.items()):
            changed_ns = path.stat().st_mtime_ns
            if self._looked.get(name) == changed_ns or self.outcome_path(name).exists():
                continue
            self._looked[name] = changed_ns
            try:
                draft = self._folder.read(name)
            except OfficersError as error:
                _log.warning("a draft cannot be read: %s", error)
                continue
            if not draft.missing:
                found.append(Found(name, draft))
        return found

    def outcome_path(self, name: str) -> Path:
        """Return the file of a draft's outcome."""
        return self._folder.directory / f"{name}{OUTCOME}"

    async def _hand_in(self, name: str, draft: Draft) -> None:
        """Hand one draft in and write its outcome; where the writer takes nothing now, look again later."""
        try:
            outcome = await self._instructions.take(draft)
            plain = outcome.plain() | ({"note": "the record had it before"} if outcome.was_used_before else {})
        except DialectError as error:
            self._looked.pop(name, None)
            _log.warning("draft %s waits: %s", name, error.message)
            return
        except (OfficersError, InstructionError, ActError) as error:
            plain = {"error": str(error)}
        text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
        await asyncio.to_thread(write_whole, self.outcome_path(name), text.encode())
        _log.info("draft %s was handed in", name)


def is_this_machine(address: str) -> bool:
    """Say whether a request comes from this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
