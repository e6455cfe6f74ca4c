"""The portal's file: keys of which a digest is kept, drafts as they were typed, documents within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.authority.portal import store as module
from tarazy.authority.portal.store import PortalStore
from tarazy.platform.signed_acts.errors import ActRefusedError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PortalStore]:
    """Open a portal's file."""
    made = PortalStore(tmp_path)
    yield made
    made.close()


def test_a_key_lets_in_and_nothing_of_it_is_kept(store: PortalStore, tmp_path: Path) -> None:
    who, key = store.register("Caspian", "desk@caspian.example")
    assert store.authenticate(key) == who
    assert store.authenticate(f" {key}\n") == who
    for wrong in ("", ".", key[:-1], f"{'00' * 8}.{key.partition('.')[2]}", f"{who.applicant}."):
        assert store.authenticate(wrong) is None
    secret = key.partition(".")[2].encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_draft_is_kept_as_it_was_typed_over_a_restart_and_is_its_owner_s_alone(
    store: PortalStore, tmp_path: Path
) -> None:
    mine, other = (store.register(name, "x")[0].applicant for name in ("Mine", "Other"))
    number = store.begin(mine, "dossier.open")
    draft = store.draft(mine, number)
    assert draft is not None
    store.save(draft, "Not A Name!", {"total": "many", "name": "<script>"})
    again = PortalStore(tmp_path)
    found = again.draft(mine, number)
    again.close()
    assert found is not None
    assert (found.subject, found.texts) == ("Not A Name!", {"total": "many", "name": "<script>"})
    assert store.draft(other, number) is None
    assert store.drafts(other) == []


def test_a_filed_draft_is_not_changed_any_more(store: PortalStore) -> None:
    who = store.register("Mine", "x")[0].applicant
    draft = store.draft(who, store.begin(who, "dossier.open"))
    assert draft is not None
    store.filed(draft, 7)
    with pytest.raises(ActRefusedError, match="found a filed one"):
        store.save(draft, "bitcoin", {})
    filed = store.of_filing(7)
    assert filed is not None
    assert (filed.number, store.of_filing(0), store.of_filing(8)) == (draft.number, None, None)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.html", b"<script>", "a file .pdf"),
        ("x.svg", b"<svg/>", "a file .pdf"),
        ("a.pdf", b"<html>", "the content of a file .pdf"),
        ("a.txt", b"\0\1", "the content of a file .txt"),
        ("a.txt", b"", "1 byte to 10 MiB"),
        ("a.txt", b"x" * (module.DOCUMENT_BYTES_MAX + 1), "1 byte to 10 MiB"),
        (".pdf", b"%PDF-", "a file .pdf"),
    ],
)
def test_an_upload_of_another_kind_or_size_is_refused(
    store: PortalStore, name: str, content: bytes, words: str
) -> None:
    who = store.register("Mine", "x")[0].applicant
    draft = store.draft(who, store.begin(who, "dossier.open"))
    assert draft is not None
    with pytest.raises(ActRefusedError, match=words):
        store.add(draft, name, content)
    assert store.documents(draft.number) == []


def test_names_of_files_lose_their_paths_and_the_number_of_files_is_bounded(store: PortalStore) -> None:
    who = store.register("Mine", "x")[0].applicant
    draft = store.draft(who, store.begin(who, "dossier.open"))
    assert draft is not None
    store.add(draft, "..\\..\\etc/pass'wd\".txt", b"text")
    assert [each.name for each in store.documents(draft.number)] == ["pass_wd_.txt"]
    for number in range(module.DOCUMENTS_MAX - 1):
        store.add(draft, "a.txt", str(number).encode())
    store.add(draft, "a.txt", b"text")  # the same again is no other
    with pytest.raises(ActRefusedError, match="at most 20 documents"):
        store.add(draft, "a.txt", b"one more")


def test_drafts_and_all_the_bytes_of_an_applicant_are_bounded(
    store: PortalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = store.register("Mine", "x")[0].applicant
    numbers = [store.begin(who, "dossier.open") for _ in range(module.DRAFTS_MAX)]
    with pytest.raises(ActRefusedError, match="at most 20 open"):
        store.begin(who, "dossier.open")
    monkeypatch.setattr(module, "APPLICANT_BYTES_MAX", 10)
    drafts = [store.draft(who, number) for number in numbers[:2]]
    assert drafts[0] is not None
    assert drafts[1] is not None
    store.add(drafts[0], "a.txt", b"123456")
    with pytest.raises(ActRefusedError, match="in all"):
        store.add(drafts[1], "a.txt", b"abcdef")


def test_documents_of_all_applicants_together_are_bounded(tmp_path: Path) -> None:
    """Accounts are free: what one applicant may not keep, ten may not either."""
    store = PortalStore(tmp_path, bytes_max=100)
    drafts = []
    for name in ("One", "Two", "Three"):
        who = store.register(name, "x")[0].applicant
        draft = store.draft(who, store.begin(who, "dossier.open"))
        assert draft is not None
        drafts.append(draft)
    for draft in drafts[:2]:
        store.add(draft, "a.txt", b"x" * 49)
    with pytest.raises(ActRefusedError, match="room at the portal"):
        store.add(drafts[2], "a.txt", b"x" * 49)
    store.close()
