"""What a client confirms before the first trade: the papers in force that the account has not confirmed yet."""

from __future__ import annotations

from typing import Any

from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.visit import Visit
from tarazy.facility.accounts.logins.users import CLIENT
from tarazy.facility.admission.view import AdmissionView


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page."""
    view = desk.gateway.admission
    view = view if view is not None and view.has_desk else None
    waiting = view.to_confirm(visit.account_id) if view is not None else {}
    confirmed = view.acknowledgements.of(visit.account_id) if view is not None else []
    data = {
        "account": visit.account_id,
        "papers": [
            {key: row[key] for key in ("head", "version", "title", "language", "text", "sha256")}
            for row in waiting.values()
        ],
        "confirmed": [row.plain() for row in confirmed],
        "has_site": view is not None,
    }
    return Page("disclosures.html", visit.words("Disclosures"), data)


def confirm(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Redirect:
    """Note that the papers that the page showed were confirmed; one that was published since is not among them."""
    view, words = desk.gateway.admission, visit.words
    if view is None or not view.has_desk or CLIENT not in visit.person.roles:
        raise PageError(403, words("Not allowed"), words("This login may look and not trade."))
    papers = shown_papers(view, visit.account_id, asked)
    if not papers:
        raise PageError(422, words("Not done"), words("Nothing was confirmed: mark each paper that you have read."))
    view.acknowledgements.confirm(visit.account_id, papers, visit.person.name)
    return Redirect("disclosures", {"account": str(visit.account_id)})


def shown_papers(view: AdmissionView, account_id: int, asked: PageRequest) -> dict[str, Any]:
    """Return those of the papers that wait whose very text was marked as read."""
    waiting = view.to_confirm(account_id)
    return {head: row for head, row in waiting.items() if asked.form.text(f"read.{head}") == row["sha256"]}
