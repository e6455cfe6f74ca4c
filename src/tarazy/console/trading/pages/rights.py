"""A client's own affairs: its class, what is left of the monthly cap, the test of knowledge, complaints."""

from __future__ import annotations

from typing import Any

from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.refusal_words import trimmed
from tarazy.console.trading.visit import Visit
from tarazy.domain.records import ClientClass
from tarazy.facility.accounts.errors import AccountsError
from tarazy.facility.accounts.front_desk import COMPLAINT, TEST, TEXT_CHARS_MAX
from tarazy.facility.accounts.web_test import answer_test, begin_test, paper, turn_of
from tarazy.facility.gateway.monthly_cap import DEPOSITS, caps_left, in_currencies, month_of
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE, CLIENT_CLASS
from tarazy.oversight.requests.decimals import text_of

CAP = "retail.resident.monthly_cap_usd"
DEPOSIT = "deposit_credited"
LINES_MAX = 5_000
NEWEST = 1 << 62  # behind every command: the rates that are in force


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page."""
    return rights_page(desk, visit)


def rights_page(desk: TradingDesk, visit: Visit, wrong: str = "", done: str = "", status: int = 200) -> Page:
    """Return the page with what was wrong, or what was done."""
    user, front = visit.person, desk.front
    turn = turn_of(front, user.name)
    is_retail = desk.gateway.models.venue.accounts.rows[visit.account_id][CLIENT_CLASS] == ClientClass.retail
    cap = front.parameters.at(CAP, front.today)
    data = {
        "account": visit.account_id,
        "class": visit.words(desk.class_of(visit.account_id)),
        "is_retail": is_retail,
        "cap_usd": int(cap.value),
        "cap_source": cap.source,
        "caps": caps_this_month(desk, visit),
        "used": used_this_month(desk, visit.account_id),
        "test": {
            "is_under_way": turn.under_way is not None,
            "next_at": turn.next_at.isoformat() if turn.next_at else "",
            "results": [test_result(row.body, row.at_s) for row in front.of(user.name, TEST) if "permille" in row.body],
        },
        "complaints": [complaint_row(row.plain()) for row in front.of(user.name, COMPLAINT)],
        "wrong": wrong,
        "done": done,
    }
    return Page("rights.html", visit.words("Your rights"), data, {"text_max": TEXT_CHARS_MAX}, status=status)


def caps_this_month(desk: TradingDesk, visit: Visit) -> list[dict[str, Any]]:
    """Return of each recorded cap what it is, what was used and what is left, in every currency with a rate."""
    venue, views = desk.gateway.models.venue, desk.feeds.views
    uses = caps_left(venue, views.limit_terms, desk.gateway.history, visit.account_id, views.now_ns())

    def said(value: int | None) -> list[dict[str, str]]:
        found = [] if value is None else in_currencies(venue, views.limit_terms, value, NEWEST)
        return [
            {
                "asset": venue.assets.rows[number][ASSET_CODE],
                "amount": trimmed(text_of(amount, venue.assets.rows[number][ASSET_SCALE])),
            }
            for number, amount in found
        ]

    return [
        {
            "kind": visit.words("deposits") if use.kind == DEPOSITS else visit.words("purchases"),
            "is_known": use.left_minor is not None,
            "is_lifted": use.is_lifted,
            "most": said(use.most_minor),
            "used": said(use.used_minor),
            "left": said(use.left_minor),
        }
        for use in uses
    ]


def used_this_month(desk: TradingDesk, account_id: int) -> list[dict[str, str]]:
    """Return deposits and purchases of the running month by asset.

    The month is that of the venue's clock, as the caps count it.
    """
    venue = desk.gateway.models.venue
    found = desk.gateway.history.in_period(account_id, month_of(venue, desk.feeds.views.now_ns()), LINES_MAX)
    sums: dict[int, list[int]] = {}
    for line in found.lines:
        row = sums.setdefault(line.asset_id, [0, 0])
        if line.event == DEPOSIT:
            row[0] += max(line.change_minor, 0)
        elif line.trade is not None and line.trade.side == 1 and line.change_minor < 0:
            row[1] -= line.change_minor
    rows = []
    for asset_id, amounts in sorted(sums.items()):
        asset = venue.assets.rows[asset_id]
        texts = [trimmed(text_of(each, asset[ASSET_SCALE])) for each in amounts]
        if any(amounts):
            rows.append({"asset": asset[ASSET_CODE], "deposits": texts[0], "purchases": texts[1]})
    return rows


def test_result(body: dict[str, Any], at_s: int) -> dict[str, Any]:
    """Return a result, without what tells the right answers."""
    return {"at_s": at_s, "percent": body["permille"] / 10, "is_passed": body["permille"] >= body["mark"]}


def complaint_row(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a complaint with its clocks."""
    names = ("number", "at_s", "acknowledge_by", "answer_by")
    row = {name: plain[name] for name in names}
    return {**row, "text": plain["body"]["text"], "is_taken": plain["taken_s"] is not None}


def complain(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Take a complaint in."""
    try:
        row = desk.front.complain(visit.person.name, visit.account_id, asked.form.text("text"))
    except AccountsError as error:
        return rights_page(desk, visit, wrong=str(error), status=422)
    done = visit.words("Complaint {number} came in. You get an answer in writing.", number=row.number)
    return rights_page(desk, visit, done=done)


# ---------------------------------------------------------------- the test of knowledge


def begin(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | Redirect:
    """Begin an attempt."""
    visit.require_acting()
    try:
        begin_test(desk.front, visit.person.name, visit.account_id)
    except AccountsError as error:
        return rights_page(desk, visit, wrong=str(error), status=409)
    return Redirect("test", {"account": str(visit.account_id)})


def test(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | Redirect:
    """Return the paper of the attempt under way."""
    return paper_page(desk, visit)


def paper_page(desk: TradingDesk, visit: Visit, wrong: str = "") -> Page | Redirect:
    """Return the paper; the right answers are not in it."""
    row = turn_of(desk.front, visit.person.name).under_way
    if row is None:
        return Redirect("rights", {"account": str(visit.account_id)})
    questions = [
        {"text": each.question.text[visit.language], "answers": [answer[visit.language] for answer in each.answers]}
        for each in paper(row)
    ]
    data = {"account": visit.account_id, "questions": questions, "mark": row.body["mark"] / 10, "wrong": wrong}
    return Page("test.html", visit.words("Test of knowledge"), data, status=422 if wrong else 200)


def answer(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | Redirect:
    """Mark the answers."""
    visit.require_acting()
    fields = [asked.form.text(f"answer-{at}") for at in range(1, 101)]
    answers = [int(text) for text in fields if text.isascii() and text.isdecimal() and len(text) < 3]
    try:
        result = answer_test(desk.front, visit.person.name, answers)
    except AccountsError as error:
        if turn_of(desk.front, visit.person.name).under_way is None:
            raise PageError(409, visit.words("Not done"), str(error)) from error
        return paper_page(desk, visit, visit.words("Answer every question."))
    is_passed = result["permille"] >= result["mark"]
    text = "Passed with {percent} %. Two officers look at it." if is_passed else "Not passed: {percent} %."
    return rights_page(desk, visit, done=visit.words(text, percent=f"{result['permille'] / 10:g}"))


# ---------------------------------------------------------------- signing up


def sign_up(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page on which anybody asks to become a client."""
    return Page("sign_up.html", visit.words("Become a client"), {"wrong": "", "number": 0})


def ask_to_sign_up(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Take a request in."""
    form, title = asked.form, visit.words("Become a client")
    try:
        row = desk.front.sign_up(form.text("name"), form.text("reach"), form.text("text"))
    except AccountsError as error:
        return Page("sign_up.html", title, {"wrong": str(error), "number": 0}, status=422)
    return Page("sign_up.html", title, {"wrong": "", "number": row.number})
