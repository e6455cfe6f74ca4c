"""The desk: takes acts, checks them against everything that went before, writes them, and lets them take effect.

An act for two is proposed by one officer and decided by another; both are lines of the record. A kind of act belongs to
one role, and proposer and decider both hold it. The state is the replay of the record: opening it checks every line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tarazy.authority import attestations, office
from tarazy.authority.consultation import consultation, draft_values
from tarazy.authority.greenlist import decisions, dossier, petitions
from tarazy.authority.licensing import application, directives, licence, statements
from tarazy.authority.portal import filings
from tarazy.authority.state import AuthorityState, Occasion, OfficialAct, Proposal
from tarazy.domain.signer import Signer
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, check_fields
from tarazy.platform.signed_acts.record import ActLine, ActRecord, UnsignedAct

PROPOSE, APPROVE, DECLINE = "act.propose", "act.approve", "act.decline"
DESK = 0
FOUNDING = office.FOUND
SKEW_S = 600
LICENSING, LISTING = (application, licence, directives, attestations, statements), (dossier, decisions, petitions)
MODULES = (office, *LICENSING, *LISTING, consultation, draft_values, filings)
ACTS: dict[str, OfficialAct] = {
    act.name: filings.takes_in(act) if act.name in filings.FILABLE else act for module in MODULES for act in module.ACTS
}
DECISION = (ActField("proposal", "number of the proposal", "whole"), ActField("reason", "reason", most=4000))


class AuthorityDesk:
    """The desk of one authority, over the record in its folder."""

    def __init__(self, record: ActRecord, clock: Callable[[], float] = time.time) -> None:
        """Replay the record. Raises: ActRecordError where a line could not have been written."""
        self.record, self.state = record, AuthorityState()
        self.state_head = record.start  # hash of the last act that has taken effect
        self._clock, self._lock = clock, threading.Lock()
        try:
            for line in record.lines:
                self._replay(line)
        except BaseException:
            record.close()
            raise

    @classmethod
    def open(cls, folder: Path, *, reads_only: bool = False) -> AuthorityDesk:
        """Open the desk of a folder. Raises: ActRecordError."""
        return cls(ActRecord(folder, reads_only=reads_only))

    def __enter__(self) -> AuthorityDesk:
        return self

    def __exit__(self, *_: object) -> None:
        self.record.close()

    def now(self) -> str:
        """Return the time, UTC, to the second."""
        return datetime.fromtimestamp(int(self._clock()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def prepare(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> UnsignedAct:
        """Return what an officer signs, checked; an act for two becomes its proposal.

        Raises: ActRefusedError.
        """
        with self._lock:
            if act in ACTS and ACTS[act].is_for_two:
                body = {"act": act, "body": body}
                act = PROPOSE
            unsigned = self._next(officer_id, act, subject, body)
            self._check(unsigned, None)
            return unsigned

    def commit(self, unsigned: UnsignedAct, public_key: bytes, signature: bytes) -> ActLine:
        """Write a signed act and let it take effect.

        Raises: ActRefusedError, ActRecordError; nothing is written then.
        """
        with self._lock:
            if unsigned.previous != self.record.head:
                action = "Look at it once more and sign again"
                raise ActRefusedError("the record", expected="no act since", found="another act", action=action)
            self._check_time(unsigned)
            self._check(unsigned, public_key)
            line = self.record.append(unsigned, public_key, signature)
            self._apply(unsigned)
            self.state_head = line.hash
            return line

    def act(self, officer_id: int, signer: Signer, act: str, subject: str, body: dict[str, Any]) -> ActLine:
        """Prepare, sign and commit in one step, where the key is at hand. Raises: as both."""
        unsigned = self.prepare(officer_id, act, subject, body)
        return self.commit(unsigned, signer.public_key, signer.sign(unsigned.message))

    def waiting(self) -> list[Proposal]:
        """Return the proposals that nobody has decided."""
        return [each for each in self.state.proposals.values() if not each.outcome]

    def _replay(self, line: ActLine) -> None:
        try:
            self._check(line.unsigned, bytes.fromhex(line.public_key))
        except ActRefusedError as error:
            where = f"{self.record.path}, act {line.unsigned.number}"
            raise ActRecordError(where, expected="an act that the rules allow", found=str(error)) from error
        self._apply(line.unsigned)
        self.state_head = line.hash

    def _next(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> UnsignedAct:
        return UnsignedAct(len(self.record.lines) + 1, self.now(), officer_id, act, subject, body, self.record.head)

    def _check_time(self, unsigned: UnsignedAct) -> None:
        last = self.record.lines[-1].unsigned.at if self.record.lines else ""
        try:
            written = datetime.strptime(unsigned.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise ActRefusedError("at", expected="a time as 2026-01-31T12:00:00Z", found=unsigned.at[:40]) from None
        if unsigned.at < last or abs(written - self._clock()) > SKEW_S:
            expected = f"a time not before {last or 'now'} and within {SKEW_S} s of now"
            raise ActRefusedError("at", expected=expected, found=unsigned.at, action="Prepare it anew")

    def _check(self, unsigned: UnsignedAct, public_key: bytes | None) -> None:
        """Check an act: who, which fields, and what the state allows. `public_key` None: it is not signed yet."""
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
