"""The record: what was changed, cut, put in or forged is found; a crash loses nothing that was acknowledged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tarazy.authority.desk import AuthorityDesk
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.record import NAME, ActRecord, UnsignedAct, canonical

from .office import APPLICATION, Office


def path(office: Office) -> Path:
    """Return the file."""
    return office.folder / NAME


def lines(office: Office) -> list[bytes]:
    """Return the lines of a closed record."""
    office.desk.record.close()
    return path(office).read_bytes().splitlines(keepends=True)


def test_the_state_is_the_replay_of_the_record(office: Office) -> None:
    office.licensed().listed()
    before = office.desk.state
    assert office.reopened().desk.state == before


def test_a_last_line_without_its_end_was_never_acknowledged_and_is_cut_off(office: Office) -> None:
    office.licensed()
    head, count = office.desk.record.head, len(office.desk.record.lines)
    office.desk.record.close()
    whole = path(office).stat().st_size
    with path(office).open("ab") as file:
        file.write(b'{"act":"licence.withdraw"')
    office.desk = AuthorityDesk(ActRecord(office.folder), lambda: office.at)
    assert (office.desk.record.head, len(office.desk.record.lines)) == (head, count)
    assert path(office).stat().st_size == whole
    office.two("licence.suspend", "caspian", {"kind": "ordered", "reason": "goes on after the cut"})
    assert office.reopened().desk.state.licences["caspian"].state == "suspended"


@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_changed_line_is_found(office: Office, place: int) -> None:
    kept = lines(office.licensed())
    kept[place] = kept[place].replace(b'"at":"2026', b'"at":"2025')
    path(office).write_bytes(b"".join(kept))
    with pytest.raises(ActRecordError, match="It was changed"):
        ActRecord(office.folder)


def test_a_line_taken_out_is_found(office: Office) -> None:
    kept = lines(office.licensed())
    path(office).write_bytes(b"".join(kept[:3] + kept[4:]))
    with pytest.raises(ActRecordError, match="act 4"):
        ActRecord(office.folder)


def test_a_line_whose_hash_was_computed_anew_lacks_its_signature(office: Office) -> None:
    kept = lines(office.licensed())
    row = json.loads(kept[-1])
    row["at"] = row["at"].replace("2026", "2027")
    act = UnsignedAct(*(row[field] for field in UnsignedAct._fields))
    row["hash"] = act.digest.hex()
    path(office).write_bytes(b"".join(kept[:-1]) + canonical(row).encode() + b"\n")
    with pytest.raises(ActRecordError, match="a signature of the key"):
        ActRecord(office.folder)


def test_a_line_signed_by_a_stranger_is_found_in_the_replay(office: Office) -> None:
    stranger = office.keys[3]
    act = office.desk.prepare(1, "application.receive", "other", APPLICATION)
    office.desk.record.append(act, stranger.public_key, stranger.sign(act.message))  # as who holds the file can
    office.desk.record.close()
    with pytest.raises(ActRecordError, match=r"the key .* of officer 1"):
        AuthorityDesk(ActRecord(office.folder))


def test_two_writers_are_refused_and_a_reader_is_not(office: Office) -> None:
    with pytest.raises(ActRecordError, match="no other writer"):
        ActRecord(office.folder)
    assert len(ActRecord(office.folder, reads_only=True).lines) == 1


def test_an_act_signed_before_another_came_is_signed_again(office: Office) -> None:
    act = office.desk.prepare(1, "application.receive", "first", APPLICATION)
    office.act("application.receive", "second", APPLICATION)
    with pytest.raises(ActRefusedError, match="sign again"):
        office.desk.commit(act, office.keys[1].public_key, office.keys[1].sign(act.message))
    assert "first" not in office.desk.state.licences


def test_an_act_signed_long_ago_is_prepared_anew(office: Office) -> None:
    act = office.desk.prepare(1, "application.receive", "first", APPLICATION)
    office.at += 601
    with pytest.raises(ActRefusedError, match="Prepare it anew"):
        office.desk.commit(act, office.keys[1].public_key, office.keys[1].sign(act.message))


def test_a_full_device_writes_nothing_and_the_desk_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real, size = os.write, path(office).stat().st_size

    def half(file: int, data: bytes) -> int:
        return real(file, data[: len(data) // 2])

    monkeypatch.setattr("tarazy.platform.signed_acts.record.os.write", half)
    with pytest.raises(ActRecordError, match="room and leave to write"):
        office.act("application.receive", "caspian", APPLICATION)
    monkeypatch.undo()
    assert path(office).stat().st_size == size
    assert office.desk.state.licences == {}
    office.act("application.receive", "caspian", APPLICATION)
    assert office.reopened().desk.state.licences["caspian"].state == "applied"


def test_a_linked_record_is_not_followed(tmp_path: Path, office: Office) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / NAME).symlink_to(path(office))
    with pytest.raises(OSError, match="symbolic"):
        ActRecord(other)
