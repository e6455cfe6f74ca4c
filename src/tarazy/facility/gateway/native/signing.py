"""Papers that go out are signed by the facility: a note (C2SP signed-note) over the hash of the very bytes.

    tarazy/0102030405060708090a0b0c0d0e0f10
    paper statement
    sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb22cd15d6c15b0f00a08
    account 7
    reached 1234

    — tarazy/0102030405060708090a0b0c0d0e0f10 Az3grl...

It is in the header `x-tarazy-note`, in base64, and is checked with the verifier key of the facility's heads. Its second
line keeps it apart from a head, which has a number there. `reached` is the last command that the read models had.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from tarazy.facility.gateway.endpoint import Body, GatewayRequest
from tarazy.journal.note import origin_of, sign_note

NOTE_HEADER = b"x-tarazy-note"


def paper_note(asked: GatewayRequest, kind: str, content: bytes) -> bytes:
    """Return the signed note about a paper of the account that asks."""
    sequencer = asked.gateway.sequencer
    origin = origin_of(sequencer.facility_id)
    facts = (f"paper {kind}", f"sha256 {sha256(content).hexdigest()}", f"account {asked.account_id}")
    lines = (origin, *facts, f"reached {asked.gateway.models.reached_seq}")
    return sign_note("".join(f"{line}\n" for line in lines), origin, sequencer.signer)


def signed_paper(asked: GatewayRequest, kind: str, answer: Any) -> Any:
    """Return an answer with a note in its headers where it is a file; plain data stays as it is."""
    if not isinstance(answer, Body):
        return answer
    note = base64.b64encode(paper_note(asked, kind, answer.content))
    return answer._replace(headers=(*answer.headers, (NOTE_HEADER, note)))
