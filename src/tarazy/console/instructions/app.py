"""The officers' section as an application of its own, for one person's machine.

Only requests to this machine's own name are answered, so that a page of a stranger whose name leads here reads
nothing; forms are taken from our own page alone (`layout/forms.py`).
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI

from tarazy.console.instructions.desk import InstructionDesk
from tarazy.console.instructions.pages import draft, waiting
from tarazy.console.layout.own_app import own_app
from tarazy.console.layout.page_layout import ConsoleSection, Link
from tarazy.console.layout.routing import Route, section_router

PREFIX = "/instructions"
SECTION = ConsoleSection(
    "instructions",
    "Officers",
    "waiting",
    (Link("Instructions", "waiting", ("draft", "sign")),),
    Path(__file__).parent / "templates",
    home_words="To the instructions",
    foot="What is shown is what is signed. The key stays in the browser; the draft is a file.",
)
ROUTES = (
    Route("waiting", "/", waiting.show),
    Route("draft", "/draft/{name}", draft.show),
    Route("sign", "/draft/{name}/signature", draft.sign, "POST", has_twin=False),
)


def instructions_router(desk: InstructionDesk) -> APIRouter:
    """Return the pages of instructions; mount it with the prefix /instructions."""
    return section_router(SECTION, ROUTES, desk)


def create_app(desk: InstructionDesk) -> FastAPI:
    """Return an application that serves these pages alone."""
    return own_app({PREFIX: instructions_router(desk)})
