"""A section of any room is put together from its pages and served beside others, by whom it is handed to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tarazy.console.layout.page_layout import ConsoleSection, Link, Page, PageRequest, ServiceError
from tarazy.console.layout.routing import Route, section_router


class Client:
    """Asks an application in this process."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(ask())


class Desk:
    """What the pages of this section ask."""

    def __init__(self, name: str) -> None:
        self.name = name

    def officer(self, number: int) -> str:
        if number > 2:
            raise ServiceError(f"expected an officer from 1 to 2, found {number}", 404)
        return f"officer {number} of {self.name} <b>"


def show(desk: Desk, asked: PageRequest) -> Page:
    """Return the page of one officer."""
    return Page("officer.html", "Officer", {"officer": desk.officer(int(asked.path["number"]))})


def home(desk: Desk, asked: PageRequest) -> Page:
    """Return the first page."""
    return Page("officer.html", "Home", {"officer": desk.name})


ROUTES = (Route("home", "/", home), Route("officer", "/officers/{number}", show))


@pytest.fixture
def client(tmp_path: Path) -> Client:
    (tmp_path / "officer.html").write_text(
        '{% extends "base.html" %}{% block content %}<p>{{ officer | loud }} {{ GREETING }}</p>{% endblock %}'
    )
    app = FastAPI()
    for name in ("facility", "authority"):
        section = ConsoleSection(
            name,
            name.title(),
            "home",
            (Link("Home", "home"),),
            tmp_path,
            {"loud": str.upper},
            {"GREETING": f"in the {name}"},
        )
        app.include_router(section_router(section, ROUTES, Desk(name)), prefix=f"/{name}")
    return Client(app)


@pytest.mark.parametrize("name", ["facility", "authority"])
def test_sections_stand_side_by_side_each_with_its_own_words(client: Client, name: str) -> None:
    twin = client.get(f"/{name}/officers/2.json")
    assert twin.json() == {"officer": f"officer 2 of {name} <b>"}
    text = client.get(f"/{name}/officers/2", accept="text/html").text
    assert f"OFFICER 2 OF {name.upper()} &lt;B&gt; in the {name}" in text
    assert f'<a href="/{name}/"' in text
    assert client.get(f"/{name}/static/console.css").status_code == 200


@pytest.mark.parametrize("name", ["facility", "authority"])
def test_refusal_of_the_room_is_a_page_with_its_status(client: Client, name: str) -> None:
    found = client.get(f"/{name}/officers/3.json")
    assert (found.status_code, found.json()["error"]["text"]) == (404, "expected an officer from 1 to 2, found 3")
    page = client.get(f"/{name}/officers/3", accept="text/html")
    assert page.status_code == 404
    assert "expected an officer from 1 to 2, found 3" in page.text
    assert client.get(f"/{name}/nowhere.json").status_code == 404
