"""What the authority's pages ask for: the desk, the desk's own key for what the public sends, a limit on that."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tarazy.authority.consultation.consultation import feedback
from tarazy.authority.desk import AuthorityDesk
from tarazy.authority.greenlist.decisions import overdue_reviews
from tarazy.authority.greenlist.dossier import standing
from tarazy.authority.licensing.licence import register_state, reminders
from tarazy.authority.portal.filings import FILED
from tarazy.authority.portal.store import PortalStore
from tarazy.authority.rule_facts import authority_facts
from tarazy.authority.state import AuthorityCase
from tarazy.domain.signer import Signer
from tarazy.oversight.publications.green_list import ADMISSIBLE
from tarazy.oversight.publications.signed_papers import GREEN_LIST, REGISTER, sign_paper
from tarazy.platform.access.buckets import Buckets, RateLimit
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.judging import JudgedRule, judge

COMMENTS = RateLimit(1 / 60, 10)  # a minute each, ten at once, from all senders together
DOSSIER_SHOWN = ("symbol", "name", "dti", "chain", "contract", "class", "issuer", "circulating", "total", "maximum")
PAPER_SHOWN = ("number", "title_en", "title_ru", "title_kk", "background", "background_ru", "background_kk", "deadline")
REGIME = "aifc"


@dataclass
class AuthorityServices:
    """The desk of one authority as its pages use it. `backtest`: the report of the criteria over the past, or None.

    `recorded`: facts of licensees' own records, by the short name of the licensee.
    """

    desk: AuthorityDesk
    desk_key: Signer
    backtest: Mapping[str, Any] | None = None
    buckets: Buckets = field(default_factory=Buckets)
    portal: PortalStore | None = None
    recorded: Mapping[str, FactSet] = field(default_factory=dict)
    _judged: dict[tuple[str, str, str], list[JudgedRule]] = field(default_factory=dict)

    @property
    def today(self) -> str:
        """Return the day, UTC."""
        return self.desk.now()[:10]

    def licences(self) -> list[dict[str, Any]]:
        """Return the public register: granted licences, and applications by name and state alone."""
        return [licence(case) for case in sorted(self.desk.state.licences.values(), key=lambda each: each.title)]

    def tokens(self) -> list[dict[str, Any]]:
        """Return every token that a decision was ever made on."""
        rows = [token(case) for case in self.desk.state.tokens.values() if "listing" in case.facts]
        return sorted(rows, key=lambda row: row["symbol"])

    def green_list(self) -> dict[str, Any]:
        """Return the list in force with dates and reasons, and what was taken off, signed by the desk."""
        rows = self.tokens()
        listed = {
            "authority": self.desk.state.title,
            "on": self.today,
            "head": self.desk.record.head,
            "tokens": [row for row in rows if row["state"] in ADMISSIBLE],
            "off": [row for row in rows if row["state"] not in ADMISSIBLE],
        }
        return sign_paper(GREEN_LIST, listed, self.desk_key)

    def register(self) -> dict[str, Any]:
        """Return the public register, signed by the desk."""
        desk = self.desk
        data = {"authority": desk.state.title, "on": self.today, "head": desk.record.head, "licences": self.licences()}
        return sign_paper(REGISTER, data, self.desk_key)

    def consultations(self) -> list[dict[str, Any]]:
        """Return the consultations, the newest first."""
        return [consultation(case) for case in reversed(list(self.desk.state.consultations.values()))]

    def duties(self) -> list[str]:
        """Return what is due, in words."""
        state = self.desk.state
        petitions = [
            f"{case.title}: petition {row['number']} is to be answered by {row['due']}"
            for case in state.tokens.values()
            for row in case.facts["petitions"]
            if not row["outcome"] or row.get("appealed")
        ]
        filed = [
            f"filing {each.number} on {each.subject} waits since {each.at[:10]}"
            for each in state.filings.values()
            if each.state == FILED
        ]
        wrong = [
            f"{case.title}: {len(case.facts['compared']['findings'])} findings on its public pages"
            for case in state.licences.values()
            if case.facts.get("compared", {}).get("findings")
        ]
        return [*filed, *wrong, *reminders(state, self.today), *overdue_reviews(state, self.today), *petitions]

    def obligations(self, name: str) -> list[JudgedRule]:
        """Return every rule's answer on a licensee today; answered anew after an act, and on the next day."""
        key = (name, self.desk.record.head, self.today)
        if key not in self._judged:
            day = date.fromisoformat(self.today)
            facts = FactSet([*self.recorded.get(name, ()), *authority_facts(self.desk.state, name, day)])
            self._judged = {each: found for each, found in self._judged.items() if each[1:] == key[1:]}
            self._judged[key] = judge(REGIME, facts, day)
        return self._judged[key]

    def take_comment(self) -> float:
        """Return 0 where another comment may come now, else for how many seconds to wait."""
        return self.buckets.take("comments", COMMENTS, 1, time.monotonic())


def licence(case: AuthorityCase) -> dict[str, Any]:
    """Return a licence as the register shows it."""
    facts = case.facts
    return {
        "name": case.name,
        "title": case.title,
        "state": register_state(case),
        "number": facts.get("number", ""),
        "types": facts.get("types", []),
        "from": facts.get("from", ""),
        "expires": facts.get("expires", ""),
    }


def token(case: AuthorityCase) -> dict[str, Any]:
    """Return a token as the list shows it."""
    dossier, listing = case.facts["dossier"], case.facts.get("listing", {})
    last = case.steps[-1]
    return {
        "name": case.name,
        **{key: dossier.get(key) or "" for key in DOSSIER_SHOWN if key != "name"},
        "title": case.title,
        "state": case.state,
        "listed_on": listing.get("on", ""),
        "reason": last.words if last.act.startswith("token.") else listing.get("reason", ""),
        "conditions": listing.get("conditions") or [],
        "withdrawals_until": case.facts.get("withdrawals_until", ""),
        "is_contested": any(not row["outcome"] or row.get("appealed") for row in case.facts["petitions"]),
    }


def token_page(case: AuthorityCase, day: str) -> dict[str, Any]:
    """Return a token with its evidence and its life; who knew of the application is not shown."""
    return token(case) | {"evidence": standing(case, day), "steps": steps(case)}


def consultation(case: AuthorityCase) -> dict[str, Any]:
    """Return a consultation with its feedback statement so far."""
    paper = case.facts["paper"]
    return {
        "name": case.name,
        "state": case.state,
        "commencement": case.facts.get("commencement", ""),
        "comments": len(case.facts["comments"]),
        "answered": sum(bool(row["outcome"]) for row in case.facts["comments"]),
        **{key: paper.get(key) or "" for key in PAPER_SHOWN},
        "rules": feedback(case),
    }


def steps(case: AuthorityCase) -> list[dict[str, Any]]:
    """Return the life of a case: act, time, words; names of officers are not the public's."""
    return [{"number": each.number, "at": each.at, "act": each.act, "words": each.words} for each in case.steps]
