"""The screening's pages and reports in three languages: nothing missing, blanks kept, numbers with the right noun."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tarazy.console.layout.messages import KAZAKH, RUSSIAN, counter_of
from tarazy.console.layout.page_layout import HERE
from tarazy.console.screening import router, words
from tarazy.console.screening.languages import page_texts, sentence_texts, sentences_in
from tarazy.console.screening.pages import batch, safe_token
from tarazy.console.screening.safe_tokens import template_views
from tarazy.console.screening.words import for_officers
from tarazy.screening.criteria.advice import next_step
from tarazy.screening.criteria.file import load_editions
from tarazy.screening.model import Finding
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen

from .building import CORPUS, TOKEN, TRADER, bare_report, client, full_services
from .composed import templates, tries
from .page_faults import faults

TEMPLATES = Path(router.__file__).parent / "templates"
TRANSLATED = (
    *(TEMPLATES / f"{name}.html" for name in (
        "address_on_chain", "alerts", "batch", "batch_rows", "code", "criteria", "report", "report_code",
        "report_holders", "report_trades", "safe_token", "screen", "screening_parts", "token", "wallet", "wallet_of",
        "wallet_parts", "wallet_revoke", "wallet_sign", "watch")),
    HERE / "templates" / "base.html",
    HERE / "templates" / "parts.html",
)  # fmt: skip
ONE = re.compile(r"""(?<![A-Za-z0-9_])_\(\s*(?:"([^"]+)"|'([^']+)')""")
MANY = re.compile(r'_n\(\s*"([^"]+)",\s*"([^"]+)"')
BLANK = re.compile(r"\{[a-z]+\d*\}")
FORMS = {RUSSIAN: 3, KAZAKH: 1}
OWNER = "0x1111111111111111111111111111111111111111"


def said_by_pages() -> set[str]:
    """Return every text that the translated pages say, from the templates and the tables of words."""
    found: set[str] = {"clear", "caution", "malicious", "unknown", "yes", "no", "synthetic", "deployed", "forked"}
    for path in TRANSLATED:
        text = path.read_text()
        found |= {first or second for first, second in ONE.findall(text)}
        found |= {f"{one}|{many}" for one, many in MANY.findall(text)}
    for title, question, _ in words.GROUPS:
        found |= {title, question}
    for pair in words.CRITERIA_GROUPS.values():
        found |= set(pair)
    for table in (words.TITLES, words.HOLDERS, words.EFFECTS, words.VERDICTS, words.OUTCOMES, words.STATES,
                  words.INPUTS, words.SCENARIOS, words.WEIGHTS):  # fmt: skip
        found |= set(table.values())
    fields = [*safe_token.LOCK_FIELDS, *(field for view in template_views() for field in view.parameters)]
    found |= {field.title for field in fields} | set(batch.STATES)
    section = router.SECTION
    return found | {"Other", "What else was looked at?", section.title, section.foot} | {x.title for x in section.links}


def forms_of(shown: str | list[str]) -> list[str]:
    """Return the forms of a text."""
    return [shown] if isinstance(shown, str) else shown


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
def test_every_text_of_the_pages_is_in_the_catalogue_and_nothing_else(language: str) -> None:
    texts = page_texts(language)
    assert sorted(said_by_pages() - texts.keys()) == []
    assert sorted(texts.keys() - said_by_pages()) == []


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
@pytest.mark.parametrize("catalogue", [page_texts, sentence_texts])
def test_blanks_and_forms_of_every_text_agree_with_the_english_one(language: str, catalogue: Any) -> None:
    wrong = []
    for key, shown in catalogue(language).items():
        blanks = {tuple(sorted(BLANK.findall(each))) for each in (*key.split("|"), *forms_of(shown))}
        counted = isinstance(shown, list)
        if len(blanks) != 1 or not all(form.strip() for form in forms_of(shown)):
            wrong.append(key)
        if counted and len(shown) != FORMS[language]:
            wrong.append(key)
    assert wrong == []


@pytest.mark.parametrize("catalogue", [page_texts, sentence_texts])
def test_both_languages_have_the_same_texts(catalogue: Any) -> None:
    assert catalogue(RUSSIAN).keys() == catalogue(KAZAKH).keys()


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
def test_every_sentence_that_a_screening_composes_has_its_template(language: str) -> None:
    sentences = sentences_in(language)
    found = templates()
    assert len(found) > 350, "the sentences were looked for in the wrong places"
    missing = [f"{where}: {text}" for text, where in found.items()
               if not any(sentences.said(each).is_whole for each in tries(text))]  # fmt: skip
    assert missing == []


# Russian: one, few, many of the Unicode CLDR (1, 21, 101; 2 to 4, 22; 5 to 20, 11 to 14, 100).
@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 байт"), (2, "2 байта"), (5, "5 байт"), (11, "11 байт"), (14, "14 байт"), (21, "21 байт"),
     (22, "22 байта"), (112, "112 байт"), (1_003, "1,003 байта")],
)  # fmt: skip
def test_a_number_takes_the_form_that_russian_asks_for(number: int, text: str) -> None:
    count = counter_of(page_texts(RUSSIAN), RUSSIAN)
    assert count("{count} byte", "{count} bytes", number) == text


@pytest.mark.parametrize(
    ("english", "russian", "kazakh"),
    [
        (
            "1 call of privileged functions between purchase and sale harmed nobody",
            "1 вызов привилегированных функций между покупкой и продажей: никому не навредили",
            "сатып алу мен сату арасында артықшылықты функциялардың 1 шақыруы: ешкімге зиян келмеді",
        ),
        (
            "63 calls of privileged functions between purchase and sale harmed nobody",
            "63 вызова привилегированных функций между покупкой и продажей: никому не навредили",
            "сатып алу мен сату арасында артықшылықты функциялардың 63 шақыруы: ешкімге зиян келмеді",
        ),
        (
            f"the owner ({OWNER}) can create supply by mint(address,uint256); guard: the caller must be owner();"
            " bound: the supply stays at or below 1000",
            f"владелец ({OWNER}) может выпускать новые токены через mint(address,uint256); условие: вызывать должен"
            " owner(); предел: эмиссия не превышает: 1000",
            f"иесі ({OWNER}) mint(address,uint256) арқылы жаңа токен шығара алады; шарты: шақырушы owner() болуы тиіс;"
            " шегі: шығарылым мына шектен аспайды: 1000",
        ),
        (
            "the pauser or members of a role can stop all transfers by pause() and 2 more; no bound was found",
            "«pauser» или участники роли может останавливать все переводы через pause() и ещё 2; предел не найден",
            "«pauser» немесе рөл мүшелері pause() және тағы 2 функция арқылы барлық аударымды тоқтата алады; шегі"
            " табылмады",
        ),
        ("the sale reverts: Wallet Locked", "продажа откатывается: Wallet Locked", "сату кері қайтады: Wallet Locked"),
        ("a sentence of tomorrow", "a sentence of tomorrow", "a sentence of tomorrow"),
    ],
)
def test_a_sentence_keeps_names_addresses_and_texts_of_strangers(english: str, russian: str, kazakh: str) -> None:
    assert sentences_in(RUSSIAN).say(english) == russian
    assert sentences_in(KAZAKH).say(english) == kazakh


@pytest.mark.parametrize("text", ["{who}", "{n} calls", "((((" * 500, ": " * 1_900, "the sale reverts: " * 220, "«»"])
def test_a_text_that_was_made_to_break_the_templates_is_shown_as_it_is_or_translated(text: str) -> None:
    said = sentences_in(KAZAKH).say(text)
    assert isinstance(said, str)
    assert len(said) <= 3 * len(text) + 200


def texts_of(plain: dict[str, Any]) -> Iterator[str]:
    """Yield the sentences of a report that are not by strangers, as the page shows them."""
    for power in plain["capabilities"].values():
        yield from filter(None, (power["reason"], power["guard"], power["bound"]))
        yield from (piece["detail"] for piece in power["evidence"])
    yield from (finding["text"] for finding in plain["verdict"]["findings"])
    yield from (plain["verdict"]["next_step"], *plain["notes"])


@pytest.mark.parametrize("name", ["limit-blacklist", "mint-lying-name", "proxy-beacon", "fee-steps"])
def test_nothing_of_a_real_report_stays_english(name: str) -> None:
    built = json.loads((CORPUS / name / "vulnerable.json").read_text())
    code = bytes.fromhex(built["contracts"]["Token"]["creation"].removeprefix("0x"))
    plain = screen(ScreenRequest("token", creation=code, time_limit_s=4)).to_json()
    for language in (RUSSIAN, KAZAKH):
        said = {text: sentences_in(language).said(for_officers(text)) for text in texts_of(plain)}
        assert [text for text, each in said.items() if not each.is_whole] == []


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("?language=kk", {}, "kk"),
        ("", {"cookie": "tarazy_language=ru"}, "ru"),
        ("", {"accept-language": "kk-KZ,ru;q=0.8"}, "kk"),
        ("?language=xx", {"accept-language": "de,fr"}, "en"),
        ("?language=en", {"cookie": "tarazy_language=ru"}, "en"),
    ],
)
@pytest.mark.parametrize("path", ["/report/r-rich", "/report/r-bare", "/report/r-rich/code"])
def test_page_is_in_the_language_asked_for_then_kept_then_accepted(
    path: str, query: str, headers: dict[str, str], language: str
) -> None:
    answer = client(full_services()).get(path + query, headers=headers)
    assert answer.status_code == 200
    assert faults(answer.text) == []
    assert f'<html lang="{language}"' in answer.text
    by_machine = page_texts(language).get("This translation was made by a machine; the English text counts.")
    assert (by_machine is not None) == (language != "en")
    assert by_machine is None or str(by_machine) in answer.text
    assert "Қазақша" in answer.text
    assert ("tarazy_language=" in answer.headers.get("set-cookie", "")) == (query in ("?language=kk", "?language=en"))


def test_page_of_a_chosen_language_keeps_the_rest_of_its_address() -> None:
    text = client(full_services()).get("/report/r-rich/code?page=2").text
    assert "page=2&amp;language=kk" in text


def test_twin_of_a_report_is_the_same_in_every_language() -> None:
    reader = client(full_services())
    assert reader.get("/report/r-rich.json?language=kk").text == reader.get("/report/r-rich.json").text


def test_page_that_is_not_translated_says_that_it_is_english() -> None:
    text = client(full_services()).get("/checks?language=kk").text
    assert '<html lang="en"' in text
    assert "Қазақша" not in text


def test_what_strangers_wrote_is_escaped_in_every_language() -> None:
    bad = "<script>alert(1)</script>"
    services = full_services()
    services.reports["r-bad"] = bare_report("r-bad", f"the sale reverts: {bad}").to_json()
    text = client(services).get("/report/r-bad?language=ru").text
    assert "продажа откатывается: &lt;script&gt;alert(1)" in text
    assert bad not in text


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
@pytest.mark.parametrize(
    "text",
    [
        '0x12…34, a contract, may take all "WATER" (0x56…78), now and whatever comes later',
        '0x12…34, an account whose key somebody holds, may then take ALL you have of "A, may take B" (0x56…78), now and'
        " whatever comes later.",
        'You give away 1,000.5 "WATER" (0x56…78); you have 3 pieces of the token 0x56…78 then.',
        '0x12…34, a contract, may take 5 "WATER" (0x56…78), by way of 0x9a…bc, until 2026-12-01 00:00 UTC',
        f"{OWNER} may take the signer's whole balance of {OWNER}, now and whatever comes later",
        f"{OWNER}: it is listed as phishing_activities",
        "approve: lets somebody else take tokens of the signer, now and later",
        "approvals: more than 1,000 logs from block 18,000,000 on",
        "Liquidity of a pool is no longer locked: 12.5 % is left",
        "The token changed its name and symbol",
        "Can somebody rewrite a holder's balance?",
        "house default, not law: as for purchases",
    ],
)
def test_sentence_for_holders_and_of_the_watch_is_in_the_language_whole(language: str, text: str) -> None:
    said = sentences_in(language).said(text)
    assert said.is_whole
    assert said.text != text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wallet",
        f"/wallet/31337/{TRADER}/sign",
        "/watch",
        "/criteria",
        f"/token/31337/{TOKEN}",
        "/batch",
        "/safe-token",
    ],
)
def test_pages_for_holders_and_officers_are_in_three_languages(path: str) -> None:
    reader = client(full_services())
    for language in (RUSSIAN, KAZAKH):
        answer = reader.get(f"{path}?language={language}")
        assert f'<html lang="{language}"' in answer.text
        assert (
            str(page_texts(language)["This translation was made by a machine; the English text counts."]) in answer.text
        )
        assert faults(answer.text) == []


def test_places_of_storage_stand_beside_no_power_of_the_public_page() -> None:
    services = full_services()
    kept = copy.deepcopy(dict(services.reports["r-rich"]))
    finding = {"criterion": "pause", "outcome": "fail", "severity": "caution", "rests_on": "pause"}
    finding["text"] = f"the owner (storage 0x5 bits 0..159, {OWNER}) can stop all transfers by pause()"
    kept["verdict"]["findings"] = [finding]
    owner = {"kind": "owner", "address": OWNER, "where": "storage 0x5"}
    power = {"answer": "yes", "holders": [owner], "bound": "storage 0x7 stays at or below 12"}
    kept["capabilities"]["pause"] |= power
    services.reports["r-rich"] = kept
    text = client(services).get(f"/token/31337/{TOKEN}").text
    assert "can stop all transfers by pause()" in text
    assert f'data-copy="{OWNER}"' in text
    assert "a stored value stays at or below 12" in text
    assert "storage 0x" not in text
    assert "bits 0..159" not in text


def test_every_next_step_has_its_words() -> None:
    harm = Finding("mint", "fail", "caution", "", "mint")
    market = Finding("market", "fail", "caution", "", "ownership")
    steps = {next_step(word, found) for word in ("malicious", "unknown", "caution", "clear")
             for found in ((), (harm,), (market,))}  # fmt: skip
    assert len(steps) == 5
    assert all(sentences_in(KAZAKH).said(step).is_whole for step in steps)


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
def test_what_templates_of_tokens_promise_and_ask_is_in_the_language_whole(language: str) -> None:
    texts = {text for view in template_views() for text in (view.title, view.text, *view.promises)}
    fields = [*safe_token.LOCK_FIELDS, *(field for view in template_views() for field in view.parameters)]
    said = {text: sentences_in(language).said(text) for text in texts | {field.help for field in fields} if text}
    assert [text for text, each in said.items() if not each.is_whole or each.text == text] == []


@pytest.mark.parametrize("language", [RUSSIAN, KAZAKH])
def test_headings_of_criteria_are_in_the_language_whole(language: str) -> None:
    headings = [text for edition in load_editions() for text in (edition.title, edition.status)]
    assert len(headings) >= 6
    assert [text for text in headings if not sentences_in(language).said(text).is_whole] == []
