"""The dossier item: what a listing committee needs to know of a token's security, as one signed record.

It is made from a report and criteria alone, so that two who hold both get the same bytes: canonical JSON (names sorted,
no spaces, ASCII, no fractions; integers beyond 2**53 are decimal text). Evidence stands in short with the SHA-256 of
its canonical form, traces included; the report holds it in full. The shape is `schemas/screening/dossier.schema.json`.

A signature covers the line `tarazy security dossier 1` and the canonical bytes; the line keeps it from meaning anything
in another protocol that uses the same key. It says who made the record, not that the token is safe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.chains.evm.facts import Ownership
from tarazy.domain.signer import Signer
from tarazy.screening.criteria import Criteria, Waiver, judge
from tarazy.screening.criteria.case import HOLDER_WORDS
from tarazy.screening.criteria.measures import locked_share, read_time
from tarazy.screening.identity.identifiers import check_dti, check_isin, check_lei
from tarazy.screening.model import Answer, Capability, Evidence, Report, Simulation, to_plain

FORMAT = "tarazy security dossier"
VERSION = 1
SIGNED_PREFIX = b"tarazy security dossier 1\n"
# What a committee's record has and a screening cannot know.
NOT_COVERED = (
    "legal class and opinion",
    "issuer, beneficial owners and sanctions",
    "audits of the code by others",
    "market quality on other venues",
    "conflicts of interest",
    "decision, dissent, conditions and review date",
)


class DossierError(Exception):
    """Say that a signed dossier cannot be read: what was expected, what was found."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected, self.found = expected, found
        super().__init__(f"dossier: expected {expected}, found {found}")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Identifiers that the applicant supplies. Raises: IdentifierError where one is not well formed."""

    dti: str | None = None
    lei: str | None = None
    isin: str | None = None
    white_paper: str | None = None

    def checked(self) -> dict[str, str | None]:
        """Return them as the record holds them."""
        return {
            "dti": check_dti(self.dti) if self.dti else None,
            "lei": check_lei(self.lei) if self.lei else None,
            "isin": check_isin(self.isin) if self.isin else None,
            "white_paper": self.white_paper,
        }


def make_dossier(
    report: Report,
    criteria: Sequence[Criteria],
    made_at: str,
    identifiers: Identifiers | None = None,
    waivers: Sequence[Waiver] = (),
) -> dict[str, Any]:
    """Return the record of a report under criteria.

    `made_at` is an ISO time, given so that nothing here reads a clock.
    Raises: IdentifierError where an identifier is not well formed.
    """
    verdicts = [verdict_part(report, each, waivers) for each in criteria]
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": made_at,
        "identity": identity_part(report, identifiers or Identifiers()),
        "code": code_part(report),
        "powers": [power_part(report.capabilities[name]) for name in sorted(report.capabilities)],
        "simulation": simulation_part(report.simulation) if report.simulation else None,
        "market": market_part(report.ownership, report.screened_at) if report.ownership else None,
        "verdicts": verdicts,
        "de_listing_triggers": triggers(report, verdicts),
        "open_questions": open_questions(report),
        "not_covered": list(NOT_COVERED),
    }


def identity_part(report: Report, identifiers: Identifiers) -> dict[str, Any]:
    """Return by which names the token is known."""
    token = to_plain(report.token)
    return {"chain_id": report.chain_id, "address": report.address, **token, **identifiers.checked()}


def code_part(report: Report) -> dict[str, Any]:
    """Return what was screened, when and with what."""
    return {
        "report_id": report.id,
        "input": report.input,
        "code_hash": report.code_hash,
        "body_hash": report.body_hash,
        "code_bytes": report.code_bytes,
        "proxy_implementation": report.proxy_implementation,
        "is_open_source": report.is_open_source,
        "block_number": report.block_number,
        "block_hash": report.block_hash,
        "screened_at": report.screened_at,
        "software": report.software,
    }


def power_part(capability: Capability) -> dict[str, Any]:
    """Return one capability with holders, guard, bound and digests of its evidence."""
    return {
        "power": capability.name,
        "answer": capability.answer.value,
        "reason": capability.reason,
        "holders": [
            {"kind": h.kind.value, "words": HOLDER_WORDS[h.kind], "where": h.where, "address": h.address}
            for h in capability.holders
        ],
        "guard": capability.guard,
        "bound": capability.bound,
        "evidence": [evidence_part(each) for each in capability.evidence],
    }


def evidence_part(evidence: Evidence) -> dict[str, Any]:
    """Return evidence in short; the digest covers all of it."""
    plain = to_plain(evidence)
    short = {name: plain[name] for name in ("kind", "detail", "offset", "selector", "signature", "transaction")}
    return {**short, "steps": len(evidence.trace), "sha256": digest(plain)}


def simulation_part(simulation: Simulation) -> dict[str, Any]:
    """Return what trading did, on which engine and which state; the time that it took is left out."""
    plain = to_plain(simulation)
    attacks = [
        {
            "effect": attack.effect,
            "actor": attack.actor.value,
            "calls": list(attack.calls),
            "tax_ppm": attack.tax_ppm,
            "steps": len(attack.trace),
            "sha256": digest(to_plain(attack)),
        }
        for attack in simulation.attacks
    ]
    return {**{name: value for name, value in plain.items() if name != "seconds"}, "attacks": attacks}


def market_part(ownership: Ownership, screened_at: str) -> dict[str, Any]:
    """Return holders and pools, with how much of each pool's liquidity stays."""
    plain = to_plain(ownership)
    pools = None
    if ownership.pools is not None:
        pools = []
        for pool in ownership.pools:
            locked_ppm, perhaps_ppm = locked_share(pool, read_time(screened_at))
            ends = [end_s for holder in pool.lp_holders for _, _, end_s in holder.locks]
            pools.append(
                {
                    "address": pool.address,
                    "name": pool.name,
                    "quote": pool.quote,
                    "liquidity_minor": to_plain(pool.liquidity_minor),
                    "locked_now_ppm": locked_ppm,
                    "not_known_ppm": perhaps_ppm,
                    "first_lock_ends_s": min(ends, default=None),
                }
            )
    return {**plain, "pools": pools}


def verdict_part(report: Report, criteria: Criteria, waivers: Sequence[Waiver]) -> dict[str, Any]:
    """Return a verdict with the figures that it rests on."""
    return {
        **to_plain(judge(report, criteria, waivers)),
        "title": criteria.title,
        "status": criteria.status,
        "thresholds": to_plain(criteria.thresholds),
    }


def triggers(report: Report, verdicts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what would call for the listing to be looked at again, each with what it was when screened."""
    held = {name: found for name, found in sorted(report.capabilities.items()) if found.answer is Answer.YES}
    holders = {name: [to_plain(holder) for holder in found.holders] for name, found in held.items()}
    taxes: dict[str, int] = {}
    for trade in report.simulation.trades if report.simulation else ():
        if trade.succeeded and trade.tax_ppm is not None:
            taxes[trade.scenario] = max(trade.tax_ppm, taxes.get(trade.scenario, 0))
    market = market_part(report.ownership, report.screened_at) if report.ownership else None
    absent = sorted(name for name, found in report.capabilities.items() if found.answer is Answer.NO)
    return [
        trigger("power_changed_hands", "another address holds a power", holders or None),
        trigger("power_appeared", "a power that was not there is there", absent or None),
        trigger("tax_moved", "a trade costs more than when it was screened (parts per million)", taxes or None),
        trigger("liquidity_unlocked", "less of a pool's liquidity is locked", (market or {}).get("pools")),
        trigger(
            "code_changed",
            "the code at the address, or that of its implementation, is another",
            {"code_hash": report.code_hash, "implementation": report.proxy_implementation},
        ),
        trigger(
            "verdict_worsened",
            "the word under the same criteria is another",
            {f"{each['criteria']} {each['criteria_date']}": each["word"] for each in verdicts} or None,
        ),
    ]


def trigger(name: str, watches: str, baseline: Any) -> dict[str, Any]:
    """Return one trigger; without a baseline it cannot be watched, and says so."""
    return {"name": name, "watches": watches, "can_be_watched": baseline is not None, "baseline": baseline}


def open_questions(report: Report) -> list[str]:
    """Return what could not be answered, in sentences."""
    unknown = [found for _, found in sorted(report.capabilities.items()) if found.answer is Answer.UNKNOWN]
    return [f"{found.name}: {found.reason}" for found in unknown] + list(report.notes)


# ---------------------------------------------------------------- bytes and signature


def canonical(value: Any) -> bytes:
    """Return the one form of plain data in bytes: names sorted, no spaces, ASCII.

    Raises: ValueError for a number that is no integer; its text could differ from writer to writer.
    """
    refuse_fractions(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def refuse_fractions(value: Any) -> None:
    """Raise ValueError where plain data holds a fraction."""
    if isinstance(value, float):
        raise ValueError(f"expected integers, found the fraction {value!r}")
    if isinstance(value, Mapping):
        for each in value.values():
            refuse_fractions(each)
    elif isinstance(value, list):
        for each in value:
            refuse_fractions(each)


def digest(value: Any) -> str:
    """Return SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sign_dossier(dossier: Mapping[str, Any], key: Signer) -> dict[str, Any]:
    """Return the dossier with the signature of a key."""
    return {
        "dossier": dict(dossier),
        "signature": {
            "algorithm": "Ed25519",
            "public_key": key.public_key.hex(),
            "signature": key.sign(SIGNED_PREFIX + canonical(dossier)).hex(),
        },
    }


def open_dossier(signed: Mapping[str, Any], public_key: bytes) -> dict[str, Any]:
    """Return the dossier where it is signed by the owner of `public_key`, given by somebody other than the record.

    Raises: DossierError where the form, the key or the signature is wrong.
    """
    try:
        dossier, part = signed["dossier"], signed["signature"]
        form = (dossier["format"], dossier["version"], part["algorithm"])
        named, signature = bytes.fromhex(part["public_key"]), bytes.fromhex(part["signature"])
        covered = SIGNED_PREFIX + canonical(dossier)
    except (KeyError, TypeError, ValueError) as error:
        raise DossierError("a dossier with its signature", repr(error)) from error
    if form != (FORMAT, VERSION, "Ed25519"):
        raise DossierError(f"{FORMAT} of version {VERSION}, signed with Ed25519", f"{form}")
    if named != public_key:
        raise DossierError(f"the key {public_key.hex()}", f"the key {named.hex()}")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, covered)
    except (InvalidSignature, ValueError) as error:
        raise DossierError("the signature of that key over these bytes", "another") from error
    return dict(dossier)
