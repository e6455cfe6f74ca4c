"""The question before an order: has this client confirmed the papers that come before the first trade?

Source: AIFC DAA 2.10.1(1)(f) for conflicts of interest; COB 3 and 4 (titles) for risk warnings and key facts.
"""

from __future__ import annotations

from tarazy.facility.admission.view import AdmissionView
from tarazy.oversight.publications.disclosures import every_head
from tarazy.oversight.requests.errors import NEW_ORDER_REJECTED, SERVER_BUSY, DialectError
from tarazy.platform.signed_acts.errors import ActError

NAME = "disclosure_not_acknowledged"
ADVICE = "Read them at /public/disclosures and confirm them on the page Disclosures of your account."


def require_confirmed(view: AdmissionView, account_id: int, turn: float | None = None) -> None:
    """Refuse an order where a paper is not confirmed; the answer names each paper and its rule.

    `turn`: as `AdmissionView.to_confirm` has it.

    Raises: DialectError.
    """
    try:
        papers = view.to_confirm(account_id, turn)
    except (ActError, OSError):
        message = "The facility cannot read its disclosures now. Nothing was ordered."
        raise DialectError(SERVER_BUSY, message, 503, retry_after_s=5) from None
    if papers:
        heads = {each.name: each for each in every_head()}
        found = ", ".join(f"{heads[name].words} (version {row['version']})" for name, row in sorted(papers.items()))
        rules = "; ".join(sorted({heads[name].rule for name in papers}))
        message = f"Before the first order the client confirms: {found}."
        raise DialectError(NEW_ORDER_REJECTED, message, reject=NAME, rule=rules, expected="confirmed", advice=ADVICE)
