"""The time lock on revm: never early, never shorter, by nobody else, and whole whatever the token does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.chains.evm.own_contracts import contract
from tarazy.screening.simulation.engines import load_engine

from .stage import ANN, BEN, DAY, EVE, Placed, RefusedError, Stage, odd

CLIFF, LINEAR = 0, 1
ZERO = "0x" + "0" * 40
FIELDS = ("id", "owner", "token", "amount", "unlocked", "start", "end", "release")


@pytest.fixture(params=["revm", "py-evm"])
def stage(request: pytest.FixtureRequest) -> Stage:
    return Stage(load_engine(request.param))


def lock(time_lock: Placed, token: Placed, amount: int, days: int, release: int = CLIFF, start: int = 0) -> int:
    token.do(ANN, "approve", time_lock.address, amount)
    end = time_lock.stage.now + days * DAY
    number = time_lock.do(ANN, "lockTokens", token.address, amount, ANN, start, end, release)
    assert isinstance(number, int)
    return number


def balance(token: Placed, of: str) -> int:
    found = token.ask("balanceOf", of)
    assert isinstance(found, int)
    return found


def test_cliff_gives_nothing_before_its_end_and_all_at_it(stage: Stage) -> None:
    token, time_lock = stage.token(), stage.time_lock()
    number = lock(time_lock, token, 1000, 10)
    stage.pass_time(10 * DAY - 1)
    with pytest.raises(RefusedError, match="NothingDue"):
        time_lock.do(ANN, "withdraw", number)
    stage.pass_time(1)
    time_lock.do(ANN, "withdraw", number)
    assert (balance(token, ANN), balance(token, time_lock.address)) == (10**24, 0)
    with pytest.raises(RefusedError, match="NothingDue"):
        time_lock.do(ANN, "withdraw", number)


def test_linear_release_gives_what_is_due_rounded_down_and_the_rest_at_the_end(stage: Stage) -> None:
    token, time_lock = stage.token(), stage.time_lock()
    number = lock(time_lock, token, 1000, 3, LINEAR)
    with pytest.raises(RefusedError, match="NothingDue"):
        time_lock.do(ANN, "withdraw", number)
    stage.pass_time(DAY)
    assert time_lock.ask("due", number) == 333
    time_lock.do(ANN, "withdraw", number)
    stage.pass_time(DAY)
    assert time_lock.ask("due", number) == 333
    stage.pass_time(DAY)
    time_lock.do(ANN, "withdraw", number)
    assert dict(zip(FIELDS, time_lock.ask("tokenLock", number), strict=True))["unlocked"] == 1000
    assert balance(token, time_lock.address) == 0


def test_linear_release_with_a_later_start_gives_nothing_before_it(stage: Stage) -> None:
    token, time_lock = stage.token(), stage.time_lock()
    number = lock(time_lock, token, 1000, 20, LINEAR, start=stage.now + 10 * DAY)
    stage.pass_time(9 * DAY)
    assert time_lock.ask("due", number) == 0
    stage.pass_time(DAY)
    assert time_lock.ask("due", number) == 0
    stage.pass_time(5 * DAY)
    assert time_lock.ask("due", number) == 500


def test_end_can_be_put_off_and_never_brought_forward(stage: Stage) -> None:
    token, time_lock = stage.token(), stage.time_lock()
    number, end = lock(time_lock, token, 1000, 10), stage.now + 10 * DAY
    for sooner in (end - 1, end, 0, 1):
        with pytest.raises(RefusedError, match="NotLater"):
            time_lock.do(ANN, "extend", number, sooner)
    time_lock.do(ANN, "extend", number, end + DAY)
    stage.pass_time(10 * DAY)
    with pytest.raises(RefusedError, match="NothingDue"):
        time_lock.do(ANN, "withdraw", number)
    stage.pass_time(DAY)
    time_lock.do(ANN, "withdraw", number)


def test_putting_off_a_linear_release_takes_nothing_back_and_gives_nothing_early(stage: Stage) -> None:
    token, time_lock = stage.token(), stage.time_lock()
    number, end = lock(time_lock, token, 1000, 10, LINEAR), stage.now + 10 * DAY
    stage.pass_time(5 * DAY)
    time_lock.do(ANN, "withdraw", number)
    time_lock.do(ANN, "extend", number, end + 10 * DAY)
    assert time_lock.ask("due", number) == 0
    stage.pass_time(6 * DAY)
    assert time_lock.ask("due", number) == 50
    stage.pass_time(9 * DAY)
    assert time_lock.ask("due", number) == 500


def test_only_the_owner_acts_and_the_owner_can_be_another(stage: Stage) -> None:
    token, time_lock = stage.token(), stage.time_lock()
    number, end = lock(time_lock, token, 1000, 1), stage.now + DAY
    stage.pass_time(DAY)
    for call in (("withdraw", number), ("extend", number, end + 1), ("giveTo", number, EVE)):
        with pytest.raises(RefusedError, match="NotTheOwner"):
            time_lock.do(EVE, *call)
    time_lock.do(ANN, "giveTo", number, BEN)
    with pytest.raises(RefusedError, match="NotTheOwner"):
        time_lock.do(ANN, "withdraw", number)
    time_lock.do(BEN, "withdraw", number)
    assert balance(token, BEN) == 1000


def test_lock_that_does_not_exist_is_refused_everywhere(stage: Stage) -> None:
    time_lock = stage.time_lock()
    for call in (("withdraw", 1), ("extend", 1, 2**40), ("giveTo", 1, EVE), ("tokenLock", 1), ("positionLock", 0)):
        with pytest.raises(RefusedError, match="NoSuchLock"):
            time_lock.do(EVE, *call)


@pytest.mark.parametrize(
    ("amount", "owner", "start", "end", "refusal"),
    [
        (1, ZERO, 0, DAY, "ZeroAddress"),
        (1, ANN, 0, 0, "TimesOutOfOrder"),
        (1, ANN, -1, DAY, "TimesOutOfOrder"),  # a start in the past would give a part at once
        (1, ANN, DAY, DAY, "TimesOutOfOrder"),
        (0, ANN, 0, DAY, "NothingReceived"),
        (10**25, ANN, 0, DAY, "TransferFailed"),
    ],
)
def test_lock_that_makes_no_sense_is_refused(amount: int, owner: str, start: int, end: int, refusal: str) -> None:
    stage = Stage()
    token, time_lock = stage.token(), stage.time_lock()
    token.do(ANN, "approve", time_lock.address, 2**256 - 1)
    times = (stage.now + start if start else 0, stage.now + end)
    with pytest.raises(RefusedError, match=refusal):
        time_lock.do(ANN, "lockTokens", token.address, amount, owner, *times, CLIFF)


def test_amount_that_could_overflow_a_release_is_refused() -> None:
    stage = Stage()
    token, time_lock = stage.token("FixedToken", 2**129), stage.time_lock()
    token.do(ANN, "approve", time_lock.address, 2**129)
    end = stage.now + DAY
    with pytest.raises(RefusedError, match="AmountTooLarge"):
        time_lock.do(ANN, "lockTokens", token.address, 2**128, ANN, 0, end, LINEAR)
    number = time_lock.do(ANN, "lockTokens", token.address, 2**128 - 1, ANN, 0, 2**64 - 1, LINEAR)
    stage.pass_time(10**6)
    time_lock.do(ANN, "withdraw", number)


def test_token_that_takes_a_fee_is_accounted_by_what_arrives() -> None:
    stage = Stage()
    token, time_lock = stage.token("FeeToken", 10**24, 50_000, EVE), stage.time_lock()
    first, second = lock(time_lock, token, 1000, 1), lock(time_lock, token, 2000, 2)
    assert [time_lock.ask("tokenLock", each)[3] for each in (first, second)] == [950, 1900]
    stage.pass_time(DAY)
    time_lock.do(ANN, "withdraw", first)
    assert balance(token, time_lock.address) == time_lock.ask("lockedOf", token.address) == 1900
    stage.pass_time(DAY)
    time_lock.do(ANN, "withdraw", second)
    assert balance(token, time_lock.address) == 0


@pytest.mark.parametrize(("name", "refusal"), [("Refusing", "TransferFailed"), ("Lying", "NothingReceived")])
def test_token_that_moves_nothing_cannot_be_locked(name: str, refusal: str) -> None:
    stage = Stage()
    token, time_lock = stage.place(odd(name)), stage.time_lock()
    token.do(ANN, "give", ANN, 1000)
    with pytest.raises(RefusedError, match=refusal):
        time_lock.do(ANN, "lockTokens", token.address, 1000, ANN, 0, stage.now + DAY, CLIFF)


def test_address_without_code_cannot_be_locked() -> None:
    stage = Stage()
    with pytest.raises(RefusedError):
        stage.time_lock().do(ANN, "lockTokens", EVE, 1000, ANN, 0, stage.now + DAY, CLIFF)


def test_lock_stays_where_its_token_answers_false_or_is_gone() -> None:
    stage = Stage()
    token, time_lock = stage.place(odd("OneWay")), stage.time_lock()
    token.do(ANN, "give", ANN, 1000)
    number = time_lock.do(ANN, "lockTokens", token.address, 1000, ANN, 0, stage.now + DAY, CLIFF)
    stage.pass_time(DAY)
    assert time_lock.attempt(ANN, "withdraw", number) == "TransferFailed"
    stage.engine.set_code(token.address, b"")
    assert time_lock.attempt(ANN, "withdraw", number) == "TransferFailed"
    assert time_lock.ask("due", number) == 1000


def test_old_token_without_answers_can_be_locked_and_withdrawn() -> None:
    stage = Stage()
    token, time_lock = stage.place(odd("Silent")), stage.time_lock()
    token.do(ANN, "give", ANN, 1000)
    number = time_lock.do(ANN, "lockTokens", token.address, 1000, ANN, 0, stage.now + DAY, CLIFF)
    stage.pass_time(DAY)
    time_lock.do(ANN, "withdraw", number)
    assert balance(token, ANN) == 1000


INWARD: dict[str, Callable[[Stage, str], tuple[object, ...]]] = {
    "lockTokens": lambda stage, token: (token, 1, EVE, 0, stage.now + DAY, CLIFF),
    "lockPosition": lambda stage, token: (token, 1, EVE, stage.now + DAY),
    "withdraw": lambda stage, token: (1,),
    "extend": lambda stage, token: (1, 2**40),
    "giveTo": lambda stage, token: (1, EVE),
}


@pytest.mark.parametrize("inward", INWARD)
@pytest.mark.parametrize("outward", ["lockTokens", "withdraw"])
def test_call_back_from_a_token_is_refused(outward: str, inward: str) -> None:
    stage = Stage()
    token, time_lock = stage.place(odd("Reentering")), stage.time_lock()
    token.do(ANN, "give", ANN, 1000)
    number = time_lock.do(ANN, "lockTokens", token.address, 500, ANN, 0, stage.now + DAY, CLIFF)
    time_lock.do(ANN, "giveTo", number, token.address)  # the token itself may do all that an owner may
    stage.pass_time(DAY)
    own = time_lock.do(ANN, "lockTokens", token.address, 100, ANN, 0, stage.now + DAY, CLIFF)
    stage.pass_time(DAY)
    token.do(ANN, "arm", time_lock.address, time_lock.of.call_data(inward, *INWARD[inward](stage, token.address)))
    if outward == "withdraw":
        time_lock.do(ANN, "withdraw", own)
    else:
        time_lock.do(ANN, "lockTokens", token.address, 100, ANN, 0, stage.now + DAY, CLIFF)
    assert token.ask("succeeded") is False
    assert time_lock.of.error_name(token.ask("refusal")) == "Reentered"


# ---------------------------------------------------------------- positions


def test_position_stays_until_its_end_and_comes_back_whole(stage: Stage) -> None:
    manager, time_lock = stage.place(odd("Positions")), stage.time_lock()
    manager.do(ANN, "make", 7, ANN, 500)
    end = stage.now + 10 * DAY
    number = time_lock.do(ANN, "lockPosition", manager.address, 7, ANN, end)
    assert manager.ask("ownerOf", 7) == time_lock.address
    time_lock.do(ANN, "extend", number, end + DAY)
    stage.pass_time(10 * DAY)
    with pytest.raises(RefusedError, match="StillLocked"):
        time_lock.do(ANN, "withdraw", number)
    with pytest.raises(RefusedError, match="NotTheOwner"):
        time_lock.do(EVE, "withdraw", number)
    time_lock.do(ANN, "giveTo", number, BEN)
    stage.pass_time(DAY)
    time_lock.do(BEN, "withdraw", number)
    assert manager.ask("ownerOf", 7) == BEN
    with pytest.raises(RefusedError, match="AlreadyWithdrawn"):
        time_lock.do(BEN, "withdraw", number)


def test_position_of_another_or_one_held_already_cannot_be_locked() -> None:
    stage = Stage()
    manager, time_lock = stage.place(odd("Positions")), stage.time_lock()
    manager.do(ANN, "make", 7, ANN, 500)
    with pytest.raises(RefusedError):
        time_lock.do(EVE, "lockPosition", manager.address, 7, EVE, stage.now + DAY)
    time_lock.do(ANN, "lockPosition", manager.address, 7, ANN, stage.now + DAY)
    with pytest.raises(RefusedError, match="NothingReceived"):
        time_lock.do(EVE, "lockPosition", manager.address, 7, EVE, stage.now + DAY)


def test_position_whose_manager_does_not_move_it_is_not_locked() -> None:
    stage = Stage()
    manager, time_lock = stage.place(odd("LyingPositions")), stage.time_lock()
    assert time_lock.attempt(ANN, "lockPosition", manager.address, 7, ANN, stage.now + DAY) == "NothingReceived"


def test_locked_tokens_cannot_be_taken_out_as_a_position() -> None:
    stage = Stage()
    token, time_lock = stage.token(), stage.time_lock()
    lock(time_lock, token, 1000, 1)
    with pytest.raises(RefusedError):
        time_lock.do(EVE, "lockPosition", token.address, 1000, EVE, stage.now + 1)


def test_code_of_the_lock_has_no_delegated_call_no_end_and_no_constant_owner() -> None:
    from tarazy.chains.evm.code import Code

    instructions = Code(contract("TimeLock").runtime).instructions
    found = {each.name for each in instructions}
    assert not found & {"DELEGATECALL", "CALLCODE", "CREATE", "CREATE2", "SELFDESTRUCT", "ORIGIN"}
    assert {entry["name"] for entry in contract("TimeLock").abi if entry.get("stateMutability") == "nonpayable"} == {
        "lockTokens", "lockPosition", "withdraw", "extend", "giveTo",
    }  # fmt: skip


# ---------------------------------------------------------------- any order of acts

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("lock"), st.integers(1, 10**6), st.integers(1, 40), st.sampled_from([CLIFF, LINEAR])),
        st.tuples(st.just("withdraw"), st.integers(0, 4)),
        st.tuples(st.just("extend"), st.integers(0, 4), st.integers(-30, 30)),
        st.tuples(st.just("wait"), st.integers(1, 20 * DAY)),
    ),
    max_size=25,
)


class Book:
    """One lock as it should be, computed by itself: the sum of what may have left by now is known at any time."""

    def __init__(self, amount: int, start: int, end: int, release: int) -> None:
        self.amount, self.start, self.end, self.release, self.unlocked = amount, start, end, release, 0

    def due(self, now: int) -> int:
        whole = now >= self.end
        part = self.amount * (now - self.start) // (self.end - self.start) if self.release == LINEAR else 0
        return max(0, (self.amount if whole else part) - self.unlocked)


@settings(max_examples=40, deadline=None)
@given(ACTS, st.sampled_from([0, 30_000]))
def test_whatever_is_done_nothing_leaves_early_and_the_lock_stays_solvent(
    acts: list[tuple[int, ...]], fee: int
) -> None:
    stage = Stage()
    token, time_lock = stage.token("FeeToken", 10**24, fee, EVE), stage.time_lock()
    token.do(ANN, "approve", time_lock.address, 2**256 - 1)
    books: list[Book] = []
    for act, *numbers in acts:
        if act == "lock":
            amount, days, release = numbers
            end = stage.now + days * DAY
            time_lock.do(ANN, "lockTokens", token.address, amount, ANN, 0, end, release)
            books.append(Book(amount - amount * fee // 10**6, stage.now, end, release))
        elif act == "wait":
            stage.pass_time(numbers[0])
        elif numbers[0] < len(books):
            book, number = books[numbers[0]], numbers[0] + 1
            if act == "withdraw":
                due, before = book.due(stage.now), balance(token, time_lock.address)
                assert time_lock.attempt(ANN, "withdraw", number) == ("" if due else "NothingDue")
                assert before - balance(token, time_lock.address) == due
                book.unlocked += due
            else:
                later = book.end + numbers[1] * DAY
                assert time_lock.attempt(ANN, "extend", number, later) == ("" if later > book.end else "NotLater")
                book.end = max(book.end, later)
        held = sum(book.amount - book.unlocked for book in books)
        assert balance(token, time_lock.address) == time_lock.ask("lockedOf", token.address) == held
