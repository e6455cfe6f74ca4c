"""Cap data of other providers: signed, fresh, counted once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tarazy.domain.records import AccountOpened, CommandRejected
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.cap_messages import (
    CapCount,
    add_provider,
    make_message,
    subject_of,
    take_message,
    used_elsewhere,
)
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.errors import (
    CapMessageError,
    DecisionRefusedError,
    NotInRegisterError,
    RegisterInputError,
)
from tarazy.facility.accounts.instructions import outbox
from tarazy.facility.accounts.joint_cap import lower_cap

from ...venue.limiting import at, zone
from .desk import DANA, ERIK, OLGA, Desk
from .desk import PERSON as PERSON_FACTS
from .test_record import CashDesk

OURS, THEIRS = KeySigner.from_seed(bytes([8]) * 32), KeySigner.from_seed(bytes([9]) * 32)
PERSON = subject_of(b"shared secret of the providers", "910203400123")
COUNT = CapCount(PERSON, "2026-11", 40_000, 25_000)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Desk, Desk]:
    """Return two facilities that know each other's keys."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = Desk(tmp_path / "a"), Desk(tmp_path / "b")
    add_provider(one.register, DANA, "other.example", THEIRS.public_key)
    add_provider(other.register, DANA, "one.example", OURS.public_key)
    return one, other


def sent(desk: Desk, *counts: CapCount) -> bytes:
    """Return a message of the first facility to the second."""
    return make_message(desk.register, OLGA, OURS, "one.example", "other.example", list(counts or (COUNT,)))


def test_counts_reach_the_other_and_the_newest_stands(pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    assert take_message(other.register, OLGA, "other.example", sent(one)) == [COUNT]
    take_message(other.register, OLGA, "other.example", sent(one, COUNT._replace(deposits_cents=70_000)))
    assert used_elsewhere(other.register, PERSON, "2026-11") == COUNT._replace(deposits_cents=70_000)
    assert used_elsewhere(other.register, PERSON, "2026-12") == CapCount(PERSON, "2026-12", 0, 0)


def test_no_identifier_is_in_a_message(pair: tuple[Desk, Desk]) -> None:
    assert b"910203400123" not in sent(pair[0])
    # RFC 4231, test case 2: HMAC-SHA256 of "what do ya want for nothing?" under "Jefe".
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert subject_of(b"Jefe", "what do ya want for nothing?") == expected


def test_a_replay_is_refused_and_counts_nothing(pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    first, second = sent(one), sent(one, COUNT._replace(deposits_cents=1))
    take_message(other.register, OLGA, "other.example", second)
    for old in (first, second):
        with pytest.raises(CapMessageError, match="number: expected more than 2"):
            take_message(other.register, OLGA, "other.example", old)
    assert used_elsewhere(other.register, PERSON, "2026-11").deposits_cents == 1


@pytest.mark.parametrize(("seconds", "taken"), [(300, True), (301, False), (-60, True), (-61, False)])
def test_messages_that_are_too_old_or_from_the_future(pair: tuple[Desk, Desk], seconds: int, taken: bool) -> None:
    one, other = pair
    message = sent(one)
    other.later(seconds=seconds)
    if taken:
        take_message(other.register, OLGA, "other.example", message)
    else:
        with pytest.raises(CapMessageError, match="a message of the last 300 s"):
            take_message(other.register, OLGA, "other.example", message)
        assert used_elsewhere(other.register, PERSON, "2026-11").deposits_cents == 0


def test_changed_foreign_and_misaddressed_messages(pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    message = json.loads(sent(one))
    for before, after, words in (
        ("40000", "30000", "signature: expected one of"),
        ("one.example", "evil.example", "a provider of the register"),
        ("other.example", "third.example", "recipient: expected other.example"),
        ('"number":1', '"number": 1', "canonical JSON"),
        ('"number":1', '"number":1.5', "number: expected int"),
        ('"2026-11"', '"2026-13"', "a month"),
        ('"purchases_cents":25000', '"purchases_cents":-1', "cents of 0 or more"),
        ('"format":', '"more":1,"format":', "an object with"),
    ):
        changed = message | {"message": message["message"].replace(before, after)}
        with pytest.raises(CapMessageError, match=words):
            take_message(other.register, OLGA, "other.example", json.dumps(changed).encode())
    for raw in (b"", b"\xff\xfe", b"[]", b"[" * 100_000, b"{}", json.dumps(message | {"signature": "zz"}).encode()):
        with pytest.raises(CapMessageError):
            take_message(other.register, OLGA, "other.example", raw)
    assert other.register.all("SELECT * FROM cap_counts") == []


def test_a_key_that_was_changed_ends_the_old_ones_messages(pair: tuple[Desk, Desk]) -> None:
    one, other = pair
    message = sent(one)
    add_provider(other.register, DANA, "one.example", THEIRS.public_key)
    with pytest.raises(CapMessageError, match="signature"):
        take_message(other.register, OLGA, "other.example", message)
    with pytest.raises(RegisterInputError, match="a key of 32 bytes"):
        add_provider(other.register, DANA, "one.example", b"short")
    with pytest.raises(NotInRegisterError, match="provider"):
        make_message(one.register, OLGA, OURS, "one.example", "nobody.example", [])


def test_what_was_used_elsewhere_is_taken_off_until_the_month_ends(tmp_path: Path) -> None:
    # USD 1,000 a month over all providers: 400 elsewhere leave 600; in December 1,000 again. Midnight of the 1st of
    # December in UTC+5 is 19:00 UTC of 30 November.
    (tmp_path / "b").mkdir()
    desk, other = Desk(tmp_path), Desk(tmp_path / "b")
    add_provider(desk.register, DANA, "one.example", OURS.public_key)
    add_provider(other.register, DANA, "other.example", THEIRS.public_key)
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    cash = CashDesk(desk)
    at(cash.floor, "2026-11-30T09:00:00")
    zone(cash.floor, 5)
    opens, states = outbox(desk.register, client)[0].commands
    account = cash.apply(opens).one(AccountOpened).account_id
    cash.apply(states)
    take_message(desk.register, OLGA, "other.example", sent(other))
    secret = b"shared secret of the providers"
    lower_cap(desk.register, DANA, client, secret, 2, bytes([7]) * 32)
    for command in outbox(desk.register, client)[-1].commands:
        assert not cash.apply(command).of(CommandRejected)
    assert [cash.deposit(account, dollars) for dollars in (500, 500)] == [500, 100]
    take_message(desk.register, OLGA, "other.example", sent(other, COUNT._replace(deposits_cents=100_000)))
    for command in lower_cap(desk.register, DANA, client, secret, 2, bytes([7]) * 32):  # told again in one month
        assert not cash.apply(command).of(CommandRejected)
    at(cash.floor, "2026-11-30T18:59:59")
    assert cash.deposit(account, 1) == 0
    at(cash.floor, "2026-11-30T19:00:00")
    assert [cash.deposit(account, dollars) for dollars in (700, 700)] == [700, 300]
    desk.register.close()
    other.register.close()


def test_a_client_whom_the_cap_does_not_bind_or_nobody_can_name_has_no_joint_cap(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for change in ({"identifier": ""}, {"residence": "DE"}):
        client, _ = desk.applicant(PERSON_FACTS._replace(**change))
        desk.make_retail(client)
        with pytest.raises(DecisionRefusedError, match="a resident retail client with an identifier"):
            lower_cap(desk.register, DANA, client, b"secret", 2, bytes(32))
    desk.register.close()
