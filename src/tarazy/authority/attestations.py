"""Attestations: a person of a licensee states something for which a document stands, for a time.

What no record holds (a policy, a drill, a skills matrix) somebody states: for which rule, as its owner, on which day,
by which document, until when. Facts may come with it, as lines of TOML; they count while the attestation does, and are
unknown afterwards. A later one of the same rule stands in the place of an earlier one.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tarazy.authority.licensing.application import REFUSED
from tarazy.authority.state import AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

RULE = re.compile("[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
FACTS_MAX = 64


def check_attest(state: AuthorityState, occasion: Occasion) -> None:
    """Check licensee, rule, days and the form of the facts; what rules and words there are the reader knows."""
    body, where = occasion.body, f"attestation of {occasion.subject}"
    case = state.licences.get(occasion.subject)
    if case is None or case.state == REFUSED:
        raise ActRefusedError(occasion.subject[:80], expected="an applicant or licensee", found="none of this name")
    if not RULE.fullmatch(body["rule"]):
        raise ActRefusedError(f"{where}, rule", expected="an id as aifc/whistleblowing", found=body["rule"][:80])
    if not body["on"] <= occasion.day:
        raise ActRefusedError(f"{where}, on", expected=f"a day until {occasion.day}", found=body["on"])
    if body["expires"] <= occasion.day:
        action = "What has lapsed attests nothing"
        raise ActRefusedError(f"{where}, expires", expected="a day to come", found=body["expires"], action=action)
    facts_stated(f"{where}, facts", body.get("facts") or "")


def facts_stated(where: str, text: str) -> dict[str, Any]:
    """Return facts from lines of TOML, by name.

    Raises: ActRefusedError.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        expected = "lines of TOML, as board_seats = 6"
        raise ActRefusedError(where, expected=expected, found=str(error)[:120]) from error
    if len(found) > FACTS_MAX:
        raise ActRefusedError(where, expected=f"at most {FACTS_MAX} facts", found=str(len(found)))
    return found


def apply_attest(state: AuthorityState, occasion: Occasion) -> None:
    """Keep it."""
    case, body = state.licences[occasion.subject], occasion.body
    row = {**body, "facts": body.get("facts") or "", "act": occasion.number}
    kept = [each for each in case.facts.get("attestations", []) if each["rule"] != body["rule"]]
    case.facts["attestations"] = [*kept, row]
    note(case, occasion, "attestation.receive", f"{body['rule']}, by {body['owner']}, until {body['expires']}")


ACTS = (
    OfficialAct(
        "attestation.receive",
        "take in a licensee's attestation for a rule",
        "licensing",
        (
            ActField("rule", "rule, as aifc/whistleblowing", most=100),
            ActField("owner", "who answers for it at the licensee", most=200),
            ActField("on", "day on which it was stated", "date"),
            ActField("document_sha256", "the document behind it", "digest"),
            ActField("expires", "last day on which it counts", "date"),
            ActField("facts", "what it states, in TOML: board_seats = 6", is_required=False, most=20_000),
        ),
        check_attest,
        apply_attest,
        is_for_two=False,
    ),
)
