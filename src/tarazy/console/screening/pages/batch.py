"""Many screenings at once: lists of addresses and files of code, a table that sorts and filters, lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from tarazy.console.layout import words
from tarazy.console.layout.forms import Form
from tarazy.console.layout.page_layout import Download, Fields, Page, PageAnswer, PageError, PageRequest, Redirect
from tarazy.console.screening.reading import CODE_KINDS, ROWS_MAX, ReadingError, read_files, read_lines
from tarazy.console.screening.services import BatchRow, Input, RefusedLine, ScreeningBatch, ScreeningServices

ROWS_A_PAGE = 100
STATES = ("waiting", "running", "done", "failed", "refused")
VERDICTS = ("malicious", "caution", "unknown", "clear")
ENDED = ("done", "failed", "refused")
ECHO_CHARACTERS_MAX = 600_000
# How each column sorts; the line's number breaks ties, so that an order is always the same.
SORTS: dict[str, Callable[[BatchRow], Any]] = {
    "number": lambda row: row.number,
    "label": lambda row: (row.name or row.label).casefold(),
    "state": lambda row: STATES.index(row.state) if row.state in STATES else len(STATES),
    "verdict": lambda row: VERDICTS.index(row.verdict) if row.verdict in VERDICTS else len(VERDICTS),
    "yes": lambda row: -len(row.yes),
    "unknown": lambda row: -row.unknown,
    "seconds": lambda row: -(row.seconds if row.seconds is not None else -1.0),
}


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the form."""
    return form_page(services, {}, {})


def submit(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Begin a batch; where nothing in it can be screened, show the form again with the reason."""
    try:
        given = read_given(services, asked.form)
    except ReadingError as error:
        values = {name: asked.form.text(name)[:ECHO_CHARACTERS_MAX] for name in ("list", "chain", "kind")}
        return replace(form_page(services, values, {error.field: str(error)}), status=422)
    return Redirect("batch_rows", {"batch_id": services.submit_batch(given)})


def read_given(services: ScreeningServices, form: Form) -> list[Input | RefusedLine]:
    """Return every line and file of a form, in order; doubles of an address are left out.

    Raises: ReadingError where there is nothing, too much, or nothing that can be screened.
    """
    chains, chain = services.chains(), form.text("chain")
    kind = form.text("kind") or "runtime"
    if kind not in CODE_KINDS:
        raise ReadingError("kind", f"expected runtime or creation, found {kind[:20]!r}: choose one")
    given = list(without_doubles(read_lines(form.text("list"), chains, chain)))
    given += list(without_doubles(read_files(form.files, kind, chains, chain)))
    if not given:
        raise ReadingError("list", "expected at least one address or file, found none: paste a list or choose files")
    if len(given) > ROWS_MAX:
        raise ReadingError("list", f"expected at most {ROWS_MAX:,} lines and files, found {len(given):,}: split them")
    if all(isinstance(item, RefusedLine) for item in given):
        first = given[0]
        reason = first.reason if isinstance(first, RefusedLine) else ""
        raise ReadingError("list", f"none of {words.counted(len(given), 'line')} can be screened; the first: {reason}")
    return given


def without_doubles(items: Iterator[Input | RefusedLine]) -> Iterator[Input | RefusedLine]:
    """Yield the items without addresses that came before."""
    seen: set[tuple[int | None, str]] = set()
    for item in items:
        if isinstance(item, Input) and item.address is not None:
            if (item.chain_id, item.address) in seen:
                continue
            seen.add((item.chain_id, item.address))
        yield item


def form_page(services: ScreeningServices, values: dict[str, str], wrong: dict[str, str]) -> Page:
    """Return the page with a filled form."""
    nodes = [chain for chain in services.chains() if chain.has_node]
    data = {"rows_max": ROWS_MAX, "chains": [asdict(chain) for chain in nodes], "wrong": Fields(wrong)}
    return Page("batch.html", "Screen many", data, {"values": Fields(values), "nodes": nodes}, is_translated=True)


def show_rows(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show a page of a batch's table, sorted and filtered as asked."""
    batch = found(services, asked)
    rows = list(batch.rows)
    query = {name: asked.query.get(name, "") for name in ("q", "state", "verdict", "power", "sort", "order")}
    query["sort"] = query["sort"] if query["sort"] in SORTS else "number"
    query["order"] = "down" if query["order"] == "down" else "up"
    chosen = choose(rows, query)
    pages = max(1, -(-len(chosen) // ROWS_A_PAGE))
    asked_page = asked.query.get("page", "1")
    number = min(max(int(asked_page) if asked_page.isdecimal() and len(asked_page) < 6 else 1, 1), pages)
    shown = chosen[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]
    ended = sum(row.state in ENDED for row in rows)
    data = {
        "id": batch.id,
        "submitted_at": batch.submitted_at,
        "seconds": batch.seconds,
        "total": len(rows),
        "ended": ended,
        "states": {state: sum(row.state == state for row in rows) for state in STATES},
        "verdicts": {word: sum(row.verdict == word for row in rows) for word in VERDICTS},
        "query": query,
        "page": number,
        "pages": pages,
        "chosen": len(chosen),
        "rows": [asdict(row) for row in shown],
    }
    powers = sorted({name for row in rows for name in row.yes})
    over = ended == len(rows)
    return Page(
        "batch_rows.html",
        f"Batch of {len(rows):,}",
        data,
        {"shown": shown, "powers": powers, "over": over, "sorts": SORTS, "STATE_NAMES": STATES, "WORDS": VERDICTS},
        refresh_s=None if over else 3,
        is_translated=True,
    )


def choose(rows: Sequence[BatchRow], query: dict[str, str]) -> list[BatchRow]:
    """Return the rows that a query asks for, in its order."""
    text = query["q"].strip().casefold()
    chosen = [
        row
        for row in rows
        if (not text or text in f"{row.label}\n{row.name}\n{row.symbol}\n{row.reason}".casefold())
        and query["state"] in ("", row.state)
        and query["verdict"] in ("", row.verdict)
        and (not query["power"] or query["power"] in row.yes)
    ]
    key = SORTS[query["sort"]]
    chosen.sort(key=lambda row: row.number)
    chosen.sort(key=key, reverse=query["order"] == "down")
    return chosen


def lines(services: ScreeningServices, asked: PageRequest) -> Download:
    """Give a batch as lines of JSON: one report a line, or why there is none."""
    batch = found(services, asked)

    def pieces() -> Iterator[str]:
        for row in batch.rows:
            report = services.report(row.report_id) if row.report_id else None
            head = {"number": row.number, "id": row.label, "state": row.state, "reason": row.reason}
            yield json.dumps({**head, "report": report}, ensure_ascii=False) + "\n"

    return Download(pieces(), "application/x-ndjson", f"batch-{batch.id[:40]}.jsonl")


def found(services: ScreeningServices, asked: PageRequest) -> ScreeningBatch:
    """Return the batch that was asked for.

    Raises: PageError where it is not kept.
    """
    batch = services.batch(asked.path["batch_id"])
    if batch is None:
        text = "It was never submitted, or room was needed for newer ones. Reports of addresses are still kept."
        raise PageError(404, "No such batch", text)
    return batch
