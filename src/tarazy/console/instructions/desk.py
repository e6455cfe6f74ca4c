"""What the pages of instructions ask: drafts of one facility, its officers' keys, the words, the documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tarazy.facility.officers.command_text import moment_text, text_from
from tarazy.facility.officers.draft_folder import DraftFolder, Found
from tarazy.facility.officers.drafts import Draft
from tarazy.platform.documents.errors import DocumentError
from tarazy.platform.documents.store import Documents

OVER, WAITS, COMPLETE, UNREADABLE = "over", "waits", "complete", "unreadable"


class InstructionDesk(NamedTuple):
    """The desk of one facility.

    `describe` puts a command into words; `keys` are the public keys of the record's active officers by their number;
    `documents` None: documents are not looked for. `clock_ns` gives UTC nanoseconds.
    """

    facility: str
    drafts: DraftFolder
    describe: Callable[[Any], str]
    keys: Mapping[int, bytes]
    documents: Documents | None = None
    clock_ns: Callable[[], int] = time.time_ns

    def state(self, draft: Draft) -> str:
        """Return where a draft stands."""
        if draft.valid_until_ns <= self.clock_ns():
            return OVER
        return WAITS if draft.missing else COMPLETE

    def row(self, found: Found) -> dict[str, Any]:
        """Return a draft for the list, as plain data."""
        if found.draft is None:
            return {"name": found.name, "state": UNREADABLE, "problem": found.problem}
        draft = found.draft
        return {
            "name": found.name,
            "state": self.state(draft),
            "instruction_number": str(draft.instruction_number),
            "commands": [self.describe(command) for command in draft.commands],
            "signed": [number for number, _ in draft.signatures],
            "missing": draft.missing,
            "valid_until": moment_text(draft.valid_until_ns),
            "digest": draft.digest.hex(),
        }

    def shown(self, name: str, draft: Draft) -> dict[str, Any]:
        """Return everything that a signature on a draft covers, as plain data; `message` are the very bytes."""
        signed = [number for number, _ in draft.signatures]
        return self.row(Found(name, draft)) | {
            "facility": draft.facility,
            "facility_id": draft.facility_id.hex(),
            "known_seq": draft.known_seq,
            "commands": [{"words": self.describe(command), "fields": text_from(command)} for command in draft.commands],
            "documents": self.looked_for(draft),
            "officers": [
                {
                    "officer_id": each.officer_id,
                    "public_key": each.public_key.hex(),
                    "signed": each.officer_id in signed,
                    "known": self.keys.get(each.officer_id) == each.public_key,
                }
                for each in draft.officers
            ],
            "message": draft.message.hex(),
        }

    def looked_for(self, draft: Draft) -> list[dict[str, str]]:
        """Return the documents of a draft, each with its state in the store."""
        digests = [each.digest.hex() for each in draft.documents]
        states: Mapping[str, str] = {}
        if self.documents is not None:
            try:
                states = self.documents.states(digests)
            except DocumentError:
                states = dict.fromkeys(digests, "missing")
        return [
            {"name": each.name, "sha256": each.digest.hex(), "state": states.get(each.digest.hex(), "")}
            for each in draft.documents
        ]
