"""The admission desk and the officers' instructions as an application of their own, for one machine.

Only requests to this machine's own name are answered, and forms are taken from our own pages alone. Nobody acts by
having reached a page: every act, and every instruction, is signed in the browser with an officer's key.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI

from tarazy.console.admission.pages import desk
from tarazy.console.admission.services import AdmissionServices
from tarazy.console.instructions.app import PREFIX as INSTRUCTIONS
from tarazy.console.instructions.app import instructions_router
from tarazy.console.instructions.desk import InstructionDesk
from tarazy.console.layout.own_app import own_app
from tarazy.console.layout.page_layout import ConsoleSection, Link
from tarazy.console.layout.routing import Route, section_router

PREFIX = "/admission"
SECTION = ConsoleSection(
    "admission",
    "Admission desk",
    "waiting",
    (Link("Where it stands", "waiting", ("draft_form", "write")), Link("Act", "kinds", ("form", "prepare"))),
    Path(__file__).parent / "templates",
    globals={"instructions": f"{INSTRUCTIONS}/"},
    home_words="To the desk",
    foot="Your key stays in the browser; the record keeps the signature.",
)
ROUTES = (
    Route("waiting", "/", desk.waiting),
    Route("kinds", "/acts", desk.kinds),
    Route("form", "/acts/{act}", desk.form),
    Route("prepare", "/acts/{act}/prepared", desk.prepare, "POST", has_twin=False),
    Route("sign", "/signed", desk.sign, "POST", has_twin=False),
    Route("draft_form", "/drafts/{kind}", desk.draft_form),
    Route("write", "/drafts/{kind}", desk.write, "POST", has_twin=False),
)


def admission_router(services: AdmissionServices) -> APIRouter:
    """Return the pages of the desk."""
    return section_router(SECTION, ROUTES, services)


def create_app(services: AdmissionServices, instructions: InstructionDesk) -> FastAPI:
    """Return an application that serves the desk and the drafts that it writes."""
    return own_app({PREFIX: admission_router(services), INSTRUCTIONS: instructions_router(instructions)})
