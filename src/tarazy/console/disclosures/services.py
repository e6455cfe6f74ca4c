"""What the public pages of a facility ask for: its admission desk as it is now, as plain data without persons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tarazy.facility.admission.gate import today
from tarazy.facility.admission.state import PROPOSED, AdmissionState
from tarazy.facility.admission.view import AdmissionView
from tarazy.oversight.publications.disclosures import disclosure_findings, heads, in_force
from tarazy.oversight.publications.public_statement import STATED

PAPER_SHOWN = ("head", "version", "title", "language", "effective", "review_by", "approved_on", "sha256")


@dataclass(frozen=True)
class PublicServices:
    """One facility as the public sees it."""

    facility: str
    view: AdmissionView

    @property
    def state(self) -> AdmissionState:
        """Return what the desk has decided."""
        return self.view.state

    @property
    def today(self) -> str:
        """Return the day, UTC."""
        return today()

    def statement(self) -> dict[str, Any]:
        """Return the statement of the licence, as the register that was imported last has it."""
        state = self.state
        licence = {name: state.licence.get(name, [] if name == "types" else "") for name in STATED}
        return {
            "facility": self.facility,
            "authority": state.charter.authority if state.charter else "",
            "licensee": state.charter.licensee if state.charter else "",
            "as_of": state.registers[-1]["on"] if state.registers else "",
            "statement": licence,
        }

    def disclosures(self) -> dict[str, Any]:
        """Return the manifest: every head with its paper in force and those that are coming; approved papers alone."""
        papers, day = self.state.papers, self.today
        approved = [{key: row[key] for key in PAPER_SHOWN} for row in papers if row["approved_on"]]
        manifest = []
        for head in heads(day).values():
            row = in_force(papers, head.name, day)
            shown = {key: row[key] for key in PAPER_SHOWN} if row is not None else None
            coming = [each for each in approved if each["head"] == head.name and each["effective"] > day]
            about = {"name": head.name, "words": head.words, "rule": head.rule, "acknowledge": head.acknowledge}
            manifest.append({**about, "paper": shown, "coming": coming})
        found = [each.plain() for each in disclosure_findings(papers, day)]
        return {"facility": self.facility, "on": day, "manifest": manifest, "versions": approved, "findings": found}

    def paper(self, head: str, version: str) -> dict[str, Any] | None:
        """Return an approved paper with its text, None where there is none."""
        for row in self.state.papers:
            if row["head"] == head and str(row["version"]) == version and row["approved_on"]:
                return {key: row[key] for key in (*PAPER_SHOWN, "text")}
        return None

    def assets(self) -> dict[str, Any]:
        """Return decisions on assets and notices to clients, the newest first."""
        state = self.state
        decided = [each for each in state.proposals.values() if each.outcome != PROPOSED]
        decisions = [
            {
                "number": each.number,
                "asset": each.body["asset_code"],
                "token": each.token,
                "outcome": each.outcome,
                "decided_at": each.decided_at,
                "sha256": each.digest,
            }
            for each in reversed(decided)
        ]
        hidden = ("paper", "number")
        notices = [{k: v for k, v in each._asdict().items() if k not in hidden} for each in reversed(state.orders)]
        listed = state.lists[-1]["on"] if state.lists else ""
        return {"facility": self.facility, "list_on": listed, "decisions": decisions, "notices": notices}

    def decision(self, number: str) -> dict[str, Any] | None:
        """Return the paper of a decision without the numbers and words of those who voted."""
        for each in self.state.proposals.values():
            if str(each.number) == number and each.outcome != PROPOSED:
                paper: dict[str, Any] = json.loads(each.paper)
                counts = {vote: sum(v.vote == vote for v in each.votes) for vote in ("for", "against", "stands aside")}
                kept = ("token", "outcome", "list", "licence", "decided_at")
                shown = ("asset_code", "investment_type", "applicant", "assessment", "reason")
                terms = {key: paper["proposal"][key] for key in shown}
                return {**{key: paper[key] for key in kept}, **terms, "votes": counts, "sha256": each.digest}
        return None
