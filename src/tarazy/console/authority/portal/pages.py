"""The applicants' pages: an account, drafts that are kept as they were typed, filing with a receipt, answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarazy.authority.desk import DESK
from tarazy.authority.portal.filings import FILABLE, FILED, TITLES
from tarazy.authority.portal.store import PortalDraft
from tarazy.console.authority.hints import hints
from tarazy.console.authority.pages.filings import plain_name
from tarazy.console.authority.portal.services import FILINGS, KINDS, REGISTRATIONS, PortalServices, row_of
from tarazy.console.layout.page_layout import Download, Page, PageError, PageRequest, Redirect
from tarazy.console.layout.signed_acts import form_fields, given_in_form
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.fields import ActField
from tarazy.platform.signed_acts.record import canonical
from tarazy.platform.signed_acts.texts import body_from_texts

WAITING_MAX = 50  # filings of one applicant in the record that no officer has taken in or returned
NO_DRAFT = PageError(404, "No such draft", "None of your drafts has this number.")
NO_FILING = PageError(404, "No such filing", "None of your filings has this number.")


def home(services: PortalServices, asked: PageRequest) -> Page:
    """Return what an applicant has here; the way in for everybody else."""
    who = services.store.applicant(asked.caller)
    if who is None:
        return Page("portal_in.html", "Apply", {"authority": services.authority.desk.state.title})
    drafts = [
        {"number": d.number, "title": TITLES[d.kind], "subject": d.subject, "saved_s": d.saved_s}
        for d in services.store.drafts(who.applicant)
        if not d.filing
    ]
    filed = [row_of(each) for each in services.filings(who.applicant)]
    data = {"name": who.name, "applicant": who.applicant, "drafts": drafts, "filings": filed, "kinds": KINDS}
    return Page("portal_home.html", "Your filings", data)


def register(services: PortalServices, asked: PageRequest) -> Page:
    """Make an account and show its access key, once."""
    wait_s = services.wait_s("registrations", REGISTRATIONS)
    if wait_s:
        raise PageError(429, "Too many at once", f"Try again in {wait_s:.0f} s.")
    try:
        who, key = services.store.register(asked.form.text("name"), asked.form.text("contact"))
    except ActRefusedError as error:
        raise PageError(422, "No account was made", str(error)) from error
    return Page("portal_key.html", "Your access key", {"name": who.name, "key": key})


def begin(services: PortalServices, asked: PageRequest) -> Redirect:
    """Begin a draft."""
    kind = asked.form.text("kind")
    if kind not in FILABLE:
        raise PageError(422, "No draft was begun", f"expected one of {', '.join(FILABLE)}, found {kind[:40]!r}")
    try:
        return Redirect("draft", {"number": str(services.store.begin(asked.caller, kind))})
    except ActRefusedError as error:
        raise PageError(422, "No draft was begun", str(error)) from error


def own_draft(services: PortalServices, asked: PageRequest) -> PortalDraft:
    """Return the draft of an address, if it is the applicant's own. Raises: PageError."""
    text = asked.path["number"]
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    found = services.store.draft(asked.caller, number)
    if found is None:
        raise NO_DRAFT
    return found


def draft(services: PortalServices, asked: PageRequest) -> Page:
    """Return a draft with its documents."""
    return draft_page(services, own_draft(services, asked))


def draft_page(services: PortalServices, found: PortalDraft, refused: str = "", done: str = "") -> Page:
    """Return the form of a draft, with why it was not filed."""
    act = FILABLE[found.kind]
    data = {
        "number": found.number,
        "kind": found.kind,
        "title": TITLES[found.kind],
        "subject": found.subject,
        "saved_s": found.saved_s,
        "filing": found.filing,
        "fields": form_fields(act.fields, found.texts),
        "hints": hints(found.kind, services.authority.today),
        "documents": [each._asdict() for each in services.store.documents(found.number)],
        "refused": refused,
        "done": done,
    }
    return Page("portal_draft.html", TITLES[found.kind], data, status=422 if refused else 200)


def kept(services: PortalServices, asked: PageRequest) -> PortalDraft:
    """Keep what was typed, and return the draft as it is then. Raises: PageError."""
    found = own_draft(services, asked)
    texts = {k: v for k, v in given_in_form(asked, FILABLE[found.kind].fields).items() if v}
    try:
        services.store.save(found, asked.form.text("subject"), texts)
    except ActRefusedError as error:
        raise PageError(422, "Not saved", str(error)) from error
    return own_draft(services, asked)


def save(services: PortalServices, asked: PageRequest) -> Page:
    """Keep a draft as it was typed, whatever is wrong with it."""
    return draft_page(services, kept(services, asked), done="Saved as it is; nothing was checked or filed.")


def upload(services: PortalServices, asked: PageRequest) -> Page:
    """Keep the documents that were chosen, beside what was typed."""
    found = own_draft(services, asked)
    if found.filing:
        raise PageError(422, "Not added", "This draft is filed; answer a question with documents instead.")
    if not asked.form.files:
        return draft_page(services, found, refused="expected a file, found none")
    try:
        for each in asked.form.files[:20]:
            services.store.add(found, each.name, each.content)
    except ActRefusedError as error:
        return draft_page(services, found, refused=str(error))
    return draft_page(services, found, done="The document is kept; its SHA-256 stands below.")


def document(services: PortalServices, asked: PageRequest) -> Download:
    """Return one of an applicant's own documents."""
    found = own_draft(services, asked)
    return download(services, found.number, asked.path["sha256"])


def download(services: PortalServices, number: int, sha256: str) -> Download:
    """Return a document as a file that no browser runs. Raises: PageError."""
    row = services.store.content(number, sha256)
    if row is None:
        raise PageError(404, "No such document", "This draft has no document of this hash.")
    return Download((row[2],), "application/octet-stream", plain_name(row[0]))


def file(services: PortalServices, asked: PageRequest) -> Page | Redirect:
    """File a draft: it is kept, checked, and receipted by the desk; where it is refused it stays as it was typed."""
    found = kept(services, asked)
    wait_s = services.wait_s(f"filings {asked.caller}", FILINGS)
    if wait_s:
        return draft_page(services, found, refused=f"too many at once: file it again in {wait_s:.0f} s")
    waiting = sum(each.state == FILED for each in services.filings(asked.caller))
    if waiting >= WAITING_MAX:
        refused = f"expected at most {WAITING_MAX} filings that wait for the desk, found {waiting}"
        return draft_page(services, found, refused=refused)
    act = FILABLE[found.kind]
    digests = [each.sha256 for each in services.store.documents(found.number)]
    try:
        body = body_from_texts(TITLES[found.kind], act.fields, with_documents(found.texts, act.fields, digests))
        terms = {"kind": found.kind, "applicant": asked.caller, "fields": canonical(body), "documents": digests}
        line = sign(services, "filing.receive", found.subject, terms)
    except (ActRefusedError, ActRecordError) as error:
        return draft_page(services, found, refused=str(error))
    services.store.filed(found, line)
    return Redirect("filing", {"number": str(line)})


def with_documents(texts: Mapping[str, str], fields: tuple[ActField, ...], digests: list[str]) -> dict[str, str]:
    """Return the texts of a form with the hashes of the documents where none were typed."""
    found = dict(texts)
    for name, text in (("policies", "\n".join(digests)), ("document", digests[0] if digests else "")):
        if any(each.name == name for each in fields) and not found.get(name):
            found[name] = text
    return found


def sign(services: PortalServices, act: str, subject: str, body: dict[str, Any]) -> int:
    """Let the desk sign that something came, and return the act's number. Raises: ActRefusedError, ActRecordError."""
    authority = services.authority
    return authority.desk.act(DESK, authority.desk_key, act, subject, body).unsigned.number


def filing(services: PortalServices, asked: PageRequest) -> Page:
    """Return the receipt of a filing, and what became of it."""
    found = services.filing(asked.caller, asked.path["number"])
    if found is None:
        raise NO_FILING
    return Page("portal_filing.html", f"Filing {found.number}", {"filing": services.receipt(found)})


def answer(services: PortalServices, asked: PageRequest) -> Redirect:
    """Answer a question."""
    found = services.filing(asked.caller, asked.path["number"])
    if found is None:
        raise NO_FILING
    question, text = asked.form.text("question"), asked.form.text("text").replace("\r\n", "\n")
    wait_s = services.wait_s(f"filings {asked.caller}", FILINGS)
    if wait_s:
        raise PageError(429, "Too many at once", f"Send it again in {wait_s:.0f} s; go back, your text is still there.")
    number = int(question) if question.isascii() and question.isdecimal() and len(question) < 10 else 0
    body = {"filing": found.number, "question": number, "applicant": asked.caller, "text": text}
    try:
        sign(services, "filing.answer", found.subject, body)
    except (ActRefusedError, ActRecordError) as error:
        raise PageError(422, "The answer was not taken", f"{error}. Go back, your text is still there.") from error
    return Redirect("filing", {"number": str(found.number)})
