"""The report of one screening: verdict, powers, evidence; and beside it the code, the dossier and the signed answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tarazy.console.layout import words
from tarazy.console.layout.page_layout import Download, Page, PageError, PageRequest
from tarazy.console.screening import listing
from tarazy.console.screening.contract_summary import SUMMARISER
from tarazy.console.screening.services import Plain, ScreeningServices
from tarazy.console.screening.words import grouped
from tarazy.screening.names import known_signatures

OUTCOME_ORDER = ("fail", "unknown", "noted", "pass")
ANSWER_ORDER = ("yes", "unknown", "no")


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show a report."""
    report = found(services, asked)
    return page_of(services, report)


def page_of(services: ScreeningServices, report: Plain) -> Page:
    """Return the page of a report."""
    runtime = listing.read_code(report, services.code(report["id"]))
    summary = SUMMARISER.read(runtime) if runtime else None
    view = {
        "report": report,
        "title": title_of(report),
        "findings": findings_of(report.get("verdict")),
        "deciding": deciding_of(report.get("verdict")),
        "next_step": (report.get("verdict") or {}).get("next_step", ""),
        "groups": groups_of(report, runtime),
        "answers": count(capability["answer"] for capability in report["capabilities"].values()),
        "entry_points": named_entry_points(summary, report) if summary else [],
        "summary": summary,
        "has_code": bool(runtime),
    }
    return Page("report.html", str(view["title"]), report, view, is_translated=True)


def show_code(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show a page of the whole code, with every line lit that evidence points to."""
    report = found(services, asked)
    runtime = listing.read_code(report, services.code(report["id"]))
    if not runtime:
        raise PageError(404, "No code", "The code that the evidence means is not kept here: screen it again.")
    places = evidence_offsets(report)
    at = number_in(asked.query.get("at", ""))
    last = listing.pages(runtime)
    number = listing.page_with(runtime, at) if at is not None else number_in(asked.query.get("page", "1")) or 1
    number = min(max(number, 1), last)
    lines = listing.page_of(runtime, number, places, selector_names(report))
    data = {
        "report_id": report["id"],
        "code_hash": report["code_hash"],
        "page": number,
        "pages": last,
        "lines": [{"offset": item.offset, "hex": item.hex, "name": item.name, "operand": item.operand,
                   "lit": item.lit} for item in lines],
    }  # fmt: skip
    title = title_of(report)
    view = {"report": report, "title": title, "shown": lines, "reasons": places, "jumps": jumps(runtime, places)}
    return Page("code.html", f"Code of {title}", data, view, is_translated=True)


def dossier(services: ScreeningServices, asked: PageRequest) -> Download:
    """Give the dossier item of a report."""
    return as_file(services.dossier(found(services, asked)["id"], asked.caller), asked, "dossier")


def signed(services: ScreeningServices, asked: PageRequest) -> Download:
    """Give the report with its signature."""
    return as_file(services.signed(found(services, asked)["id"], asked.caller), asked, "signed")


def as_file(plain: Plain | None, asked: PageRequest, kind: str) -> Download:
    """Return plain data as a file of JSON.

    Raises: PageError where there is none.
    """
    if plain is None:
        raise PageError(404, "Not made", f"There is no {kind} answer for this screening here: screen it again.")
    text = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    return Download((text,), "application/json", f"{kind}-{asked.path['report_id'][:40]}.json")


def found(services: ScreeningServices, asked: PageRequest) -> Plain:
    """Return the report that was asked for.

    Raises: PageError where it is not kept.
    """
    report = services.report(asked.path["report_id"])
    if report is None:
        text = f"No report {asked.path['report_id'][:80]!r} is kept here: it was never made, or room was needed."
        raise PageError(404, "No such report", f"{text} Screen the token again.")
    return report


def title_of(report: Plain) -> str:
    """Return what a report is called: the token's name, its address, or what was given."""
    token = report["token"]
    named = token["name"] or token["symbol"] or report["address"]
    return named or (f"Code {words.short(report['code_hash'])}" if report["code_hash"] else "Empty code")


def findings_of(verdict: Plain | None) -> dict[str, list[Plain]]:
    """Return the findings by outcome, the worst first."""
    decisive = (verdict or {}).get("deciding", ())
    findings = [item for item in (verdict["findings"] if verdict else ()) if item["criterion"] not in decisive]
    return {outcome: [item for item in findings if item["outcome"] == outcome] for outcome in OUTCOME_ORDER}


def deciding_of(verdict: Plain | None) -> list[Plain]:
    """Return the findings that decide, in the verdict's order; none where an older report does not name them."""
    by_name = {item["criterion"]: item for item in verdict["findings"]} if verdict else {}
    return [by_name[name] for name in (verdict or {}).get("deciding", ()) if name in by_name]


def groups_of(report: Plain, runtime: bytes | None) -> list[dict[str, Any]]:
    """Return the powers in their groups: those that can happen or are not known, those alike, those that cannot."""
    groups = grouped(report["capabilities"])
    names = selector_names(report)
    for group in groups:
        powers = [{**power, "shown": pieces(power, runtime, names)} for power in group["powers"]]
        powers.sort(key=lambda power: ANSWER_ORDER.index(power["answer"]))
        group["alike"] = alike(powers)
        told = [power["name"] for several in group["alike"].values() for power in several]
        group["open"] = [power for power in powers if power["answer"] != "no" and power["name"] not in told]
        group["cannot"] = [power for power in powers if power["answer"] == "no"]
    return groups


def alike(powers: Sequence[Plain]) -> dict[str, list[Plain]]:
    """Return the powers that are unknown for the same reason and without evidence, two and more, by that reason."""
    by_reason: dict[str, list[Plain]] = {}
    for power in powers:
        if power["answer"] == "unknown" and not power["evidence"]:
            by_reason.setdefault(power["reason"], []).append(power)
    return {reason: several for reason, several in by_reason.items() if len(several) > 1}


def pieces(power: Plain, runtime: bytes | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the evidence of a power, each piece once, with the lines of code where it points into the code."""
    found: list[Plain] = []
    for piece in power["evidence"]:
        if piece not in found:
            found.append(piece)
    return [{**piece, "lines": lines_of(piece, runtime, names)} for piece in found]


def lines_of(piece: Plain, runtime: bytes | None, names: Mapping[str, str]) -> list[listing.Line]:
    """Return the lines around the place that a piece of evidence means; none where it means no place."""
    return listing.window(runtime, [piece["offset"]], names) if runtime and piece["offset"] is not None else []


def named_entry_points(summary: Plain, report: Plain) -> list[dict[str, Any]]:
    """Return the entry points with the names that are known for their selectors; those with a guard come first."""
    names = selector_names(report)
    named = [{**entry, "signature": names.get(entry["selector"], "")} for entry in summary["entry_points"]]
    return sorted(named, key=lambda entry: (not entry["guards"], entry["view"], entry["signature"], entry["selector"]))


def evidence_offsets(report: Plain) -> dict[int, list[str]]:
    """Return every offset that evidence points to, with the powers that it shows."""
    places: dict[int, list[str]] = {}
    for name, capability in report["capabilities"].items():
        for piece in capability["evidence"]:
            if piece["offset"] is not None and name not in places.setdefault(piece["offset"], []):
                places[piece["offset"]].append(name)
    return dict(sorted(places.items()))


def jumps(runtime: bytes, places: Mapping[int, Sequence[str]]) -> list[dict[str, Any]]:
    """Return where evidence stands in the whole code."""
    return [
        {"offset": offset, "page": listing.page_with(runtime, offset), "powers": powers}
        for offset, powers in places.items()
    ]


def selector_names(report: Plain) -> dict[str, str]:
    """Return the signatures that a report knows, by selector."""
    names = dict(known_signatures())
    for capability in report["capabilities"].values():
        for piece in capability["evidence"]:
            if piece["selector"] and piece["signature"]:
                names[piece["selector"]] = piece["signature"]
    return names


def count(items: Any) -> dict[str, int]:
    """Return how often each answer is given."""
    counts = dict.fromkeys(ANSWER_ORDER, 0)
    for item in items:
        counts[item] += 1
    return counts


def number_in(text: str) -> int | None:
    """Return a number written in decimal or with 0x, or None."""
    try:
        return int(text, 0) if len(text) <= 12 else None
    except ValueError:
        return None
