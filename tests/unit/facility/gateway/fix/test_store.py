"""What sessions keep: numbers and messages over a restart, bounded in both."""

from __future__ import annotations

from pathlib import Path

from tarazy.facility.gateway.fix.store import ORDERS, Numbers, SentMessage, SessionName, SessionStore


def opened(path: Path, messages: int = 3, sessions: int = 2) -> SessionStore:
    """Open a store."""
    return SessionStore(path / "sessions.sqlite3", messages_max=messages, sessions_max=sessions)


def test_numbers_and_messages_are_there_after_a_restart(tmp_path: Path) -> None:
    store, name, numbers = opened(tmp_path), SessionName(7, "ME", ORDERS), Numbers(heard_seq=5)
    store.begin(name, numbers)
    numbers.next_out, numbers.next_in, numbers.heard_seq, numbers.cancels = 4, 3, 9, True
    store.write([(numbers, [SentMessage(2, "8", "t", "11=a\x01"), SentMessage(3, "8", "t", "11=b\x01")])])
    store.close()
    again = opened(tmp_path)
    assert again.load() == {name: numbers}
    assert [each.seq for each in again.messages(numbers.number, 1, 9, 10)] == [2, 3]
    again.close()


def test_session_that_begins_anew_has_no_messages(tmp_path: Path) -> None:
    store, name, numbers = opened(tmp_path), SessionName(7, "ME", ORDERS), Numbers()
    store.begin(name, numbers)
    store.write([(numbers, [SentMessage(1, "8", "t", "")])])
    anew = Numbers(number=numbers.number)
    store.begin(name, anew)
    assert store.messages(anew.number, 1, 9, 10) == []
    assert list(store.load()) == [name]
    store.close()


def test_longest_unused_session_of_an_account_goes(tmp_path: Path) -> None:
    store = opened(tmp_path)
    numbers = [Numbers() for _ in range(4)]
    gone = [store.begin(SessionName(7, f"N{n}", ORDERS), each) for n, each in enumerate(numbers[:3])]
    assert gone == [[], [], [numbers[0].number]]
    assert store.begin(SessionName(7, "N3", ORDERS), Numbers(), {each.number for each in numbers}) == []
    assert store.begin(SessionName(8, "N0", ORDERS), numbers[3]) == []
    assert {name.comp_id for name in store.load() if name.account_id == 7} == {"N1", "N2", "N3"}
    store.close()


def test_oldest_messages_go(tmp_path: Path) -> None:
    store, numbers = opened(tmp_path), Numbers()
    store.begin(SessionName(7, "ME", ORDERS), numbers)
    numbers.next_out = 11
    store.write([(numbers, [SentMessage(seq, "8", "t", "") for seq in range(1, 11)])])
    store.prune([numbers])
    assert [each.seq for each in store.messages(numbers.number, 1, 99, 99)] == [8, 9, 10]
    store.close()
