"""What a field of an act expects today, where its words alone do not say it: amounts of the day, forms, examples."""

from __future__ import annotations

from tarazy.authority.consultation.draft_values import COLUMNS
from tarazy.authority.greenlist.decisions import QUORUM, REVIEW_DAYS_MAX, WITHDRAWAL_DAYS_MIN
from tarazy.authority.licensing.licence import TYPES
from tarazy.authority.parameters import shipped

PPM = 1_000_000
PAPER = '[{"id": "R73", "in_force": "Monthly.", "draft": "Every working day."}]'
FINALS = '[{"id": "R73", "final": "Every working day.", "own_reason": ""}]'
LIST_OF_ONE_TYPE = f"Such as {TYPES[0]}."


def hints(act: str, day: str) -> dict[str, str]:
    """Return sentences by the field's name, none for a field that needs none."""
    return application_hints(day) if act == "application.receive" else HINTS.get(act, {})


def application_hints(day: str) -> dict[str, str]:
    """Return what an application of this day must hold."""
    fee, least = shipped("fees.application.datf_usd", day), shipped("board.independent_min_ppm", day)
    return {
        "fee_paid_usd": f"On {day} at least {fee:,}.",
        "independent_members": f"At least {share(least)} of the board (DAA 2.3.2(1)).",
        "lei_next_renewal": "Needed where an LEI is given: a code that lapsed is refused.",
        "doubling_approval": "Only where one person holds two of the first four roles (DAA 2.3.1(4)).",
    }


def share(ppm: int) -> str:
    """Return a share in words where it is a third, else in percent."""
    return "one third" if ppm * 3 in range(PPM - 3, PPM + 3) else f"{ppm * 100 / PPM:g} %"


HINTS: dict[str, dict[str, str]] = {
    "dossier.open": {
        "contract": "None for a native asset; otherwise an address of the chosen chain.",
        "issuer_consent": "Needed where a third party asks (DAA 2.8.1(1)).",
        "circulating": "Whole units, not more than those that exist.",
        "total": "Whole units, not more than may ever exist.",
        "insiders": "A name on each line; shown to officers alone, never published.",
    },
    "dossier.evidence": {"expires": "After the day on which it was taken; from then on the item is unknown."},
    "licence.grant": {"number": "As AFSA-A-LA-2026-0001; no two licences have one.", "types": LIST_OF_ONE_TYPE},
    "licence.vary": {"types": LIST_OF_ONE_TYPE},
    "token.list": {
        "present": f"Officer numbers; {QUORUM} or more who do not stand aside, proposer and decider among them.",
        "approval": "Needed for a stablecoin (DAA 2.8.1(3)(b)).",
    },
    "token.review": {"until": f"At most {REVIEW_DAYS_MAX} days from today."},
    "token.remove": {"withdrawals_until": f"At least {WITHDRAWAL_DAYS_MIN} days from today."},
    "consultation.publish": {
        "number": "As AFSA-P-CE-2026-0001.",
        "rules": f"For example {PAPER}",
        "values": f"Rows with {', '.join(COLUMNS)}.",
    },
    "consultation.conclude": {"finals": f"For example {FINALS}; a changed text needs a taken comment or a reason."},
    "petition.receive": {"document": "Left empty where the proof is among the documents."},
}
