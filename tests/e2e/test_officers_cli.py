"""From two key files to a change in the venue: found, draft, show, sign, submit, status; and every wrong turn."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.cli.engines import fastest, load_engine
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.durable_position import published_frame
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader

from .offices import REGISTER, Office, Run, draft, found_office, signed_by_both

SUSPEND = ("--command", "SuspendAsset", "asset_id=1", f"decision_hash={'ab' * 32}")


@pytest.fixture
def office(tarazy: Run, tmp_path: Path) -> Office:
    """Return a facility that two administrators have founded."""
    return found_office(tarazy, tmp_path)


def refused(tarazy: Run, office: Office, *words: object) -> str:
    """Return why a draft was not written."""
    path = office.folder / "refused.json"
    done = tarazy("instruct", "draft", path, "--facility", office.facility, *words)
    assert done.code in (1, 2)
    assert not path.exists()
    return done.err


def test_founders_are_the_records_first_officers(tarazy: Run, office: Office) -> None:
    listed = tarazy("officer", "list", office.facility, "--json").json["officers"]
    assert [officer["officer_id"] for officer in listed] == [1, 2]
    assert listed[0]["roles"] == ["administrator", "operations", "custody", "finance", "compliance"]
    verified = tarazy("verify", office.facility, "--json").json
    assert (verified["ok"], verified["commands"]) == (True, 3)
    assert (office.folder / "venue.keys" / "facility.key").stat().st_mode & 0o777 == 0o600


def test_instruction_of_both_changes_the_venue_and_is_in_the_record(tarazy: Run, office: Office) -> None:
    paper = office.folder / "decision.txt"
    paper.write_text("admitted by the committee")
    path = draft(tarazy, office, *REGISTER, "--command", "AdmitAsset", "asset_id=1", f"decision_hash=@{paper}")
    shown = tarazy("instruct", "show", path, "--document", paper, "--json")
    assert shown.code == 0
    assert shown.json["draft"]["documents"] == [
        {"name": "decision.txt", "sha256": sha256(paper.read_bytes()).hexdigest()}
    ]
    digest = shown.json["draft"]["digest"]
    assert tarazy("instruct", "sign", path, "--key", office.keys[0], "--digest", digest).code == 0
    assert tarazy("instruct", "status", path, "--json").json["missing"] == [2]
    assert tarazy("instruct", "sign", path, "--key", office.keys[1], "--facility", office.facility).code == 0
    done = tarazy("instruct", "submit", office.facility, path, "--json")
    assert done.code == 0, done.err
    answers = [(answer["command"], answer["refused"]) for answer in done.json["answers"]]
    assert answers == [("PresentInstruction", ""), ("RegisterAsset", ""), ("AdmitAsset", "")]
    status = tarazy("instruct", "status", path, "--facility", office.facility, "--json").json
    assert status["presented_seqs"] == [4]
    explained = tarazy("explain", office.facility, 5)
    assert "the instruction of command 4 covers it, signed by officer 1 and officer 2" in explained.out
    assert tarazy("verify", office.facility).code == 0
    assert tarazy("replay", office.facility, "--json").json["agrees"] is True


def test_what_a_submission_writes_is_published(tarazy: Run, office: Office) -> None:
    identity = load_identity(office.facility)
    for code in ("BTC", "ETH"):
        last = list(JournalReader(office.facility))[-1]
        assert published_frame(office.facility, identity.facility_id) == last.header.frame_number
        assert tarazy("events", "check", office.facility).code == 0
        assert tarazy("head", office.facility, "--json").json["size"] == last.header.frame_number - 1
        path = signed_by_both(tarazy, office, *REGISTER[:-2], f"asset_code={code}", "dti=")
        assert tarazy("instruct", "submit", office.facility, path).code == 0
        path.unlink()


def test_instruction_works_once(tarazy: Run, office: Office) -> None:
    path = signed_by_both(tarazy, office, *REGISTER)
    assert tarazy("instruct", "submit", office.facility, path).code == 0
    again = tarazy("instruct", "submit", office.facility, path, "--json")
    assert again.code == 1
    assert [answer["refused"] for answer in again.json["answers"]] == ["instruction_number_used", "instruction_missing"]


def test_draft_with_one_signature_waits_and_nothing_is_lost(tarazy: Run, office: Office) -> None:
    path = draft(tarazy, office, *REGISTER)
    assert tarazy("instruct", "sign", path, "--key", office.keys[0]).code == 0
    before = path.read_bytes()
    done = tarazy("instruct", "submit", office.facility, path)
    assert done.code == 1
    assert "every signature, found none of officer 2" in done.err
    assert path.read_bytes() == before
    assert tarazy("instruct", "sign", path, "--key", office.keys[0]).code == 1


def test_folder_in_use_is_left_alone_and_so_is_the_draft(tarazy: Run, office: Office) -> None:
    path = signed_by_both(tarazy, office, *REGISTER)
    with Sequencer.open(office.facility, load_engine(fastest())):
        done = tarazy("instruct", "submit", office.facility, path)
    assert done.code == 2
    assert "hand it to the facility that is served with --url" in done.err
    assert tarazy("instruct", "submit", office.facility, path).code == 0


def test_changed_draft_is_neither_signed_nor_submitted(tarazy: Run, office: Office) -> None:
    path = signed_by_both(tarazy, office, *REGISTER)
    path.write_text(path.read_text().replace('"BTC"', '"BTX"'))
    for words in (("sign", path, "--key", office.keys[0]), ("show", path), ("submit", office.facility, path)):
        done = tarazy("instruct", *words)
        assert done.code == 1
        assert "changed after it was drafted" in done.err


def test_digest_that_was_read_out_must_be_the_drafts(tarazy: Run, office: Office) -> None:
    path = draft(tarazy, office, *REGISTER)
    done = tarazy("instruct", "sign", path, "--key", office.keys[0], "--digest", "00" * 32)
    assert done.code == 2
    assert "nothing was signed" in done.err
    assert tarazy("instruct", "status", path, "--json").json["missing"] == [1, 2]


def test_draft_for_another_facility_is_not_submitted(tarazy: Run, office: Office, tmp_path: Path) -> None:
    path = signed_by_both(tarazy, office, *REGISTER)
    other = tmp_path / "other"
    first, second = office.keys
    tarazy("facility", "create", other, "--name", "Other", "--officer", first, "--officer", second)
    done = tarazy("instruct", "submit", other, path)
    assert done.code == 2
    assert "expected an instruction to Other" in done.err
    assert tarazy("instruct", "show", path, "--facility", other).code == 2


def test_one_officer_stops_an_asset_and_two_are_asked_for_more(tarazy: Run, office: Office) -> None:
    path = draft(tarazy, office, *SUSPEND, approver=False)
    assert json.loads(path.read_text())["officers"][0]["officer_id"] == 1
    assert "RegisterAsset: expected 2 officers, found 1; give --approver" in refused(
        tarazy, office, "--officer", 1, *REGISTER
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--officer", 3, *SUSPEND), "expected an officer from 1 to 2, found 3"),
        (("--officer", 1, "--approver", 1, *SUSPEND), "two different officers"),
        (("--officer", 1), "found both or neither"),
        (("--officer", 1, "--command", "SuspendAset", "asset_id=1"), "The nearest is SuspendAsset"),
        (("--officer", 1, "--command", "SuspendAsset", "aset_id=1"), "The nearest is asset_id"),
        (("--officer", 1, "--command", "SuspendAsset", "asset_id"), "expected FIELD=VALUE after SuspendAsset"),
        (("--officer", 1, "--command", "SuspendAsset", "asset_id=1"), "found no decision_hash"),
        (("--officer", 1, "--command", "SuspendAsset", "asset_id=1", "asset_id=2"), "expected asset_id once"),
        (("--officer", 1, "--command", "SuspendAsset", "asset_id=1", "decision_hash=@none.pdf"), "none.pdf"),
        (
            ("--officer", 1, "--command", "CancelAll", "market_id=1", "account_id=1", "session_id=0"),
            "CancelAll for a client: expected --document with the reason",
        ),
    ],
)
def test_wrong_draft_says_what_is_right(tarazy: Run, office: Office, words: tuple[object, ...], why: str) -> None:
    assert why in refused(tarazy, office, *words)


def test_new_officer_with_one_role_cannot_sign_beyond_it(tarazy: Run, office: Office) -> None:
    key = office.folder / "dana.key"
    public = tarazy("officer", "new", key, "--json").json["public_key"]
    terms = ("officer_roles=custody", "valid_from_ns=0", "valid_until_ns=2099-01-01T00:00:00Z", f"public_key={public}")
    path = signed_by_both(tarazy, office, "--command", "RegisterOfficer", *terms)
    assert tarazy("instruct", "submit", office.facility, path).code == 0
    why = refused(tarazy, office, "--officer", 3, *SUSPEND)
    assert "SuspendAsset: expected an officer with one of operations+compliance, found officer 3 with custody" in why


def test_commands_come_from_a_file_too(tarazy: Run, office: Office) -> None:
    source = office.folder / "commands.json"
    register = {"command": "RegisterAsset", "asset_kind": "digital", "scale": 8, "asset_code": "BTC", "dti": ""}
    source.write_text(json.dumps([register]))
    path = draft(tarazy, office, "--from", source)
    assert json.loads(path.read_text())["commands"] == [register]
    source.write_text("{}")
    assert "expected a list of commands, found an object" in refused(
        tarazy, office, "--officer", 1, "--approver", 2, "--from", source
    )


def test_key_with_a_passphrase_signs_with_it_alone(tarazy: Run, tmp_path: Path) -> None:
    secret, wrong = tmp_path / "secret", tmp_path / "wrong"
    secret.write_text("correct horse\n")
    wrong.write_text("wrong horse\n")
    keys = [tmp_path / "a.key", tmp_path / "b.key"]
    assert tarazy("officer", "new", keys[0], "--passphrase-file", secret, "--json").json["encrypted"] is True
    assert tarazy("officer", "new", keys[1]).code == 0
    create = ("facility", "create", tmp_path / "venue", "--name", "V", "--officer", keys[0], "--officer", keys[1])
    assert "give --passphrase-file" in tarazy(*create).err
    assert tarazy(*create, "--passphrase-file", wrong).code == 1
    assert not (tmp_path / "venue").exists()
    assert tarazy(*create, "--passphrase-file", secret).code == 0


def test_facility_needs_two_administrators_with_keys_of_their_own(tarazy: Run, tmp_path: Path) -> None:
    keys = [tmp_path / "a.key", tmp_path / "b.key"]
    for key in keys:
        tarazy("officer", "new", key)
    create = ("facility", "create", tmp_path / "venue", "--name", "V", "--officer", keys[0])
    for second, why in (
        ((), "at least 2 administrators among the officers, found 1"),
        (("--officer", keys[0]), "a key of its own for every officer, found one twice"),
        (("--officer", f"{keys[1]}=custody"), "at least 2 administrators among the officers, found 1"),
        (("--officer", f"{keys[1]}=machine+custody"), "roles of a person, or machine alone"),
        (("--officer", f"{keys[1]}=custodian"), "The nearest is custody"),
        (("--officer", tmp_path / "none.key"), "to read the key"),
    ):
        done = tarazy(*create, *second)
        assert done.code == 1
        assert why in done.err
        assert not (tmp_path / "venue").exists()


def test_key_file_is_never_overwritten(tarazy: Run, tmp_path: Path) -> None:
    key = tmp_path / "a.key"
    assert tarazy("officer", "new", key).code == 0
    before = key.read_bytes()
    assert "a key is never overwritten" in tarazy("officer", "new", key).err
    assert key.read_bytes() == before
