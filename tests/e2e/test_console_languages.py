"""A report of the screening in Kazakh and Russian in Chromium: it fits, says its language, and keeps the choice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from .browser import Browser
from .console_server import built, serving
from .test_console import screened

OPEN = "document.querySelectorAll('details').forEach((box) => { box.open = true; })"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, str]]:
    """Return a browser and the address of a report with powers, trades and a hostile owner."""
    with serving(tmp_path_factory.mktemp("screening")) as address, Browser() as browser:
        page = browser.page(1280)
        found = screened(page, address, "creation", built("limit-blacklist")["creation"])
        page.close()
        yield browser, found


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("width", [390, 1280])
def test_report_in_another_language_fits_its_screen(report: tuple[Browser, str], width: int, language: str) -> None:
    browser, address = report
    page = browser.page(width)
    for path in (address, f"{address}/code"):
        page.open(f"{path}?language={language}")
        page.run(OPEN)
        assert page.run("document.documentElement.lang") == language
        assert not page.overflow(), f"{path} at {width} in {language}"
    assert not page.complaints
    assert not page.from_elsewhere()
    page.close()


def test_chosen_language_is_kept_and_hardly_a_word_stays_english(report: tuple[Browser, str]) -> None:
    browser, address = report
    page = browser.page(1280)
    page.open(address)
    page.click(".languages a[lang=kk]")
    page.wait("document.documentElement.lang === 'kk'")
    page.open(address)
    assert page.run("document.documentElement.lang") == "kk"
    page.run(OPEN)
    assert "машина жасаған" in page.text("footer")
    for part in ("#verdict", "#powers", "#trades", "#attacks"):
        text = re.sub(r"\b(0x[0-9a-f…]+|\w+\([\w,]*\))", "", page.text(part))
        latin, cyrillic = re.findall(r"[A-Za-z]{3,}", text), re.findall(r"[\u0400-\u04ff]{3,}", text)
        assert len(cyrillic) > 4, part
        assert len(latin) < len(cyrillic) / 4, (part, latin)
    page.close()
