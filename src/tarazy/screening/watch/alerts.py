"""What records say: alerts with before, after and evidence, retractions, and notices that the watch cannot see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tarazy.chains.evm.blocks import Block
from tarazy.screening.watch.calls import AdminCall
from tarazy.screening.watch.comparison import Change, SnapshotComparison
from tarazy.screening.watch.draft import draft_suspension
from tarazy.screening.watch.options import ListedToken
from tarazy.screening.watch.privileges import root
from tarazy.screening.watch.record_file import content_hash

ID_DIGITS = 20
GATE_TEXT = ", which transfers must pass"


def alert(
    chain_id: int,
    token: ListedToken,
    block: Block,
    change: Change,
    comparison: SnapshotComparison,
    screening: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> dict[str, Any]:
    """Return an alert, with its draft where the token has a number at the venue.

    `screening` is what got worse in the screening, before and after; it stands beside what was seen directly.
    """
    content = {
        "record": "alert",
        "kind": change.kind,
        "subject": change.subject,
        "title": change.title,
        "text": change.text,
        **place(chain_id, token, block),
        "transaction": transaction_of(change, comparison.calls, block, comparison),
        "before": {**change.before, **screening[0]},
        "after": {**change.after, **screening[1]},
        "evidence": evidence(change, comparison, block),
    }
    digest = content_hash(content)
    draft = None if token.asset_id is None else draft_suspension(token.asset_id, digest)
    return {**content, "id": digest.hex()[:ID_DIGITS], "content_hash": digest.hex(), "draft": draft}


def retraction(alert_id: str, address: str, chain_id: int, title: str, was: Block, now: Block) -> dict[str, Any]:
    """Return the record that takes an alert back because its block is no longer part of the chain."""
    return named(
        {
            "record": "retraction",
            "kind": "retraction",
            "retracts": alert_id,
            "title": f"Taken back: {title}",
            "text": "The chain reorganised and the block of the alert is gone. What happens on the new branch is looked"
            " at anew.",
            "chain_id": chain_id,
            "address": address,
            "block_number": was.number,
            "block_hash": was.hash,
            "common_block_number": now.number,
            "common_block_hash": now.hash,
        }
    )


def notice(kind: str, title: str, text: str, chain_id: int, token: ListedToken | None, block: Block) -> dict[str, Any]:
    """Return a record that is no alert: what the watch could not see, or sees again."""
    place_of = place(chain_id, token, block) if token else {"chain_id": chain_id, "address": "", **at_block(block)}
    return named({"record": "notice", "kind": kind, "title": title, "text": text, **place_of})


def deep_reorganisation(chain_id: int, block: Block) -> dict[str, Any]:
    """Return the record of a reorganisation that goes below what is kept."""
    text = f"The chain reorganised below block {block.number + 1}, deeper than is kept. All since is read anew."
    return notice("deep_reorganisation", "The chain reorganised deeply", text, chain_id, None, block)


def named(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content with an id that follows from it."""
    digest = content_hash(content).hex()
    return {**content, "id": digest[:ID_DIGITS], "content_hash": digest}


def place(chain_id: int, token: ListedToken, block: Block) -> dict[str, Any]:
    """Return what names token and block."""
    return {
        "chain_id": chain_id,
        "address": token.address,
        "name": token.name,
        "asset_id": token.asset_id,
        **at_block(block),
    }


def at_block(block: Block) -> dict[str, Any]:
    """Return what names a block."""
    return {"block_number": block.number, "block_hash": block.hash, "block_time_s": block.timestamp_s}


def transaction_of(
    change: Change, calls: Sequence[AdminCall], block: Block, comparison: SnapshotComparison
) -> str | None:
    """Return the transaction that made a change, as far as that is plain; None where several could have."""
    writing = [call for call in calls if writes(call, change.slots, comparison)]
    naming = [call for call in calls if change.subject in call.named]
    for found in (naming, writing, calls):
        if found:
            return found[-1].transaction
    return block.transactions[0].hash if len(block.transactions) == 1 else None


def writes(call: AdminCall, slots: Sequence[int], comparison: SnapshotComparison) -> bool:
    """Return whether the entry point that a call used writes one of these slots."""
    entry = comparison.privileges.privileged.get(call.selector)
    return entry is not None and any(root(each) in slots for each in entry.writes)


def evidence(change: Change, comparison: SnapshotComparison, block: Block) -> list[dict[str, Any]]:
    """Return what shows a change: the storage that changed, and the calls of privileged entry points."""
    found: list[dict[str, Any]] = []
    for slot in comparison.changed_slots():
        found.append(
            {
                "kind": "state",
                "detail": f"storage {slot:#x}" + GATE_TEXT * comparison.privileges.is_gate(slot),
                "slot": hex(slot),
                "before": comparison.before.fields[hex(slot)],
                "after": comparison.after.fields[hex(slot)],
            }
        )
    for call in comparison.calls:
        entry = comparison.privileges.privileged.get(call.selector)
        holders = [f"{each.kind.value} {each.where}".strip() for each in entry.guards] if entry else []
        found.append(
            {
                "kind": "transaction",
                "detail": f"{call.sender} called {call.selector} of {call.to}",
                "transaction": call.transaction,
                "selector": call.selector,
                "holders": holders,
            }
        )
    return found
