"""The first page: paste an address or code, or send a file, and have it screened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tarazy.console.layout.forms import Form
from tarazy.console.layout.page_layout import Fields, Page, PageAnswer, PageRequest, Redirect
from tarazy.console.screening.pages.summary import summary
from tarazy.console.screening.reading import CODE_KINDS, ReadingError, read_address, read_chain, read_code, read_upload
from tarazy.console.screening.services import Input, ScreeningServices

RECENT = 12
KINDS = ("address", *CODE_KINDS)
ECHO_CHARACTERS_MAX = 300_000  # more than any code that is taken


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the form and the newest screenings."""
    values = {"address": asked.query.get("address", ""), "chain": asked.query.get("chain", "")}
    return form_page(services, values, {})


def submit(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Screen what the form gives; where it gives nothing that can be screened, show it again with the reason."""
    try:
        given = read_given(services, asked.form)
    except ReadingError as error:
        values = {name: asked.form.text(name)[:ECHO_CHARACTERS_MAX] for name in ("address", "chain", "code", "kind")}
        return replace(form_page(services, values, {error.field: str(error)}), status=422)
    return Redirect("job", {"job_id": services.submit(given)})


def read_given(services: ScreeningServices, form: Form) -> Input:
    """Return what a form asks to be screened: a file before pasted code before an address.

    Raises: ReadingError.
    """
    kind = form.text("kind") or "address"
    if kind not in KINDS:
        raise ReadingError("kind", f"expected one of {', '.join(KINDS)}, found {kind[:20]!r}: choose one")
    if kind == "address":
        if form.files:
            raise ReadingError("kind", "expected runtime or creation bytecode with a file, found address: choose which")
        address = read_address(form.text("address"))
        chain = read_chain(form.text("chain"), services.chains())
        return Input("address", address, chain.chain_id, address)
    if form.files:
        return read_upload(form.files[0], kind)
    code = read_code(form.text("code"))
    return Input(kind, f"{kind} code of {len(code):,} bytes", code=code)


def form_page(services: ScreeningServices, values: dict[str, str], wrong: dict[str, str]) -> Page:
    """Return the page with a filled form."""
    chains = services.chains()
    recent = [summary(report) for report in services.recent(RECENT)]
    data: dict[str, Any] = {
        "chains": [{"chain_id": chain.chain_id, "name": chain.name, "has_node": chain.has_node} for chain in chains],
        "recent": recent,
        "wrong": Fields(wrong),
    }
    nodes = [chain for chain in chains if chain.has_node]
    kind = values.get("kind") or ("address" if nodes else "runtime")
    return Page(
        "screen.html",
        "Screen a token",
        data,
        {"values": Fields(values), "kind": kind, "nodes": nodes},
        is_translated=True,
    )
