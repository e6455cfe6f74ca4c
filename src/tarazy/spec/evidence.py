"""Evidence: what each piece of it was recorded for, so that it counts once and an undo finds what it undoes.

Evidence is kept for a horizon (parameter evidence_horizon_days). Each command that adds some drops at most two entries
older than that, so that the set is bounded and no command is slow. Evidence arises before it is recorded: what has been
dropped is older than the horizon too, and a machine officer cannot present it again.
"""

from __future__ import annotations

from enum import IntEnum

from tarazy.domain.records import ParameterTable
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.state_parts import Evidence

HORIZON_DAYS = 400
DAY_NS = 86_400 * 1_000_000_000
DROPPED_MAX = 2


class EvidenceKind(IntEnum):
    """What a piece of evidence was recorded for. Those up to `interest` can be undone as deposits."""

    deposit = 1
    receipt = 2
    airdrop = 3
    interest = 4
    settlement = 5
    other = 6


def horizon_ns(state: State) -> int:
    """Return for how long evidence is kept."""
    return (state.parameter(ParameterTable.evidence_horizon_days, 0) or HORIZON_DAYS) * DAY_NS


def check_evidence(state: State, evidence_hash: bytes, evidence_ns: int) -> None:
    """Refuse missing evidence, evidence that counts already, and evidence of a time that cannot be."""
    require_hash(evidence_hash, RejectCode.evidence_missing)
    entry = state.evidence.get(evidence_hash)
    if entry is not None and not entry.is_undone:
        raise Refusal(RejectCode.evidence_already_used, 0, 1)
    if evidence_ns > state.last_ts_ns:
        raise Refusal(RejectCode.evidence_in_future, state.last_ts_ns, evidence_ns)
    oldest = max(state.last_ts_ns - horizon_ns(state), 0)
    if state.signed_by_machine and evidence_ns < oldest:
        raise Refusal(RejectCode.evidence_too_old, oldest, evidence_ns)


def check_new_evidence(state: State, evidence_hash: bytes, evidence_ns: int) -> None:
    """Refuse as check_evidence does, and evidence of a credit that was undone: only that credit may use it again."""
    check_evidence(state, evidence_hash, evidence_ns)
    if evidence_hash in state.evidence:
        raise Refusal(RejectCode.evidence_already_used, 0, 1)


def keep_evidence(
    state: State,
    evidence_hash: bytes,
    kind: int = EvidenceKind.other,
    location: int = 0,
    account_id: int = 0,
    asset_id: int = 0,
    number: int = 0,
    amount_minor: int = 0,
    credited_minor: int = 0,
) -> None:
    """Remember evidence, and forget what has passed the horizon. `number` is a receipt's or a withdrawal's."""
    entry = Evidence(kind, location, account_id, asset_id, number, amount_minor, credited_minor)
    entry.seq, entry.recorded_ns = state.seq, state.last_ts_ns
    state.evidence.pop(evidence_hash, None)
    state.evidence[evidence_hash] = entry
    horizon = horizon_ns(state)
    for _ in range(DROPPED_MAX):
        oldest_hash, oldest = next(iter(state.evidence.items()))
        if state.last_ts_ns - oldest.recorded_ns <= horizon:
            return
        free_evidence(state, oldest_hash)


def free_evidence(state: State, evidence_hash: bytes) -> None:
    """Forget evidence, and the settled withdrawal that only an undo would need."""
    entry = state.evidence.pop(evidence_hash)
    if entry.kind == EvidenceKind.settlement:
        state.settled.pop(entry.number, None)


def keep_undone(state: State, evidence_hash: bytes, entry: Evidence, taken_minor: int, lost_minor: int) -> None:
    """Remember that a credit was undone, what it took from its account and what it left as a shortfall."""
    del state.evidence[evidence_hash]
    entry.is_undone = True
    entry.credited_minor, entry.lost_minor = taken_minor, lost_minor
    entry.seq, entry.recorded_ns = state.seq, state.last_ts_ns
    state.evidence[evidence_hash] = entry
