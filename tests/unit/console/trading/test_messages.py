"""The catalogues of the traders' pages: every text that a page or a script says is there, with the same blanks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tarazy.console.layout.page_layout import HERE
from tarazy.console.trading import messages, refusal_words
from tarazy.console.trading.holds import WAITING
from tarazy.console.trading.messages import KAZAKH, RUSSIAN, catalogue, language_of, translator
from tarazy.console.trading.pages.keys import SCOPES
from tarazy.console.trading.pages.market import SCRIPT_TEXTS
from tarazy.console.trading.pages.wallet import STATES
from tarazy.console.trading.router import PAGE_LINKS, STAFF_LINKS
from tarazy.domain.records import ClientClass, OrderType
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.facility.accounts.front_desk import KINDS
from tarazy.facility.accounts.logins import errors
from tarazy.facility.projections.transfers import CLIENT_LEGS
from tarazy.facility.projections.withdrawals import WithdrawalStep
from tarazy.platform.refusals import Reason

SOURCE = Path(messages.__file__).parent
SCRIPTS = sorted((HERE / "static" / "trading").glob("*.js"))
SAID = re.compile(r"""(?<![A-Za-z0-9_])(?:_|words|visit\.words)\(\s*(?:"([^"\\]+)"|'([^'\\]+)')""")
SAID_BY_SCRIPT = re.compile(r'(?:this\.texts|texts)\(\s*"([^"]+)"|, "([A-Z][a-z][^"]+)"\]')
BLANK = re.compile(r"\{[a-z_]+\}")


def spaced(names: object) -> set[str]:
    """Return names as words."""
    return {str(name).replace("_", " ") for name in names}  # type: ignore[attr-defined]


def said() -> set[str]:
    """Return every text that pages say, from the templates, the source and the tables of words."""
    files = [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]
    found = {first or second for path in files for first, second in SAID.findall(path.read_text())}
    found |= {title for _, title in (*PAGE_LINKS, *STAFF_LINKS)} | set(STATES.values()) | set(SCRIPT_TEXTS)
    found |= {text for pair in WAITING.values() for text in pair}
    found |= {text for text, _ in refusal_words.SENTENCES.values()}
    found.add("It would hold {expected}, and {found} is available.")
    codes = (*refusal_words.SENTENCES, RejectCode.insufficient_balance)
    found |= {REJECT_INFO[code].advice for code in codes}
    found |= {each.meaning for each in vars(errors).values() if isinstance(each, Reason)}
    found |= spaced(each.name for each in CLIENT_LEGS) | spaced(each.name for each in WithdrawalStep)
    found |= spaced(each.name for each in OrderType) | spaced(each.name for each in ClientClass)
    return found | spaced(KINDS) | set(SCOPES) | {"open", "partly filled", "waits", "writer", "read models", "feeds"}


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
def test_every_text_is_in_the_catalogue_with_its_blanks(language: str) -> None:
    texts = catalogue(language)
    missing = sorted(said() - texts.keys())
    assert missing == []
    other = [text for text, shown in texts.items() if sorted(BLANK.findall(text)) != sorted(BLANK.findall(shown))]
    assert other == []
    assert not [text for text, shown in texts.items() if not shown.strip()]


def test_both_catalogues_have_the_same_texts() -> None:
    assert catalogue(RUSSIAN).keys() == catalogue(KAZAKH).keys()


def test_scripts_say_what_they_are_given_and_are_given_what_they_say() -> None:
    text = "\n".join(path.read_text() for path in SCRIPTS)
    found = {first or second for first, second in SAID_BY_SCRIPT.findall(text)}
    found |= {each for each in ("buy", "sell") if f'"{each}"' in text} | {"Canceled", "Changed"}
    assert found == set(SCRIPT_TEXTS)


def test_a_text_is_filled_in_and_one_that_is_missing_stays_english() -> None:
    russian = translator(RUSSIAN)
    assert russian("{count} days", count=90) == "90 дней"
    assert russian("no catalogue has {this}", this="text") == "no catalogue has text"


@pytest.mark.parametrize(
    ("wanted", "kept", "accepted", "language"),
    [
        ("kk", "ru", "en", "kk"),
        (None, "ru", "en", "ru"),
        ("xx", None, "kk-KZ,ru;q=0.8", "kk"),
        (None, None, "de,fr", "en"),
        (None, "<script>", "", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_then_kept_then_accepted(
    wanted: str | None, kept: str | None, accepted: str, language: str
) -> None:
    assert language_of(wanted, kept, accepted) == language
