"""The pages of the screening console in Chromium, over the real server and real screenings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .browser import Browser, Page
from .console_server import built, serving

PAGES = ("/", "/batch", "/watch", "/safe-token", "/checks", "/checks/mint", "/criteria")
WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the pages of a real server."""
    with serving(tmp_path_factory.mktemp("screening")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser."""
    with Browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page as wide as a desk; what it complains of or asks of others fails the test."""
    opened = browser.page(1280)
    yield opened
    assert not opened.complaints
    assert not opened.from_elsewhere()
    opened.close()


def paste(page: Page, address: str, kind: str, code: str) -> None:
    """Choose a kind of code, paste it and send the form."""
    page.open(f"{address}/")
    page.click(f"input[name=kind][value={kind}]")
    page.fill("#code", code)
    page.click("form button.main")


def tab_to(page: Page, condition: str) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(20):
        if page.run(condition):
            return
        page.press("Tab")
    raise AssertionError(f"20 times Tab does not lead to: {condition}")


def screened(page: Page, address: str, kind: str, code: str) -> str:
    """Screen code and return the address of its report."""
    paste(page, address, kind, code)
    page.wait("location.pathname.includes('/report/') && document.querySelector('#verdict')", 60)
    return str(page.run("location.href"))


def test_pasted_bytecode_shows_progress_and_then_a_verdict(page: Page, pages: str) -> None:
    paste(page, pages, "runtime", built("limit-blacklist")["runtime"])
    page.wait("location.pathname.includes('/job/') || location.pathname.includes('/report/')", 30)
    seen = page.text("main")
    page.wait("document.querySelector('#verdict')", 60)
    assert "Trading in a simulated pool" in seen or "/report/" in str(page.run("location.href"))
    assert page.text("#verdict h2").strip() in ("Clear", "Caution", "Malicious", "Unknown")
    assert "house" in page.text("#verdict")
    assert "Blacklist" in page.text("#powers")


def test_progress_page_tells_its_stages_and_leads_to_the_report_by_itself(page: Page, pages: str) -> None:
    page.open(f"{pages}/batch")
    code = built("limit-callback")["runtime"]
    page.fill("#list", "\n".join(f"{code}{number:02x}" for number in range(12)))  # so that what comes next waits
    page.click("form button.main")
    page.wait("location.pathname.includes('/batch/')")
    paste(page, pages, "creation", built("limit-callback")["creation"])
    page.wait("location.pathname.includes('/job/') && document.querySelector('.stages')", 30)
    stages = page.run("[...document.querySelectorAll('.stages b')].map((b) => b.textContent)")
    assert stages == [
        "Reading the code",
        "Following the paths",
        "Trading in a simulated pool",
        "Playing the hostile owner",
        "Judging under the criteria",
    ]
    page.wait("document.querySelector('#verdict')", 90)


def test_evidence_in_code_is_lit_and_leads_into_the_whole_code(page: Page, pages: str) -> None:
    screened(page, pages, "runtime", built("limit-blacklist")["runtime"])
    page.click(".evidence-all > summary")
    lit = page.run("document.querySelector('.evidence-all[open] .lit')?.innerText ?? ''")
    assert "▸" in lit
    page.click(".evidence-all[open] .piece a")
    page.wait("location.pathname.endsWith('/code') && document.querySelector('.lit')")
    at = int(str(page.run("location.hash")).removeprefix("#at-"))
    assert page.run(f"document.getElementById('at-{at}').classList.contains('lit')")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
def test_no_page_is_wider_than_its_screen(browser: Browser, pages: str, width: int, dark: bool) -> None:
    page = browser.page(width, dark=dark)
    report = screened(page, pages, "runtime", built("limit-callback")["runtime"])
    for path in (*PAGES, report.partition("/screening")[2], report.partition("/screening")[2] + "/code"):
        page.open(pages + path)
        page.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
        assert not page.overflow(), f"{path} at {width}"
    assert not page.complaints
    assert not page.from_elsewhere()
    page.close()


def test_screening_works_without_scripts(browser: Browser, pages: str) -> None:
    page = browser.page(1280, scripts=False)
    page.open(f"{pages}/")
    page.click("input[name=kind][value=runtime]")
    page.fill("#code", built("limit-approve-gate")["runtime"])
    page.click("form button.main")
    page.wait("document.querySelector('#verdict')", 60)  # the page reloads itself until the report is there
    assert not page.complaints
    page.close()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "expected code, found nothing"),
        ("0x60zz", "expected hex digits, found 'z'"),
        ("0x608", "expected an even number of hex digits, found 3"),
        ("0x60" * 140_000, "expected hex digits, found 'x'"),
        ("00" * 200_000, "expected at most"),
    ],
    ids=["nothing", "no hex", "cut off", "many prefixes", "too long"],
)
def test_bad_code_gets_a_message_on_the_page_and_is_kept_in_the_field(
    browser: Browser, pages: str, code: str, words: str
) -> None:
    page = browser.page(390)
    paste(page, pages, "runtime", code)
    page.wait("document.querySelector('[role=alert]')")
    assert words in page.text("[role=alert]")
    assert page.run("document.querySelector('#code').getAttribute('aria-invalid')") == "true"
    assert page.run("document.querySelector('#code').value") == code[:300_000]
    assert not page.overflow()
    page.close()


def test_batch_is_filled_while_one_looks_sorts_and_tells_refusals(page: Page, pages: str, tmp_path: Path) -> None:
    page.open(f"{pages}/batch")
    tokens = ("limit-blacklist", "limit-callback", "leak-sweep")
    page.fill("#list", "\n".join([*(built(name)["runtime"] for name in tokens), "not an address", ""]))
    raw = tmp_path / "a <b>token<i>.bin"
    raw.write_bytes(bytes.fromhex(built("leak-sweep", "benign")["runtime"].removeprefix("0x")))
    page.choose("#files", raw)
    page.click("form button.main")
    page.wait("document.querySelector('#rows table') && !document.querySelector('[data-live]')", 90)
    assert page.run("document.querySelectorAll('#rows tbody tr').length") == 5
    assert "expected 0x and 40 hex digits" in page.text("#rows")
    assert "a <b>token<i>.bin" in page.text("#rows")
    page.select("select[name=state]", "refused")
    page.click(".filters button")
    page.wait("document.querySelectorAll('#rows tbody tr').length === 1")
    assert "not an address" in page.text("#rows")


def test_keyboard_alone_reaches_the_content_and_sends_the_form(page: Page, pages: str) -> None:
    page.open(f"{pages}/")
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    page.press("Enter")
    assert page.run("location.hash") == "#content"
    tab_to(page, "document.activeElement.name === 'kind'")
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
    tab_to(page, "document.activeElement.id === 'code'")
    page.type("0x60006000fd")
    tab_to(page, "document.activeElement.type === 'submit'")
    page.press("Enter")
    page.wait("document.querySelector('#verdict')", 60)
    assert page.text("#verdict h2").strip() == "Unknown"


def test_reduced_motion_stops_what_turns(page: Page, pages: str) -> None:
    page.reduce_motion()
    page.open(f"{pages}/")
    moving = page.run(
        "[...document.styleSheets].flatMap((s) => [...s.cssRules]).filter((r) => r.media &&"
        " matchMedia(r.media.mediaText).matches).some((r) => r.cssText.includes('animation'))"
    )
    assert moving is False


def test_theme_is_kept_from_page_to_page(page: Page, pages: str) -> None:
    page.open(f"{pages}/")
    page.click("#theme")
    chosen = page.run("document.documentElement.dataset.theme")
    assert chosen == "dark"
    page.open(f"{pages}/criteria")
    assert page.run("document.documentElement.dataset.theme") == chosen
    page.run("document.cookie = 'tarazy_theme=; Path=/; Max-Age=0'")
