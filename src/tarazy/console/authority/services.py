"""What the authority's pages ask for: the desk, the desk's own key for what the public sends, a limit on that."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from tarazy.authority.consultation.consultation import feedback
from tarazy.authority.consultation.draft_values import value_rows
from tarazy.authority.desk import AuthorityDesk
from tarazy.authority.greenlist.decisions import PROHIBITED, overdue_reviews
from tarazy.authority.greenlist.dossier import standing
from tarazy.authority.licensing.licence import register_state, reminders
from tarazy.authority.obligation_days import AnswerSpan, Licensee, inputs_of, list_inputs, spans
from tarazy.authority.portal.filings import FILED
from tarazy.authority.portal.store import PortalStore
from tarazy.authority.rule_facts import authority_facts
from tarazy.authority.state import AuthorityCase
from tarazy.console.layout.memo import PageMemo
from tarazy.domain.signer import Signer
from tarazy.oversight.publications.green_list import ADMISSIBLE
from tarazy.oversight.publications.signed_papers import GREEN_LIST, REGISTER, sign_paper
from tarazy.platform.access.buckets import Buckets, RateLimit
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.errors import RulebookError, RuleGapError
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.judging import JudgedRule, counted, judge

COMMENTS = RateLimit(1 / 60, 10)  # a minute each, ten at once, from all senders together
COMMENTS_OF_ONE = RateLimit(1 / 600, 3)  # ten minutes each, three at once, from one sender
NETWORK_BITS = {4: 32, 6: 64}  # whoever has an IPv6 address has its whole /64
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
    memo: PageMemo = field(default_factory=PageMemo)

    @property
    def today(self) -> str:
        """Return the day, UTC."""
        return self.desk.now()[:10]

    @property
    def now_state(self) -> tuple[str, str]:
        """Return what every page is folded from: the head of the acts that have taken effect, and the day."""
        return self.desk.state_head, self.today

    def warm(self) -> None:
        """Fold what pages show before anybody asks."""
        self.licences()
        self.green_list()
        self.consultations()
        for name in self.desk.state.licences:
            self.obligations(name)
            self.spans(name)

    def licences(self) -> list[dict[str, Any]]:
        """Return the public register: granted licences, and applications by name and state alone."""
        cases = self.desk.state.licences
        found: list[dict[str, Any]] = self.memo.get(
            "licences", self.now_state, lambda: [licence(case) for case in by_title(cases)]
        )
        return found

    def tokens(self) -> list[dict[str, Any]]:
        """Return every token that a decision was ever made on."""

        def rows() -> list[dict[str, Any]]:
            made = [token(case) for case in list(self.desk.state.tokens.values()) if "listing" in case.facts]
            return sorted(made, key=lambda row: row["symbol"])

        found: list[dict[str, Any]] = self.memo.get("tokens", self.now_state, rows)
        return found

    def green_list(self) -> dict[str, Any]:
        """Return the list in force with dates and reasons, and what was taken off, signed by the desk."""

        def signed() -> dict[str, Any]:
            rows, (head, day) = self.tokens(), self.now_state
            listed = {
                "authority": self.desk.state.title,
                "on": day,
                "head": head,
                "tokens": [row for row in rows if row["state"] in ADMISSIBLE],
                "off": [row for row in rows if row["state"] not in ADMISSIBLE],
            }
            return sign_paper(GREEN_LIST, listed, self.desk_key)

        found: dict[str, Any] = self.memo.get("green list", self.now_state, signed)
        return found

    def register(self) -> dict[str, Any]:
        """Return the public register, signed by the desk."""

        def signed() -> dict[str, Any]:
            head, day = self.now_state
            data = {"authority": self.desk.state.title, "on": day, "head": head, "licences": self.licences()}
            return sign_paper(REGISTER, data, self.desk_key)

        found: dict[str, Any] = self.memo.get("register", self.now_state, signed)
        return found

    def consultations(self) -> list[dict[str, Any]]:
        """Return the consultations, the newest first."""
        cases = list(self.desk.state.consultations.values())
        return [self.consultation(case) for case in reversed(cases)]

    def consultation(self, case: AuthorityCase) -> dict[str, Any]:
        """Return one consultation; it is folded anew after a step or a comment of its own."""
        found: dict[str, Any] = self.memo.get(
            ("consultation", case.name), self.made_of_paper(case), lambda: consultation(case)
        )
        return found

    def made_of_paper(self, case: AuthorityCase) -> Hashable:
        """Return what the page of a consultation is made from today."""
        return len(case.steps), len(case.facts["comments"]), self.today

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

    def made_of(self, name: str) -> Hashable:
        """Return what the obligations of a licensee are made from today."""
        state = self.desk.state
        listed = self.memo.get("listed", self.now_state, lambda: list_inputs(state))
        return inputs_of(state, name, listed), self.today

    def facilities(self) -> list[dict[str, Any]]:
        """Return the licensees with how many rules have each answer."""

        def rows() -> list[dict[str, Any]]:
            return [licence(case) | self._counts(case.name) for case in by_title(self.desk.state.licences)]

        found: list[dict[str, Any]] = self.memo.get("facilities", self.now_state, rows)
        return found

    def _counts(self, name: str) -> dict[str, Any]:
        return {"counts": counted(self.obligations(name)), "has_record": name in self.recorded}

    def obligations(self, name: str) -> list[JudgedRule]:
        """Return every rule's answer on a licensee today; asked anew after an act on it or on the green list."""
        state, day = self.desk.state, self.today

        def judged() -> list[JudgedRule]:
            today = date.fromisoformat(day)
            facts = FactSet([*self.recorded.get(name, ()), *authority_facts(state, name, today)])
            return judge(REGIME, facts, today)

        found: list[JudgedRule] = self.memo.get(("obligations", name), self.made_of(name), judged)
        return found

    def spans(self, name: str) -> dict[str, AnswerSpan]:
        """Return since when and until when each rule answers so; made anew with the obligations."""
        state, day = self.desk.state, self.today

        def made() -> dict[str, AnswerSpan]:
            asked = Licensee(REGIME, name, self.recorded.get(name, FactSet()))
            return spans(tuple(self.desk.record.lines), state, asked, date.fromisoformat(day))

        found: dict[str, AnswerSpan] = self.memo.get(("spans", name), self.made_of(name), made)
        return found

    def take_comment(self, address: str) -> float:
        """Return 0 where another comment of a sender may come now, else for how many seconds to wait.

        One who sends too many uses up nothing of what all others may send.
        """
        now_s = time.monotonic()
        own_s = self.buckets.take(f"comments of {network(address)}", COMMENTS_OF_ONE, 1, now_s)
        return own_s or self.buckets.take("comments", COMMENTS, 1, now_s)


def form_key(signer: Signer, section: str) -> bytes:
    """Return the key of a section's form tokens, the same after every start: no form is lost with the process.

    It is the hash of a signature that is never shown; Ed25519 signs the same words alike each time (RFC 8032, 5.1.6).
    """
    return sha256(signer.sign(b"tarazy form tokens 1\n" + section.encode())).digest()


def network(address: str) -> str:
    """Return the network that counts as one sender."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "nowhere"
    return str(ipaddress.ip_network((parsed, NETWORK_BITS[parsed.version]), strict=False))


def by_title(cases: dict[str, AuthorityCase]) -> list[AuthorityCase]:
    """Return cases in the order of their titles."""
    return sorted(cases.copy().values(), key=lambda each: each.title)


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
        "approval": listing.get("approval") or "",
        **{flag: bool(dossier[flag]) for flag in PROHIBITED},
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
        "values": [row | {"in_force": in_force(row["rule"], row["key"])} for row in value_rows(case)],
        "impact": case.facts.get("impact", {}),
    }


def in_force(rule: str, key: str) -> str:
    """Return the value of a rule that is in force today, in words; what the rulebook does not have is said so."""
    try:
        row = find_rule(rule).values.at(key, datetime.now(UTC).date())
    except (RulebookError, RuleGapError):
        return "no such value"
    value = ", ".join(row.value) if isinstance(row.value, list) else str(row.value)
    return f"{'unset' if row.value is None else value} {row.unit}"


def steps(case: AuthorityCase, *kinds: str) -> list[dict[str, Any]]:
    """Return the life of a case: act, time, words; of these kinds alone where some are given. No officer is named."""
    rows = [each for each in case.steps if not kinds or each.act in kinds or each.act.split(".")[0] in kinds]
    return [{"number": each.number, "at": each.at, "act": each.act, "words": each.words} for each in rows]
