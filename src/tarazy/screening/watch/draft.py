"""The draft of a suspension: the venue's own command, filled in as far as a machine may, for its operator to decide.

A draft carries no instruction, so that the venue refuses it as it stands; nothing here can submit it.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import SuspendAsset

WARNING = "Draft. No officer has decided, nothing was submitted, and nothing was suspended."


def draft_suspension(asset_id: int, evidence_hash: bytes) -> dict[str, Any]:
    """Return the draft of suspending an asset on the evidence of an alert.

    Units: `evidence_hash` is SHA-256 of the alert's content, which stands where the decision's hash will.
    """
    record = SuspendAsset(ts_ns=0, asset_id=asset_id, decision_hash=evidence_hash).pack()
    return {
        "status": "draft",
        "warning": WARNING,
        "command": "SuspendAsset",
        "asset_id": asset_id,
        "decision_hash": evidence_hash.hex(),
        "record": record.hex(),
        "to_do": "An officer reads the alert, decides, and signs an instruction for the command with the hash of"
        " their decision.",
    }
