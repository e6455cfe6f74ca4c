"""The watch: which tokens are followed, every change for the worse as it is found, and the draft of a suspension."""

from __future__ import annotations

from dataclasses import asdict, replace

from tarazy.console.layout.page_layout import Fields, Page, PageAnswer, PageRequest, Redirect
from tarazy.console.screening.reading import ReadingError, read_address, read_chain
from tarazy.console.screening.services import Plain, ScreeningServices
from tarazy.platform.sanitising import cut

ALERTS_SHOWN = 100


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show what is followed and what was found."""
    return watch_page(services, {}, {})


def watch_page(services: ScreeningServices, values: dict[str, str], wrong: dict[str, str]) -> Page:
    """Return the page with a filled form."""
    watch = services.watch()
    data = {
        "running": watch.running,
        "reason": watch.reason,
        "followed": [asdict(token) for token in watch.followed],
        "alerts": list(watch.alerts[:ALERTS_SHOWN]),
        "alerts_total": sum(is_alert(record) for record in watch.alerts),
        "records_total": len(watch.alerts),
        "wrong": Fields(wrong),
    }
    nodes = [chain for chain in services.chains() if chain.has_node]
    return Page(
        "watch.html", "Watch", data, {"values": Fields(values), "nodes": nodes}, refresh_s=5, is_translated=True
    )


def is_alert(record: Plain) -> bool:
    """Say whether a record tells of a change for the worse; others tell what the watch could not see or took back."""
    return bool(record.get("record", "alert") == "alert")


def follow(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Let the watch follow a token."""
    try:
        address = read_address(asked.form.text("address"))
        chain = read_chain(asked.form.text("chain"), services.chains())
        asset_id = read_asset_id(asked.form.text("asset_id"))
    except ReadingError as error:
        values = {name: asked.form.text(name)[:200] for name in ("address", "chain", "asset_id")}
        return replace(watch_page(services, values, {error.field: str(error)}), status=422)
    if asset_id is None:
        services.follow(chain.chain_id, address)
    else:
        services.follow(chain.chain_id, address, asset_id)
    return Redirect("watch")


def read_asset_id(text: str) -> int | None:
    """Return a token's number at the venue, None where none was given.

    Raises: ReadingError.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) < 1 << 32):
        raise ReadingError("asset_id", f"expected a number from 1 to {(1 << 32) - 1}, found {cut(text, 20)!r}")
    return int(text)


def unfollow(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Let the watch leave a token."""
    try:
        address = read_address(asked.form.text("address"))
        chain = read_chain(asked.form.text("chain"), services.chains(), needs_node=False)
    except ReadingError as error:
        return replace(watch_page(services, {}, {error.field: str(error)}), status=422)
    services.unfollow(chain.chain_id, address)
    return Redirect("watch")
