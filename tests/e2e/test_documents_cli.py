"""`tarazy documents` and `tarazy verify --documents`: from a file that officers read to the one that is missing later.

Oracle: hashlib's SHA-256; the documents that the drafts were made with.
"""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.journal.named_documents import named_documents
from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.store import Documents

from .offices import REGISTER, Office, Run, found_office, signed_by_both


@pytest.fixture
def office(tarazy: Run, tmp_path: Path) -> Office:
    """Return a facility that two administrators have founded."""
    return found_office(tarazy, tmp_path)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """Return a decision."""
    path = tmp_path / "decision.txt"
    path.write_text("The committee admits asset 1.")
    return path


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return sha256(path.read_bytes()).hexdigest()


def test_document_is_added_shown_listed_and_written_out(tarazy: Run, tmp_path: Path, paper: Path) -> None:
    store = tmp_path / "venue.documents"
    done = tarazy("documents", "add", store, paper, "--kind", "decision", "--json")
    assert done.code == 0, done.err
    (added,) = done.json["documents"]
    today = datetime.now(UTC).date()
    assert added["sha256"] == digest(paper)
    assert (added["name"], added["media_type"], added["added_by"]) == ("decision.txt", "text/plain", getpass.getuser())
    assert date.fromisoformat(added["retain_until"]).year == today.year + 6
    shown = tarazy("documents", "show", store, digest(paper).upper(), "--out", tmp_path / "copy.txt", "--json")
    assert shown.json == added | {"state": "present"}
    assert (tmp_path / "copy.txt").read_bytes() == paper.read_bytes()
    assert tarazy("documents", "show", store, digest(paper), "--out", tmp_path / "copy.txt").code == 1
    listed = tarazy("documents", "list", store, "--check", "--json").json
    assert listed["states"] == {digest(paper): "present"}
    assert tarazy("documents", "list", store, "--kind", "evidence", "--json").json["documents"] == []


def test_damaged_document_is_listed_with_exit_code_1(tarazy: Run, tmp_path: Path, paper: Path) -> None:
    store = tmp_path / "venue.documents"
    assert tarazy("documents", "add", store, paper, "--kind", "decision").code == 0
    Documents(store).path(digest(paper)).write_bytes(b"other")
    listed = tarazy("documents", "list", store, "--check")
    assert listed.code == 1
    assert "DAMAGED" in listed.out
    assert tarazy("documents", "show", store, digest(paper)).code == 1
    done = tarazy("documents", "show", store, digest(paper), "--out", tmp_path / "copy.txt")
    assert done.code == 1
    assert "expected bytes of SHA-256" in done.err
    assert not (tmp_path / "copy.txt").exists()


def test_deletion_before_its_day_is_refused_with_the_date(tarazy: Run, tmp_path: Path, paper: Path) -> None:
    store = tmp_path / "venue.documents"
    assert tarazy("documents", "add", store, paper, "--kind", "evidence", "--until", "2099-12-31").code == 0
    done = tarazy("documents", "delete", store, digest(paper), "--reason", "no room")
    assert done.code == 1
    assert "found one to be kept until 2099-12-31" in done.err
    assert tarazy("documents", "retain", store, digest(paper), "--until", "2098-01-01").code == 1
    done = tarazy("documents", "retain", store, digest(paper), "--until", "2100-01-01", "--json")
    assert done.json["retain_until"] == "2100-01-01"


def test_document_after_its_day_is_deleted_and_leaves_a_tombstone(tarazy: Run, tmp_path: Path, paper: Path) -> None:
    store, long_ago = tmp_path / "venue.documents", datetime(2015, 1, 1, tzinfo=UTC)
    said = Description(Kind.statement, "old", "text/plain", date(2021, 1, 1), "anna")
    Documents(store).add(paper, said, long_ago)
    done = tarazy(
        "documents", "delete", store, digest(paper), "--reason", "six years are over", "--by", "boris", "--json"
    )
    assert (done.code, done.json["deleted_by"], done.json["reason"]) == (0, "boris", "six years are over")
    shown = tarazy("documents", "show", store, digest(paper))
    assert shown.code == 0
    assert "deleted" in shown.out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--kind", "rumour"), "rumour"),
        (("--kind", "decision", "--until", "tomorrow"), "expected a day such as 2032-12-31"),
        (("--kind", "decision", "--until", "2020-01-01"), "2020-01-01"),
        (("--kind", "decision", "--years", "101"), "expected at most 100"),
        (("--kind", "decision", "--bytes-max", "3"), "a larger one"),
        (("--kind", "decision", "--media-type", "paper"), "expected one such as text/plain"),
    ],
)
def test_wrong_words_are_answered(tarazy: Run, tmp_path: Path, paper: Path, words: tuple[str, ...], found: str) -> None:
    done = tarazy("documents", "add", tmp_path / "store", paper, *words)
    assert done.code in (1, 2)
    assert found in done.err


def test_verify_names_the_documents_that_are_missing(tarazy: Run, office: Office, paper: Path) -> None:
    extra = office.folder / "minutes.txt"
    extra.write_text("Minutes of the committee.")
    words = ("--command", "AdmitAsset", "asset_id=1", f"decision_hash=@{paper}", "--document", extra)
    by_hash = ("--command", "SuspendAsset", "asset_id=1", f"decision_hash={'ab' * 32}")
    path = signed_by_both(tarazy, office, *REGISTER, *words, *by_hash)
    assert tarazy("instruct", "submit", office.facility, path).code == 0
    store = office.folder / "venue.documents"
    named = {each.digest.hex(): each.seq for each in named_documents(office.facility)}
    assert named == {digest(paper): 4, digest(extra): 4, "ab" * 32: 4}

    assert tarazy("verify", office.facility).code == 0
    none = tarazy("verify", office.facility, "--documents", store)
    assert none.code == 1
    assert "expected a store of documents" in none.err

    assert tarazy("documents", "add", store, paper, "--kind", "decision").code == 0
    done = tarazy("verify", office.facility, "--documents", store, "--json")
    assert done.code == 4
    assert (done.json["ok"], done.json["documents"]["named"], done.json["documents"]["present"]) == (True, 3, 1)
    assert {each["sha256"] for each in done.json["documents"]["missing"]} == {digest(extra), "ab" * 32}
    assert f"MISSING {digest(extra)}, first named by command 4" in done.err

    Documents(store).path(digest(paper)).write_bytes(b"other")
    done = tarazy("verify", office.facility, "--documents", store, "--json")
    assert [each["sha256"] for each in done.json["documents"]["damaged"]] == [digest(paper)]


def test_verify_is_content_when_all_are_there_or_their_time_is_over(tarazy: Run, office: Office, paper: Path) -> None:
    words = ("--command", "AdmitAsset", "asset_id=1", f"decision_hash=@{paper}")
    path = signed_by_both(tarazy, office, *REGISTER, *words)
    assert tarazy("instruct", "submit", office.facility, path).code == 0
    store, long_ago = Documents(office.folder / "venue.documents"), datetime(2015, 1, 1, tzinfo=UTC)
    store.add(paper, Description(Kind.decision, "old", "text/plain", date(2021, 1, 1), "anna"), long_ago)
    done = tarazy("verify", office.facility, "--documents", store.directory)
    assert done.code == 0, done.err
    assert "instructions name 1 document: 1 there and whole" in done.out
    store.delete(digest(paper), "boris", "six years are over")
    done = tarazy("verify", office.facility, "--documents", store.directory)
    assert done.code == 0
    assert "1 deleted after their time" in done.out


def test_index_that_the_facility_signed_cannot_be_written_anew(tarazy: Run, office: Office, paper: Path) -> None:
    store = office.folder / "venue.documents"
    assert tarazy("documents", "add", store, paper, "--kind", "decision").code == 0
    done = tarazy("verify", office.facility, "--documents", store, "--json")
    assert (done.json["documents"]["index"]["lines"], done.json["documents"]["index"]["signed_lines"]) == (1, 0)
    assert "index: 1 line, none signed" in done.err
    signed = tarazy("documents", "sign", store, "--facility", office.facility, "--json")
    assert signed.code == 0, signed.err
    key = tarazy("verify", office.facility, "--json").json["public_key"]
    assert (signed.json["signed_lines"], signed.json["head"]["public_key"]) == (1, key)
    noted = f"{signed.json['signed_lines']}:{signed.json['head']['sha256']}"
    done = tarazy("verify", office.facility, "--documents", store)
    assert done.code == 0
    assert f"up to {noted}" in done.out

    index = store / "index"
    index.write_bytes(index.read_bytes().replace(b'"retain_until":"20', b'"retain_until":"19'))
    done = tarazy("verify", office.facility, "--documents", store)
    assert done.code == 1
    assert f"expected the line of SHA-256 {signed.json['head']['sha256']}" in done.err
    assert tarazy("documents", "list", store).code == 0
    assert tarazy("documents", "list", store, "--known-head", noted).code == 1
    assert tarazy("documents", "sign", store, "--facility", office.facility).code == 1


def test_index_is_signed_by_the_facility_alone(tarazy: Run, office: Office, paper: Path) -> None:
    store = office.folder / "venue.documents"
    assert tarazy("documents", "add", store, paper, "--kind", "decision").code == 0
    (office.folder / "elsewhere").mkdir()
    other = found_office(tarazy, office.folder / "elsewhere")
    assert tarazy("documents", "sign", store, "--facility", other.facility).code == 0
    done = tarazy("verify", office.facility, "--documents", store)
    assert done.code == 1
    assert "expected a head that the facility signed" in done.err


def test_founding_names_no_documents(tarazy: Run, office: Office) -> None:
    assert named_documents(office.facility) == []
