"""A token's dossier: its identity, supply and class, checked for what cannot be; evidence with source and expiry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tarazy.authority.greenlist.contract_addresses import CHAINS, check_contract
from tarazy.authority.state import AuthorityCase, AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, Body, check_name
from tarazy.screening.identity.identifiers import IdentifierError, check_dti

OPEN, LISTED, REVIEW, SUSPENDED, REMOVED = "dossier", "listed", "under review", "suspended", "removed"
CLASSES = ("native", "token", "fiat_stablecoin", "commodity_stablecoin", "wrapped")
STABLECOINS = CLASSES[2:4]
APPLICANTS = ("issuer", "third_party", "member", "operator")
# What a decision rests on. DAA 2.8.2 lists matters that were not seen; these follow DFSA GEN 3A and NYDFS.
ITEMS = (
    "identity",
    "issuer",
    "technology",
    "supply",
    "holders",
    "market",
    "jurisdictions",
    "screening",
    "custody",
    "aml",
    "conflicts",
)
VERDICTS = ("met", "breached", "unknown")


def check_open(state: AuthorityState, occasion: Occasion) -> None:
    """Check a dossier for what cannot be, and that there is no other of the token."""
    check_dossier(occasion)
    where = f"dossier {occasion.subject}"
    known = state.tokens.get(occasion.subject)
    if known is not None and known.state != REMOVED:
        raise ActRefusedError(where, expected="a token without a dossier", found=known.state)
    _check_same(where, state, occasion)


def is_public(case: AuthorityCase | None) -> bool:
    """Return whether anything was ever decided on a token; that somebody has applied for it is nobody's to know."""
    return case is not None and "listing" in case.facts


def check_filed(state: AuthorityState, occasion: Occasion) -> None:
    """Check a dossier that an applicant files: as an officer's, but what is refused says of other tokens only what
    the public list says."""
    shown = {name: case for name, case in state.tokens.items() if is_public(case)}
    check_open(replace(state, tokens=shown), occasion)


def check_dossier(occasion: Occasion) -> None:
    """Check name, supply, contract, identifier and consent."""
    where, body = f"dossier {occasion.subject}", occasion.body
    check_name(where, occasion.subject)
    _check_supply(where, body)
    check_contract(where, body)
    if body.get("dti"):
        try:
            check_dti(body["dti"])
        except IdentifierError as error:
            raise ActRefusedError(f"{where}, dti", expected=error.expected, found=error.found) from error
    if body["applicant"] == "third_party" and not body.get("issuer_consent"):
        action = "A third party applies with the issuer's consent (DAA 2.8.1(1))"
        raise ActRefusedError(f"{where}, issuer_consent", expected="its document", found="none", action=action)


def _check_supply(where: str, body: Body) -> None:
    circulating, total, most = body["circulating"], body["total"], body.get("maximum") or body["total"]
    if not 0 < circulating <= total <= most:
        found = f"circulating {circulating:,}, total {total:,}, maximum {most:,}"
        raise ActRefusedError(f"{where}, supply", expected="0 < circulating <= total <= maximum", found=found)


def _check_same(where: str, state: AuthorityState, occasion: Occasion) -> None:
    mine = identity_of(occasion.body)
    for name, other in state.tokens.items():
        if name != occasion.subject and other.state != REMOVED and identity_of(other.facts["dossier"]) == mine:
            raise ActRefusedError(where, expected="a token without a dossier", found=f"the same token as {name}")


def identity_of(body: Body) -> tuple[str, str]:
    """Return by what a token is known: its chain and contract, or its chain and symbol where it is native."""
    return body["chain"], (body.get("contract") or body["symbol"]).lower()


def apply_open(state: AuthorityState, occasion: Occasion) -> None:
    """Open the dossier and its list of insiders."""
    facts: dict[str, Any] = {"dossier": dict(occasion.body), "evidence": {}, "petitions": []}
    case = AuthorityCase(occasion.subject, occasion.body["name"], OPEN, facts)
    state.tokens[occasion.subject] = case
    note(case, occasion, "dossier.open", f"{occasion.body['symbol']} on {occasion.body['chain']}")


def token_of(state: AuthorityState, occasion: Occasion, *allowed: str) -> AuthorityCase:
    """Return the token of an act, in one of the states in which the act has a meaning.

    Raises: ActRefusedError.
    """
    case = state.tokens.get(occasion.subject)
    if case is None:
        raise ActRefusedError(occasion.subject[:80], expected="a token with a dossier", found="none of this name")
    if allowed and case.state not in allowed:
        raise ActRefusedError(occasion.subject, expected=f"a token that is {' or '.join(allowed)}", found=case.state)
    return case


def check_evidence(state: AuthorityState, occasion: Occasion) -> None:
    """Check that evidence is of today or before and does not lapse before it was taken."""
    token_of(state, occasion, OPEN, LISTED, REVIEW, SUSPENDED)
    body = occasion.body
    if body["on"] > occasion.day or body["expires"] <= body["on"]:
        expected = f"a day until {occasion.day}, and an expiry after it"
        raise ActRefusedError(
            f"{occasion.subject}, evidence", expected=expected, found=f"{body['on']}, {body['expires']}"
        )


def apply_evidence(state: AuthorityState, occasion: Occasion) -> None:
    """Put evidence for an item in the place of what there was."""
    case, body = state.tokens[occasion.subject], occasion.body
    case.facts["evidence"][body["item"]] = {**body, "act": occasion.number}
    note(case, occasion, "dossier.evidence", f"{body['item']}: {body['verdict']}, {body['found']}")


def standing(case: AuthorityCase, day: str) -> list[dict[str, Any]]:
    """Return each item with its verdict on a day; what is missing or has lapsed is unknown, never met."""
    found = []
    for item in ITEMS:
        row = case.facts["evidence"].get(item)
        if row is None:
            found.append({"item": item, "verdict": "unknown", "found": "no evidence", "source": "", "expires": ""})
        elif row["expires"] <= day:
            found.append({**row, "verdict": "unknown", "found": f"evidence that lapsed on {row['expires']}"})
        else:
            found.append(row)
    return found


ACTS = (
    OfficialAct(
        "dossier.open",
        "open a token's dossier",
        "listing",
        (
            ActField("symbol", "symbol", most=40),
            ActField("name", "name", most=100),
            ActField("dti", "DTI (ISO 24165)", is_required=False, most=9),
            ActField("chain", "chain", "choice", choices=tuple(CHAINS)),
            ActField("contract", "contract's address", is_required=False, most=100),
            ActField("class", "class", "choice", choices=CLASSES),
            ActField("anonymity_enhanced", "hides who holds or sends", "flag"),
            ActField("algorithmic", "holds its value by an algorithm", "flag"),
            ActField("issuer", "issuer, or who stands for the protocol", most=200),
            ActField("applicant", "who asks", "choice", choices=APPLICANTS),
            ActField("issuer_consent", "the issuer's consent", "digest", is_required=False),
            ActField("circulating", "units in circulation", "whole"),
            ActField("total", "units that exist", "whole"),
            ActField(
                "maximum", "units that may ever exist; nothing where there is no bound", "whole", is_required=False
            ),
            ActField("insiders", "who knows of the application", "list", most=200),
        ),
        check_open,
        apply_open,
        is_for_two=False,
    ),
    OfficialAct(
        "dossier.evidence",
        "add evidence for an item",
        "listing",
        (
            ActField("item", "item", "choice", choices=ITEMS),
            ActField("verdict", "verdict", "choice", choices=VERDICTS),
            ActField("found", "what was found", most=1000),
            ActField("source", "source", most=400),
            ActField("sha256", "document", "digest", is_required=False),
            ActField("on", "day on which it was taken", "date"),
            ActField("expires", "day from which it counts no more", "date"),
        ),
        check_evidence,
        apply_evidence,
        is_for_two=False,
    ),
)
