"""Consultations: papers, drafts beside rules in force, comments with a receipt, answers."""

from __future__ import annotations

from collections.abc import Mapping

from tarazy.authority.consultation.consultation import PUBLISHED, STANCES
from tarazy.authority.consultation.consultation import receipt as receipt_of
from tarazy.authority.desk import ACTS, DESK
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.texts import body_from_texts

FIELDS = ("rule", "stance", "text", "evidence", "name", "publish")
NOTHING_GIVEN = dict.fromkeys(FIELDS, "") | {"publish": "yes"}


def every(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the list of papers."""
    now = services.now_state
    return Page("consultations.html", "Consultations", {"consultations": services.consultations()}, made_of=now)


def one(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return a paper with its feedback so far, and the form where it is open."""
    return paper(services, asked.path["name"])


def paper(
    services: AuthorityServices,
    name: str,
    given: Mapping[str, str] = NOTHING_GIVEN,
    refused: str = "",
    status: int = 200,
) -> Page:
    """Return a paper with the form for a comment, filled in with what is given, and why that was refused."""
    case = services.desk.state.consultations.get(name)
    if case is None:
        raise PageError(404, "No such consultation", "No paper of this name was published.")
    data = services.consultation(case)
    is_open = case.state == PUBLISHED and services.today <= data["deadline"]
    data = data | {"is_open": is_open, "stances": list(STANCES)}
    made_of = None if refused else services.made_of_paper(case)
    view = {"given": given, "refused": refused}
    return Page("consultation.html", data["title_en"], data, view, status=status, made_of=made_of)


def comment(services: AuthorityServices, asked: PageRequest) -> Page | Redirect:
    """Take a comment in; the desk's key signs that it came. What is refused stays in the form."""
    name = asked.path["name"]
    texts = {field: asked.form.fields.get(field, "") for field in FIELDS} | {
        "publish": asked.form.text("publish") or "no"
    }
    wait_s = services.take_comment(asked.address)
    if wait_s:
        return paper(services, name, texts, f"Too many comments at once: send it again in {wait_s:.0f} s", 429)
    try:
        body = body_from_texts("comment", ACTS["comment.receive"].fields, texts)
        line = services.desk.act(DESK, services.desk_key, "comment.receive", name, body)
    except ActRefusedError as error:
        return paper(services, name, texts, str(error), 422)
    return Redirect("receipt", {"name": name, "number": str(line.unsigned.number)})


def receipt(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the receipt of a comment: its number, time and hash, and the answer once there is one."""
    case = services.desk.state.consultations.get(asked.path["name"])
    rows = [row for row in (case.facts["comments"] if case else []) if str(row["number"]) == asked.path["number"]]
    if case is None or not rows:
        raise PageError(404, "No such receipt", "No comment of this number was taken in.")
    row = rows[0]
    shown = {key: row[key] for key in ("number", "at", "sha256", "rule", "outcome", "reason")}
    if shown["sha256"] != receipt_of({key: row[key] for key in FIELDS if key in row}):
        raise PageError(500, "The comment does not match its receipt", "Tell the authority.")
    return Page(
        "receipt.html", "Receipt", {"receipt": shown, "paper": case.facts["paper"]["number"], "name": case.name}
    )
