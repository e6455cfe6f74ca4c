"""Values kept for pages: made once for a state however many ask, and anew for another."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from fastapi import Request

from tarazy.console.layout.memo import PageMemo
from tarazy.console.layout.page_layout import ConsoleSection, Page, PageLayout


def test_a_value_is_made_once_for_a_state_by_whoever_comes_first() -> None:
    memo, made = PageMemo(), []

    def slow() -> int:
        made.append(threading.get_ident())
        time.sleep(0.05)
        return len(made)

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(memo.get("page", "head", slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (found, len(made)) == ([1] * 8, 1)
    assert memo.get("page", "another head", slow) == 2
    assert memo.get("other page", "head", slow) == 3


def test_what_could_not_be_made_is_not_kept() -> None:
    memo = PageMemo()
    with pytest.raises(ZeroDivisionError):
        memo.get("page", 1, lambda: 1 // 0)
    assert memo.get("page", 1, lambda: "made") == "made"


def test_page_of_a_reader_who_is_logged_in_is_not_kept_for_others(tmp_path: Path) -> None:
    """RFC 9111, 3.5: what is made for a request with credentials is not stored for other readers."""
    layout = PageLayout(ConsoleSection("s", "S", "home", (), tmp_path))
    page = Page("page.html", "P", {}, made_of="head")

    def request(person: str) -> Request:
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "server": ("h", 80)}
        return Request(scope | ({"tarazy_person": person} if person else {}))

    for person in ("Dana", "", "Erlan", ""):
        assert layout._kept(request(person), page, lambda person=person: person) == person
