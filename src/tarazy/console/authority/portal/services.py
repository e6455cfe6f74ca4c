"""What the applicants' pages ask for: the desk, the portal's file, sessions, and limits on what strangers may send."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from tarazy.authority.greenlist.dossier import LISTED, REVIEW
from tarazy.authority.portal.filings import FILABLE, TITLES
from tarazy.authority.portal.store import PortalStore
from tarazy.authority.state import AuthorityCase, Filing
from tarazy.console.authority.services import AuthorityServices, steps
from tarazy.console.layout.signed_acts import shown_fields
from tarazy.platform.access.buckets import Buckets, RateLimit
from tarazy.platform.access.lockout import Lockout
from tarazy.platform.access.session_table import SessionTable
from tarazy.platform.refusals import TOKEN_INVALID, RefusedError

LIFE_S, IDLE_S = 12 * 3_600.0, 60 * 60.0
WRONG_MAX, LOCKED_S = 10, 15 * 60.0
REGISTRATIONS = RateLimit(1 / 30, 20)  # two a minute from all senders together, twenty at once
OPENING = ("application.receive", "dossier.open")
FILINGS = RateLimit(1 / 10, 20)  # of one applicant


class PortalSessions:
    """Sessions of applicants: an access key for a token."""

    def __init__(self, store: PortalStore) -> None:
        self._store, self._table = store, SessionTable(time.time, LIFE_S, IDLE_S)
        self._lockout = Lockout(time.time, WRONG_MAX, LOCKED_S)

    def begin(self, credentials: str, network: str) -> str:
        """Return the token of a new session. Raises: RefusedError for a wrong key, or too many of them."""
        self._lockout.require_unlocked(f"network {network}")
        found = self._store.authenticate(credentials)
        if found is None:
            self._lockout.note_wrong(f"network {network}")
            raise RefusedError(TOKEN_INVALID, "expected an access key of this portal, found another text")
        return self._table.begin(found.applicant)

    def find(self, token: str) -> str | None:
        """Return the applicant of a session, None for any other text."""
        return self._table.find(token)

    def end(self, token: str) -> None:
        """End a session; nothing where it is over already."""
        self._table.end(token)


@dataclass
class PortalServices:
    """The portal of one authority as its pages use it."""

    authority: AuthorityServices
    store: PortalStore
    sessions: PortalSessions
    buckets: Buckets = field(default_factory=Buckets)

    def wait_s(self, who: str, limit: RateLimit) -> float:
        """Return 0 where somebody may send now, else for how many seconds to wait."""
        return self.buckets.take(who, limit, 1, time.monotonic())

    def filings(self, applicant: str) -> list[Filing]:
        """Return what an applicant has filed, the newest first."""
        rows = self.authority.desk.state.filings.values()
        return [each for each in reversed(list(rows)) if each.applicant == applicant]

    def filing(self, applicant: str, number: str) -> Filing | None:
        """Return one of an applicant's filings, None for any other number."""
        known = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
        found = self.authority.desk.state.filings.get(known)
        return found if found is not None and found.applicant == applicant else None

    def case(self, filing: Filing) -> AuthorityCase | None:
        """Return what became of a filing that was taken in."""
        state = self.authority.desk.state
        cases = state.licences if filing.kind == "application.receive" else state.tokens
        found = cases.get(filing.subject) if filing.taken_by else None
        opened_by = found.facts.get("application", found.facts.get("dossier", {})).get("filing") if found else None
        is_other = filing.kind in OPENING and opened_by != filing.number  # of the same name, opened again later
        return None if is_other else found

    def receipt(self, filing: Filing) -> dict[str, Any]:
        """Return what is said of a filing: its hash in the record, its questions, the case, the deadlines."""
        line = self.authority.desk.record.lines[filing.number - 1]
        case = self.case(filing)
        return {
            **row_of(filing),
            "hash": line.hash,
            "signature": line.signature,
            "public_key": line.public_key,
            "fields": shown_fields(FILABLE[filing.kind].fields, json.loads(filing.fields)),
            "documents": list(filing.documents),
            "reason": filing.reason,
            "questions": filing.questions,
            "case_state": case.state if case is not None else "",
            "steps": steps(case) if case is not None and filing.kind in OPENING else [],
            "deadlines": deadlines(filing, case),
        }


def row_of(filing: Filing) -> dict[str, Any]:
    """Return a filing as a line."""
    waits = [row["until"] for row in filing.questions if not row["answer"]]
    terms = {"title": TITLES[filing.kind], "kind": filing.kind, "subject": filing.subject, "at": filing.at}
    return {"number": filing.number, **terms, "state": filing.state, "answer_by": min(waits, default="")}


def deadlines(filing: Filing, case: AuthorityCase | None) -> list[str]:
    """Return what is due, in words."""
    found = [f"question {q['number']} is to be answered by {q['until']}" for q in filing.questions if not q["answer"]]
    if case is None:
        return found
    for number, each in enumerate(case.facts.get("conditions", []), 1):
        if not each["met"]:
            found.append(f"condition {number} is to be met: {each['words']}")
    if case.state in (LISTED, REVIEW) and case.facts.get("review"):
        found.append(f"the review ends by {case.facts['review']['until']}")
    for row in case.facts.get("petitions", []):
        if row.get("filing") == filing.number:
            outcome = row["outcome"] or f"an answer is due by {row['due']}"
            found.append(f"petition {row['number']}: {'appealed' if row.get('appealed') else outcome}")
    return found


KINDS = [{"kind": kind, "title": TITLES[kind]} for kind in FILABLE]
