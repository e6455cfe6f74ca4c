"""Who prepared a run and who reviewed it: officers of the record, each with a signature by its own key.

What is signed: the facility, the part that the officer had, the run's place in the record, the SHA-256 of its report,
and the review's remark. A name that somebody types says nothing; a key that the record gives to an officer does.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from tarazy.facility.accounts.trail import Actor
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.journal.signatures import is_signed

CONTEXT = b"tarazy reconciliation 1\n"
PREPARED, REVIEWED = "prepared", "reviewed"


class RunSignature(NamedTuple):
    """An officer's signature under a run; keys and signatures as hexadecimal text."""

    officer_id: int
    public_key: str
    signature: str

    @property
    def text(self) -> str:
        """Return who it is, for people."""
        return f"officer {self.officer_id}"


def run_message(facility_id: bytes, part: str, seq: int, report_sha256: str, remark: str = "") -> bytes:
    """Return what an officer signs."""
    lines = [facility_id.hex(), part, str(seq), report_sha256, sha256(remark.encode()).hexdigest()]
    return CONTEXT + "\n".join(lines).encode()


def sign_run(
    actor: Actor, facility_id: bytes, part: str, seq: int, report_sha256: str, remark: str = ""
) -> RunSignature:
    """Return an officer's signature."""
    signature = actor.signer.sign(run_message(facility_id, part, seq, report_sha256, remark))
    return RunSignature(actor.officer_id, actor.signer.public_key.hex(), signature.hex())


def is_signed_run(
    found: RunSignature, facility_id: bytes, part: str, seq: int, report_sha256: str, remark: str = ""
) -> bool:
    """Say whether a signature is that of its key over this run."""
    message = run_message(facility_id, part, seq, report_sha256, remark)
    return is_signed(bytes.fromhex(found.public_key), bytes.fromhex(found.signature), message)


def check_two_officers(first: RunSignature, second: RunSignature) -> None:
    """Refuse one officer, or one key, in two parts. Raises: ReconciliationError."""
    if first.officer_id == second.officer_id or first.public_key == second.public_key:
        raise ReconciliationError(
            expected="two officers with two keys",
            found=f"{first.text} and {second.text}",
            action="Let another officer review it, with a key of its own.",
        )
