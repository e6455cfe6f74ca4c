"""Where everything stands, the forms of acts, and drafts of instructions that decisions ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarazy.console.admission.hints import FACILITY, TERMS, about, hints_of, subjects_of
from tarazy.console.admission.services import AdmissionServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect, ServiceError
from tarazy.console.layout.signed_acts import (
    act_to_sign,
    form_fields,
    given_in_form,
    given_in_query,
    officer_number,
    sent_act,
)
from tarazy.facility.admission.desk import DESK_ACTS
from tarazy.facility.admission.state import DeskAct
from tarazy.facility.officers.roles import roles_text
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.texts import body_from_texts, texts_from

KINDS = ("admit", "market", "delist")
COMMAND = "tarazy facility admission act DIR ..."
SUBJECT = "The token's name on the list, the head of a paper, a rule as aifc/client_money, or `facility`."
NUMBER_MAX = 10**30


def waiting(services: AdmissionServices, asked: PageRequest) -> Page:
    """Return where everything stands."""
    return Page("admission.html", "Admission", services.overview(), {"officers": officers(services, ~0)})


def kinds(services: AdmissionServices, asked: PageRequest) -> Page:
    """Return the kinds of acts."""
    rows = [{"act": a.name, "words": a.words, "role": roles_text(a.roles), "officers": 1} for a in DESK_ACTS.values()]
    return Page("admission_kinds.html", "Acts", {"kinds": rows})


def form(services: AdmissionServices, asked: PageRequest) -> Page:
    """Return the form of one kind; the query fills it in."""
    act = DESK_ACTS.get(asked.path["act"])
    if act is None:
        raise PageError(404, "No such act", f"The desk knows no act {asked.path['act']!r}.")
    return act_form(services, act, asked.query.get("subject", "")[:63], given_in_query(asked, act.fields))


def act_form(
    services: AdmissionServices,
    act: DeskAct,
    subject: str,
    given: Mapping[str, str],
    officer_id: int = 0,
    refused: str = "",
) -> Page:
    """Return the form of a kind of act with what is given, and why it was refused."""
    names = subjects_of(services.desk.state, act.name)
    data = {
        "act": act.name,
        "words": act.words,
        "lead": "Every act is signed by who does it; what needs others waits for them.",
        "fields": form_fields(act.fields, given),
        "officers": officers(services, act.roles),
        "officer_id": officer_id,
        "subject": subject or (names[0] if names == [FACILITY] else ""),
        "subject_help": SUBJECT,
        "subjects": names,
        "hints": hints_of(services.desk.state, act.name),
        "about": about(services.desk.state, act.name, dict(given)),
        "refused": refused,
    }
    return Page("act_form.html", act.words, data, status=422 if refused else 200)


def prepare(services: AdmissionServices, asked: PageRequest) -> Page:
    """Return the page on which an act is signed; the form with what was filled in where it is refused."""
    act = DESK_ACTS.get(asked.path["act"])
    if act is None:
        raise PageError(404, "No such act", f"The desk knows no act {asked.path['act']!r}.")
    texts, subject, officer = given_in_form(asked, act.fields), asked.form.text("subject"), officer_number(asked)
    try:
        unsigned = services.desk.prepare(officer, act.name, subject, body_from_texts(act.name, act.fields, texts))
    except ActRefusedError as error:
        return act_form(services, act, subject[:63], texts, officer, str(error))
    key = services.desk.officers[officer].public_key
    named = about(services.desk.state, act.name, texts)
    return act_to_sign(unsigned, act.words, f"officer {officer}", key, COMMAND, act.fields, named)


def sign(services: AdmissionServices, asked: PageRequest) -> Page | Redirect:
    """Write a signed act; where it is refused, return its form with what was filled in."""
    unsigned, signature = sent_act(asked)
    officer = services.desk.officers.get(unsigned.officer_id)
    try:
        services.desk.commit(unsigned, bytes.fromhex(officer.public_key) if officer else b"", signature)
    except (ActRefusedError, ActRecordError) as error:
        known = DESK_ACTS.get(unsigned.act)
        if known is None:
            raise PageError(422, "Not signed", str(error)) from error
        given = texts_from(unsigned.body)
        return act_form(services, known, unsigned.subject[:63], given, unsigned.officer_id, str(error))
    return Redirect("waiting")


def officers(services: AdmissionServices, roles: int) -> list[dict[str, Any]]:
    """Return the active officers with one of these roles."""
    rows = [each for each in services.desk.officers.values() if each.is_active and each.roles & roles]
    return [{"officer_id": each.officer_id, "name": roles_text(each.roles)} for each in rows]


def draft_form(services: AdmissionServices, asked: PageRequest) -> Page:
    """Return the form from which a draft is written."""
    kind, about = asked.path["kind"], asked.query.get("about", "")[:40]
    if kind not in KINDS:
        raise PageError(404, "No such draft", f"expected one of {', '.join(KINDS)}, found {kind[:40]!r}")
    rows = services.terms.items() if kind == "market" else ()
    terms = [{"name": name, "value": value, "help": TERMS.get(name, "")} for name, value in rows]
    data = {"kind": kind, "about": about, "terms": terms, "officers": officers(services, ~0)}
    return Page("admission_draft.html", "Draft an instruction", data)


def write(services: AdmissionServices, asked: PageRequest) -> Page:
    """Write a draft and say where it is signed."""
    kind, about = asked.path["kind"], asked.form.text("about")
    if kind not in KINDS:
        raise PageError(404, "No such draft", f"expected one of {', '.join(KINDS)}, found {kind[:40]!r}")
    terms = {name: whole(name, asked.form.text(name)) for name in services.terms} if kind == "market" else {}
    people = whole("officer", asked.form.text("officer")), whole("approver", asked.form.text("approver"))
    try:
        name = services.write_draft(kind, about, people, terms)
    except ActRefusedError as error:
        raise PageError(422, "No draft was written", str(error)) from error
    except ServiceError as error:
        raise PageError(error.status, "No draft was written", str(error)) from error
    return Page("admission_written.html", "Draft written", {"name": name, "kind": kind, "about": about})


def whole(name: str, text: str) -> int:
    """Return a number of a form.

    Raises: PageError.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > 31 or int(text) > NUMBER_MAX:
        raise PageError(422, "No draft was written", f"{name}: expected a whole number, found {text[:40]!r}")
    return int(text)
