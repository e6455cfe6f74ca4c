"""The public page of a token: what anybody may see, every screening of it, and what the watch found."""

from __future__ import annotations

from itertools import zip_longest

from tarazy.console.layout.page_layout import Page, PageAnswer, PageError, PageRequest, Redirect
from tarazy.console.screening import words
from tarazy.console.screening.pages.report import ANSWER_ORDER, findings_of
from tarazy.console.screening.pages.summary import summary
from tarazy.console.screening.reading import ReadingError, read_address
from tarazy.console.screening.services import Plain, ScreeningServices

HISTORY_SHOWN = 50


def show(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Show what the public sees of a token; an address in capitals leads to the same in lower case."""
    chain_id, address = read_place(asked)
    if address != asked.path["address"]:
        return Redirect("token", {"chain_id": str(chain_id), "address": address})
    reports = services.history(chain_id, address)
    chains = {chain.chain_id: chain for chain in services.chains()}
    newest = reports[0] if reports else None
    history = changes([summary(report) for report in reports[:HISTORY_SHOWN]])
    data = {
        "chain_id": chain_id,
        "address": address,
        "newest": newest,
        "history": history,
        "alerts": list(services.alerts(chain_id, address)),
    }
    name = (newest["token"]["name"] or newest["token"]["symbol"] or "") if newest else ""
    view = {
        "chain": chains.get(chain_id),
        "verdict": newest["verdict"] if newest else None,
        "findings": findings_of(newest["verdict"]) if newest else None,
        "groups": powers_of(newest) if newest else [],
    }
    return Page("token.html", name or address, data, view, status=200 if newest else 404, is_translated=True)


def read_place(asked: PageRequest) -> tuple[int, str]:
    """Return chain and address of a page.

    Raises: PageError where they are none.
    """
    chain = asked.path["chain_id"]
    if not (chain.isdecimal() and chain.isascii() and len(chain) <= 18):
        raise PageError(404, "No such chain", f"expected the number of a chain, found {chain[:40]!r}")
    try:
        return int(chain), read_address(asked.path["address"])
    except ReadingError as error:
        raise PageError(404, "No such address", str(error)) from None


def powers_of(report: Plain) -> list[dict[str, object]]:
    """Return the powers in their groups, those that can happen first."""
    groups = words.grouped(report["capabilities"])
    for group in groups:
        group["powers"].sort(key=lambda power: ANSWER_ORDER.index(power["answer"]))
    return groups


def changes(history: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return screenings, newest first, each with what can happen that could not before, and what no longer can."""
    for newer, older in zip_longest(history, history[1:]):
        now, before = set(as_list(newer["yes"])), set(as_list(older["yes"])) if older else None
        newer["gained"] = sorted(now - before) if before is not None else []
        newer["lost"] = sorted(before - now) if before is not None else []
    return history


def as_list(value: object) -> list[str]:
    """Return a list of names."""
    return [str(item) for item in value] if isinstance(value, list) else []
