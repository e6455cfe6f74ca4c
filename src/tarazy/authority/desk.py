"""The desk: takes acts, checks them against everything that went before, writes them, and lets them take effect.

An act for two is proposed by one officer and decided by another; both are lines of the record. A kind of act belongs to
one role, and proposer and decider both hold it. The state is the replay of the record: opening it checks every line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tarazy.authority import attestations, office
from tarazy.authority.consultation import consultation, draft_values
from tarazy.authority.greenlist import decisions, dossier, petitions
from tarazy.authority.licensing import application, directives, licence, statements
from tarazy.authority.portal import filings
from tarazy.authority.state import AuthorityState, Occasion, OfficialAct, Proposal
from tarazy.platform.signed_acts.desk import SignedActDesk
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, check_fields
from tarazy.platform.signed_acts.record import ActLine, ActRecord, UnsignedAct

PROPOSE, APPROVE, DECLINE = "act.propose", "act.approve", "act.decline"
DESK = 0
FOUNDING = office.FOUND
LICENSING, LISTING = (application, licence, directives, attestations, statements), (dossier, decisions, petitions)
MODULES = (office, *LICENSING, *LISTING, consultation, draft_values, filings)
ACTS: dict[str, OfficialAct] = {
    act.name: filings.takes_in(act) if act.name in filings.FILABLE else act for module in MODULES for act in module.ACTS
}
DECISION = (ActField("proposal", "number of the proposal", "whole"), ActField("reason", "reason", most=4000))


class AuthorityDesk(SignedActDesk):
    """The desk of one authority, over the record in its folder."""

    def __init__(self, record: ActRecord, clock: Callable[[], float] = time.time) -> None:
        """Replay the record. Raises: ActRecordError where a line could not have been written."""
        super().__init__(record, clock)
        self.state = AuthorityState()
        self._replay(record.lines)

    @classmethod
    def open(cls, folder: Path, *, reads_only: bool = False) -> AuthorityDesk:
        """Open the desk of a folder. Raises: ActRecordError."""
        return cls(ActRecord(folder, reads_only=reads_only))

    def prepare(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> UnsignedAct:
        """Return what an officer signs, checked; an act for two becomes its proposal.

        Raises: ActRefusedError.
        """
        if act in ACTS and ACTS[act].is_for_two:
            return super().prepare(officer_id, PROPOSE, subject, {"act": act, "body": body})
        return super().prepare(officer_id, act, subject, body)

    def waiting(self) -> list[Proposal]:
        """Return the proposals that nobody has decided."""
        return [each for each in self.state.proposals.values() if not each.outcome]

    def _check_replayed(self, line: ActLine) -> None:
        self._check(line.unsigned, bytes.fromhex(line.public_key))

    def _check(self, unsigned: UnsignedAct, public_key: bytes | None) -> None:
        name = unsigned.act
        if name in (APPROVE, DECLINE):
            self._check_decision(unsigned)
        elif name == PROPOSE:
            self._check_proposal(unsigned)
        elif name not in ACTS or ACTS[name].is_for_two:
            raise ActRefusedError("act", expected=f"one of {', '.join(ACTS)}", found=name[:80])
        else:
            self._check_act(ACTS[name], unsigned.subject, unsigned.body, unsigned, (unsigned.officer_id,))
        self._check_actor(unsigned, public_key)

    def _check_actor(self, unsigned: UnsignedAct, public_key: bytes | None) -> None:
        if unsigned.act == office.FOUND:
            known = {row["officer_id"]: row["public_key"] for row in unsigned.body["officers"]}
            expected = known.get(str(unsigned.officer_id), "")
        elif unsigned.officer_id == DESK:
            is_public = unsigned.act in ACTS and ACTS[unsigned.act].is_public
            expected = self.state.desk_key if is_public else ""
        else:
            officer = self.state.officers.get(unsigned.officer_id)
            role = self._role(unsigned)
            is_able = officer is not None and officer.is_active and role in officer.roles
            expected = officer.public_key if officer is not None and is_able else ""
        if not expected:
            wanted = f"an active officer with the role {self._role(unsigned)}"
            raise ActRefusedError(unsigned.act, expected=wanted, found=f"officer {unsigned.officer_id}")
        if public_key is not None and public_key.hex() != expected:
            found = public_key.hex()[:16]
            raise ActRefusedError(
                unsigned.act, expected=f"the key {expected[:16]} of officer {unsigned.officer_id}", found=found
            )

    def _role(self, unsigned: UnsignedAct) -> str:
        name = unsigned.act
        if name == PROPOSE:
            name = str(unsigned.body["act"])
        elif name in (APPROVE, DECLINE):
            name = self.state.proposals[unsigned.body["proposal"]].act
        return ACTS[name].role

    def _check_proposal(self, unsigned: UnsignedAct) -> None:
        body = unsigned.body
        name = body.get("act") if isinstance(body, dict) and set(body) == {"act", "body"} else None
        if not isinstance(name, str) or name not in ACTS or not ACTS[name].is_for_two:
            raise ActRefusedError(PROPOSE, expected="an act for two and its fields", found=str(name)[:80])
        self._check_act(ACTS[name], unsigned.subject, body["body"], unsigned, (unsigned.officer_id,))

    def _check_decision(self, unsigned: UnsignedAct) -> None:
        check_fields(unsigned.act, DECISION, unsigned.body)
        proposal = self.state.proposals.get(unsigned.body["proposal"])
        if proposal is None or proposal.outcome:
            found = proposal.outcome if proposal else "no proposal of this number"
            raise ActRefusedError(unsigned.act, expected="a proposal that waits", found=found)
        if proposal.subject != unsigned.subject:
            found = unsigned.subject[:80]
            raise ActRefusedError(unsigned.act, expected=f"the proposal's subject, {proposal.subject}", found=found)
        if proposal.officer_id == unsigned.officer_id:
            found = f"officer {unsigned.officer_id}, who proposed it"
            raise ActRefusedError(unsigned.act, expected="another officer's eyes", found=found)
        proposer = self.state.officers[proposal.officer_id]
        if unsigned.act == APPROVE and not (proposer.is_active and ACTS[proposal.act].role in proposer.roles):
            found = "one who is not any more"
            raise ActRefusedError(
                APPROVE, expected="a proposal of an active officer", found=found, action="Propose anew"
            )
        if unsigned.act == APPROVE:
            officers = (proposal.officer_id, unsigned.officer_id)
            self._check_act(ACTS[proposal.act], proposal.subject, proposal.body, unsigned, officers)

    def _check_act(
        self, act: OfficialAct, subject: str, body: Any, unsigned: UnsignedAct, officers: tuple[int, ...]
    ) -> None:
        check_fields(act.name, act.fields, body)
        act.check(self.state, Occasion(subject, body, unsigned.at, officers, unsigned.number))

    def _apply(self, unsigned: UnsignedAct) -> None:
        apply_act(self.state, unsigned)


def apply_act(state: AuthorityState, unsigned: UnsignedAct) -> None:
    """Let an act that was checked take effect."""
    name, body = unsigned.act, unsigned.body
    if name == PROPOSE:
        row = (body["act"], unsigned.subject, body["body"], unsigned.officer_id, unsigned.at)
        state.proposals[unsigned.number] = Proposal(unsigned.number, *row)
    elif name in (APPROVE, DECLINE):
        _apply_decision(state, unsigned)
    else:
        occasion = Occasion(unsigned.subject, body, unsigned.at, (unsigned.officer_id,), unsigned.number)
        ACTS[name].apply(state, occasion)


def _apply_decision(state: AuthorityState, unsigned: UnsignedAct) -> None:
    proposal = state.proposals[unsigned.body["proposal"]]
    proposal.outcome = "approved" if unsigned.act == APPROVE else "declined"
    proposal.decided_by, proposal.decided_at = unsigned.officer_id, unsigned.at
    proposal.reason = unsigned.body["reason"]
    if unsigned.act == APPROVE:
        officers = (proposal.officer_id, unsigned.officer_id)
        occasion = Occasion(proposal.subject, proposal.body, unsigned.at, officers, unsigned.number)
        ACTS[proposal.act].apply(state, occasion)


def states_by_day(lines: Sequence[ActLine], today: date) -> Iterator[tuple[date, date, AuthorityState]]:
    """Yield (first day, last day, state) of the times between acts, the last to today; a desk has checked the lines.

    The state is one object that goes on changing: it is asked before the next time is taken.
    """
    state, at = AuthorityState(), 0
    while at < len(lines):
        day = lines[at].unsigned.at[:10]
        while at < len(lines) and lines[at].unsigned.at[:10] == day:
            apply_act(state, lines[at].unsigned)
            at += 1
        begins = date.fromisoformat(day)
        ends = date.fromisoformat(lines[at].unsigned.at[:10]) - timedelta(days=1) if at < len(lines) else today
        yield begins, max(begins, ends), state
