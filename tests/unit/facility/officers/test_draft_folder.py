"""A folder of drafts: what is listed, what is refused, and signatures that were made elsewhere.

Oracle: `cryptography`'s own Ed25519 over the draft's bytes.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tarazy.facility.officers import drafts as d
from tarazy.facility.officers.draft_folder import DRAFTS_MAX, DraftChangedError, DraftFolder
from tarazy.facility.officers.errors import DraftError

from .test_drafts import DRAFT, KEYS


@pytest.fixture
def folder(tmp_path: Path) -> DraftFolder:
    """Return a folder with one draft that nobody has signed."""
    d.write_draft(tmp_path / "admit.json", DRAFT, new=True)
    return DraftFolder(tmp_path, DRAFT.facility_id)


def signature(number: int, draft: d.Draft = DRAFT) -> bytes:
    """Return a signature over a draft's bytes."""
    return KEYS[number].sign(draft.message)


def test_signatures_of_both_complete_the_draft_whoever_is_first(folder: DraftFolder) -> None:
    assert folder.sign("admit", DRAFT.digest, signature(1)).missing == [4]
    assert folder.sign("admit", DRAFT.digest, signature(0)).missing == []
    assert d.instruction_of(folder.read("admit")).signatures == (signature(0), signature(1))


def test_signatures_that_come_at_once_are_both_kept(folder: DraftFolder) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: folder.sign("admit", DRAFT.digest, signature(number)), (0, 1)))
    assert folder.read("admit").missing == []


def test_signatures_from_two_processes_at_once_are_both_kept(folder: DraftFolder) -> None:
    # the page of one officer and the command line of the other share nothing but the folder
    before = d.read_draft(folder.path("admit"))
    read, go_on = threading.Event(), threading.Event()

    def slow() -> d.Draft:
        found = folder.read("admit")
        read.set()
        assert go_on.wait(10)
        return found

    with ThreadPoolExecutor(2) as pool:
        sign = partial(d.sign_draft, key=KEYS[0])
        first = pool.submit(d.sign_in_place, folder.path("admit"), slow, sign)
        assert read.wait(10)
        elsewhere = DraftFolder(folder.directory, DRAFT.facility_id)
        second = pool.submit(elsewhere.sign, "admit", before.digest, signature(1))
        time.sleep(0.2)
        assert not second.done(), "it waits for the first"
        go_on.set()
        assert first.result(10).missing == [7]
        assert second.result(10).missing == []
    assert folder.read("admit").missing == []


def test_link_that_somebody_laid_in_the_way_is_not_written_through(folder: DraftFolder, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "admit.json.new").symlink_to(victim)
    folder.sign("admit", DRAFT.digest, signature(0))
    assert victim.read_text() == "mine"
    assert folder.read("admit").missing == [7]


def test_writing_leaves_nothing_beside_the_draft(folder: DraftFolder) -> None:
    folder.sign("admit", DRAFT.digest, signature(0))
    with pytest.raises(DraftError, match="no file of this name"):
        d.write_draft(folder.path("admit"), DRAFT, new=True)
    with pytest.raises(DraftError, match="write the draft"):
        d.write_draft(folder.directory / "none" / "x.json", DRAFT, new=True)
    assert [each.name for each in folder.directory.iterdir()] == ["admit.json"]


def test_file_whose_name_no_page_can_have_is_listed_with_what_to_do(folder: DraftFolder) -> None:
    names = ("a\u202eb", "x<script>", " lead", "y" * 210, "a\nb")
    for name in names:
        d.write_draft(folder.directory / f"{name}.json", DRAFT, new=True)
    found = {each.name: each for each in folder.all()}
    assert set(found) == {"admit", *names}
    for name in names:
        assert found[name].draft is None
        assert "Give the file another name" in found[name].problem
        assert found[name].problem.isascii()


def test_signature_of_a_stranger_over_other_bytes_or_given_twice_is_refused(folder: DraftFolder) -> None:
    folder.sign("admit", DRAFT.digest, signature(0))
    other = DRAFT._replace(instruction_number=78)
    before = folder.path("admit").read_bytes()
    for wrong in (signature(2), signature(1, other), signature(0), bytes(64)):
        with pytest.raises(DraftError, match="one of officer 7 over"):
            folder.sign("admit", DRAFT.digest, wrong)
    assert folder.path("admit").read_bytes() == before


def test_draft_that_has_another_digest_than_was_seen_is_not_signed(folder: DraftFolder) -> None:
    changed = DRAFT._replace(valid_until_ns=DRAFT.valid_until_ns + 10**9)
    d.write_draft(folder.path("admit"), changed, new=False)
    with pytest.raises(DraftChangedError, match="Nothing was signed"):
        folder.sign("admit", DRAFT.digest, signature(0))
    assert folder.read("admit") == changed


def test_list_says_of_every_file_what_it_is(folder: DraftFolder) -> None:
    d.write_draft(folder.path("elsewhere"), DRAFT._replace(facility_id=bytes(16)), new=True)
    folder.path("broken").write_text("{")
    folder.path("link").symlink_to(folder.path("admit"))
    (folder.directory / "notes.txt").write_text("no draft")
    (folder.directory / ".hidden.json").write_text("{}")
    found = {each.name: each for each in folder.all()}
    assert set(found) == {"admit", "broken", "elsewhere", "link"}
    assert found["admit"].draft == DRAFT
    assert "expected a JSON object" in found["broken"].problem
    assert "expected an instruction to" in found["elsewhere"].problem
    assert "a link" in found["link"].problem


@pytest.mark.parametrize("name", ["../admit", "a/b", "", ".hidden", "a\0b", "x" * 300, "admit.json"])
def test_names_that_lead_elsewhere_are_no_drafts(folder: DraftFolder, name: str) -> None:
    with pytest.raises(DraftError, match="the name of a draft"):
        folder.read(name)


def test_folder_that_is_missing_or_too_full_is_said(folder: DraftFolder, tmp_path: Path) -> None:
    with pytest.raises(DraftError, match="list the drafts"):
        DraftFolder(tmp_path / "none", DRAFT.facility_id).all()
    for number in range(DRAFTS_MAX):
        (folder.directory / f"{number}.json").touch()
    with pytest.raises(DraftError, match=f"at most {DRAFTS_MAX} drafts"):
        folder.all()
