"""An authority for tests: three officers with every role, a clock that the test moves, acts in one line."""

from __future__ import annotations

import calendar
import time
from pathlib import Path
from typing import Any

from tarazy.authority.desk import ACTS, APPROVE, DESK, AuthorityDesk
from tarazy.authority.office import FOUND, founding_body
from tarazy.authority.state import ROLES
from tarazy.domain.signer import KeySigner
from tarazy.platform.signed_acts.record import ActLine, ActRecord

DAY_S = 86_400
DOCUMENT = "ab" * 32
APPLICATION = {
    "name": "Caspian DATF",
    "seo": "A. Akhmetov",
    "finance_officer": "B. Bekova",
    "compliance_officer": "C. Chen",
    "mlro": "D. Dosova",
    "cito": "E. Erzhan",
    "board_members": 6,
    "independent_members": 2,
    "policies": [DOCUMENT],
    "fee_paid_usd": 98_000,
}
GRANT = {
    "number": "AFSA-A-LA-2026-0001",
    "types": ["digital_asset"],
    "from": "2026-12-01",
    "expires": "2027-12-01",
    "capital_usd": 300_000,
}
DOSSIER = {
    "symbol": "BTC",
    "name": "Bitcoin",
    "dti": "4H95J0R2X",
    "chain": "bitcoin",
    "class": "native",
    "anonymity_enhanced": False,
    "algorithmic": False,
    "issuer": "none",
    "applicant": "operator",
    "circulating": 19_900_000,
    "total": 19_900_000,
    "maximum": 21_000_000,
    "insiders": ["Aida"],
}


def seconds(day: str) -> float:
    """Return the seconds of a day's noon, UTC."""
    return float(calendar.timegm(time.strptime(f"{day} 12:00", "%Y-%m-%d %H:%M")))


class Office:
    """A desk in a folder, with the keys of its officers 1, 2 and 3."""

    def __init__(self, folder: Path, day: str = "2026-11-30") -> None:
        self.folder, self.at = folder, seconds(day)
        self.keys = {number: KeySigner.from_seed(bytes([number]) * 32) for number in (DESK, 1, 2, 3)}
        self.desk = AuthorityDesk(ActRecord(folder, new=True), lambda: self.at)
        officers = [
            {
                "officer_id": str(number),
                "name": f"Officer {number}",
                "public_key": self.keys[number].public_key.hex(),
                "roles": ",".join(ROLES),
            }
            for number in (1, 2, 3)
        ]
        body = founding_body("Trial", self.keys[DESK].public_key, officers, 2, self.keys[2])
        self.act(FOUND, "authority", body)

    def act(self, act: str, subject: str, body: dict[str, Any], officer: int = 1) -> ActLine:
        """Act as an officer; an act for two is proposed."""
        self.at += 1
        return self.desk.act(officer, self.keys[officer], act, subject, body)

    def decide(self, proposal: int, officer: int = 2, verdict: str = APPROVE) -> ActLine:
        """Decide a proposal."""
        subject = self.desk.state.proposals[proposal].subject
        return self.act(verdict, subject, {"proposal": proposal, "reason": "looked at"}, officer)

    def two(self, act: str, subject: str, body: dict[str, Any]) -> ActLine:
        """Propose as officer 1 and approve as officer 2."""
        assert ACTS[act].is_for_two
        return self.decide(self.act(act, subject, body).unsigned.number)

    def go_to(self, day: str) -> None:
        """Move the clock to a day's noon."""
        self.at = seconds(day)

    def reopened(self) -> Office:
        """Close the record and open it again: the state is its replay."""
        self.desk.record.close()
        self.desk = AuthorityDesk(ActRecord(self.folder), lambda: self.at)
        return self

    def licensed(self) -> Office:
        """Bring one applicant to a licence."""
        self.act("application.receive", "caspian", APPLICATION)
        return self.granted()

    def granted(self) -> Office:
        """Bring an application that was taken in to a licence."""
        self.two("application.principle", "caspian", {"conditions": ["Show the wallets"]})
        self.act("condition.met", "caspian", {"condition": 1, "document": DOCUMENT})
        row = {"value": 250_000, "unit": "USD", "from": "2026-11-30", "source": "set for a test"}
        self.two("parameter.set", "capital.datf_min_usd", row)
        self.two("licence.grant", "caspian", GRANT)
        return self

    def evidence(self, token: str, **more: Any) -> None:
        """Add evidence that everything is met; `more` changes it."""
        from tarazy.authority.greenlist.dossier import ITEMS

        day = self.desk.now()[:10]
        for item in ITEMS:
            row = {"item": item, "verdict": "met", "found": "as it should be", "source": "test", "on": day}
            self.act("dossier.evidence", token, {**row, "expires": "2027-11-30", **more})

    def listed(self) -> Office:
        """Bring one token onto the list."""
        self.act("dossier.open", "bitcoin", DOSSIER)
        self.evidence("bitcoin")
        self.two("token.list", "bitcoin", {"present": [1, 2], "reason": "all items met"})
        return self


def publish_paper(office: Office) -> None:
    """Publish a paper `paper` on the rule `segregation`, open for comments up to 2026-12-05."""
    titles = {f"title_{language}": "Paper" for language in ("en", "ru", "kk")}
    rules = [{"id": "segregation", "in_force": "as it is", "draft": "as it may be"}]
    body = titles | {"number": "AFSA-P-CE-2026-0001", "rules": rules, "background": "why", "deadline": "2026-12-05"}
    office.two("consultation.publish", "paper", body)
