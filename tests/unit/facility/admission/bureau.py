"""An admission desk for tests: four officers of a facility, an authority's key, a clock that the test moves."""

from __future__ import annotations

import calendar
import json
import time
from pathlib import Path
from typing import Any

from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_COMPLIANCE, ROLE_CUSTODY, ROLE_OPERATIONS
from tarazy.domain.signer import KeySigner
from tarazy.facility.admission.desk import AdmissionDesk, DeskOfficer, admission_beside, chain_start
from tarazy.oversight.publications.signed_papers import GREEN_LIST, REGISTER, sign_paper
from tarazy.platform.signed_acts.record import ActLine, ActRecord

FACILITY_ID = bytes(range(16))
DOCUMENT = "ab" * 32
PEOPLE = ROLE_ADMINISTRATOR | ROLE_COMPLIANCE | ROLE_OPERATIONS
TOKEN = {
    "name": "bitcoin",
    "symbol": "BTC",
    "title": "Bitcoin",
    "state": "listed",
    "chain": "bitcoin",
    "contract": "",
    "class": "native",
    "conditions": [],
    "withdrawals_until": "",
}
LICENCE = {
    "name": "caspian",
    "title": "Caspian DATF",
    "state": "active",
    "number": "AFSA-A-LA-2026-0001",
    "types": ["digital_asset"],
    "from": "2026-01-01",
    "expires": "2027-01-01",
}
PROPOSAL = {
    "asset_code": "BTC",
    "scale": 8,
    "investment_type": "digital_asset",
    "applicant": "operator",
    "assessment": DOCUMENT,
    "reason": "meets our admission rules",
}
PAPER = {
    "title": "Conflicts of interest",
    "language": "en",
    "text": "The facility has no account of its own.",
    "effective": "2026-11-30",
    "review_by": "2027-11-30",
}


def seconds(day: str) -> float:
    """Return the seconds of a day's noon, UTC."""
    return float(calendar.timegm(time.strptime(f"{day} 12:00", "%Y-%m-%d %H:%M")))


class Bureau:
    """A desk beside a folder; officers 1 to 4 are people, officer 5 keeps keys alone; 1 to 4 sit on the committee."""

    def __init__(self, folder: Path, day: str = "2026-11-30") -> None:
        self.facility, self.at = folder / "venue", seconds(day)
        self.keys = {number: KeySigner.from_seed(bytes([number]) * 32) for number in range(1, 6)}
        self.authority = KeySigner.from_seed(b"A" * 32)
        self.officers = {
            number: DeskOfficer(number, key.public_key.hex(), ROLE_CUSTODY if number == 5 else PEOPLE, True)
            for number, key in self.keys.items()
        }
        self.desk = self._opened(new=True)

    def _opened(self, *, new: bool = False) -> AdmissionDesk:
        record = ActRecord(admission_beside(self.facility), new=new, start=chain_start(FACILITY_ID))
        return AdmissionDesk(record, self.officers, lambda: self.at)

    def reopened(self) -> Bureau:
        """Close the record and open it again: the state is its replay."""
        self.desk.record.close()
        self.desk = self._opened()
        return self

    def act(self, act: str, subject: str, body: dict[str, Any], officer: int = 1) -> ActLine:
        """Act as an officer."""
        self.at += 1
        return self.desk.act(officer, self.keys[officer], act, subject, body)

    def chartered(self, quorum: int = 2, days: int = 7) -> Bureau:
        """Put a charter into force."""
        authority = {"authority": "Trial", "authority_key": self.authority.public_key.hex(), "licensee": "caspian"}
        body = {**authority, "members": [1, 2, 3, 4], "quorum": quorum, "list_days_max": days}
        number = self.act("charter.propose", "facility", body).unsigned.number
        self.act("charter.approve", "facility", {"charter": number}, officer=2)
        return self

    def listing(self, *tokens: dict[str, Any], on: str = "", off: tuple[dict[str, Any], ...] = ()) -> str:
        """Return a list that the authority signed."""
        data = {"authority": "Trial", "on": on or self.desk.today, "head": DOCUMENT}
        return json.dumps(sign_paper(GREEN_LIST, {**data, "tokens": list(tokens), "off": list(off)}, self.authority))

    def imported(self, *tokens: dict[str, Any], on: str = "", off: tuple[dict[str, Any], ...] = ()) -> Bureau:
        """Import a list with these tokens."""
        self.act("list.import", "facility", {"paper": self.listing(*tokens, on=on, off=off)})
        return self

    def licensed(self, **more: Any) -> Bureau:
        """Import a register with our licence; `more` changes it."""
        data = {"authority": "Trial", "on": self.desk.today, "head": DOCUMENT, "licences": [{**LICENCE, **more}]}
        self.act("register.import", "facility", {"paper": json.dumps(sign_paper(REGISTER, data, self.authority))})
        return self

    def ready(self) -> Bureau:
        """Have charter, licence and a list with Bitcoin."""
        return self.chartered().licensed().imported(TOKEN)

    def proposed(self, **more: Any) -> int:
        """Propose Bitcoin as officer 1 and return the proposal's number."""
        return self.act("listing.propose", "bitcoin", {**PROPOSAL, **more}).unsigned.number

    def vote(self, proposal: int, officer: int, vote: str = "for") -> str:
        """Vote, and return what came of the proposal."""
        self.act("listing.vote", "bitcoin", {"proposal": proposal, "vote": vote, "reason": "looked at"}, officer)
        return self.desk.state.proposals[proposal].outcome

    def adopted(self) -> int:
        """Bring Bitcoin through the committee."""
        number = self.proposed()
        assert [self.vote(number, officer) for officer in (2, 3)] == ["proposed", "adopted"]
        return number

    def paper(self, head: str = "conflicts", officer: int = 1, **more: Any) -> int:
        """Draft a paper and return its number."""
        return self.act("paper.draft", head, {**PAPER, **more}, officer).unsigned.number

    def published(self, head: str = "conflicts", **more: Any) -> int:
        """Draft and approve a paper."""
        number = self.paper(head, **more)
        self.act("paper.approve", head, {"paper": number}, officer=2)
        return number

    def go_to(self, day: str) -> Bureau:
        """Move the clock to a day's noon."""
        self.at = seconds(day)
        return self
