"""The green list, its tokens, and the run of its criteria over the past."""

from __future__ import annotations

from tarazy.console.authority.pages.licences import way_in
from tarazy.console.authority.services import AuthorityServices, token_page
from tarazy.console.greenlist.timeline import read_happenings, timeline
from tarazy.console.layout.page_layout import Page, PageError, PageRequest


def green_list(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the list in force, signed, and what was taken off."""
    now = services.now_state
    signed = services.green_list()
    data = signed | {"has_backtest": services.backtest is not None}
    return Page("greenlist.html", "Green list", data, {"apply": way_in(services)}, made_of=now)


def one(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return one token; a dossier on which nothing was decided is not the public's."""
    now = services.now_state
    case = services.desk.state.tokens.get(asked.path["name"])
    if case is None or "listing" not in case.facts:
        raise PageError(404, "No such token", "The list knows no token of this name.")
    data = {"token": token_page(case, services.today)}
    return Page("token.html", case.title, data, made_of=now)


def backtest(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return what the criteria would have done."""
    if services.backtest is None:
        text = "The site was started without --data: a folder with market data to run the criteria over."
        raise PageError(404, "No run of the criteria", text)
    happenings = [{**each, "on": each["on"].isoformat()} for each in read_happenings()]
    data = {"report": dict(services.backtest), "happenings": happenings}
    return Page("backtest.html", "The criteria over the past", data, {"picture": timeline(services.backtest)})
