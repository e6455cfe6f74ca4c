"""Signed notes and heads against published examples, and everything that is refused."""

from __future__ import annotations

import base64

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.journal.note import (
    NoteFormatError,
    NoteSignatureError,
    TreeHead,
    open_head,
    open_note,
    parse_head,
    parse_verifier_key,
    sign_head,
    sign_note,
    verifier_key,
)

# The keys and notes of golang.org/x/mod, sumdb/note, note_test.go (public test keys).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"  # algorithm byte, then the seed
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{PETER_LINE}".encode()

FACILITY = bytes(range(16))
ROOT = bytes(range(32))
KEY = KeySigner.from_seed(bytes(32))
OTHER_KEY = KeySigner.from_seed(bytes([1] * 32))
VERIFIER = verifier_key(FACILITY, KEY.public_key)
HEAD = sign_head(FACILITY, 1234, ROOT, KEY)


def test_signing_gives_the_published_note() -> None:
    key = KeySigner.from_seed(base64.b64decode(PETER_SECRET)[1:])
    assert sign_note(TEXT, "PeterNeumann", key) == NOTE


@pytest.mark.parametrize("text", [PETER, ENOCH])
def test_published_verifier_key_is_read_and_written(text: str) -> None:
    assert str(parse_verifier_key(text)) == text


@pytest.mark.parametrize("first", range(len(PETER)))
def test_part_of_a_verifier_key_is_refused(first: int) -> None:
    ends = [end for end in range(first, len(PETER) + 1) if (first, end) != (0, len(PETER))]
    for end in ends:
        with pytest.raises(NoteFormatError):
            parse_verifier_key(PETER[first:end])


@pytest.mark.parametrize("at", range(len(PETER)))
def test_verifier_key_with_one_changed_character_is_refused(at: int) -> None:
    with pytest.raises(NoteFormatError):
        parse_verifier_key(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        # Both from note_test.go: a key of the wrong length and an unknown algorithm, each with its own fitting hash.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_verifier_key_of_another_length_or_algorithm_is_refused(text: str) -> None:
    with pytest.raises(NoteFormatError):
        parse_verifier_key(text)


@pytest.mark.parametrize("lines", [PETER_LINE, PETER_LINE + ENOCH_LINE, ENOCH_LINE + PETER_LINE])
def test_note_opens_with_a_known_key_whatever_other_keys_signed(lines: str) -> None:
    assert open_note(f"{TEXT}\n{lines}".encode(), [parse_verifier_key(PETER)]) == TEXT


def test_note_opens_with_both_keys() -> None:
    keys = [parse_verifier_key(PETER), parse_verifier_key(ENOCH)]
    assert open_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode(), keys) == TEXT


def test_note_without_a_known_key_is_refused() -> None:
    with pytest.raises(NoteSignatureError, match=r"expected EnochRoot\+af0cfe78, found PeterNeumann\+c74f20a3"):
        open_note(NOTE, [parse_verifier_key(ENOCH)])
    with pytest.raises(NoteSignatureError, match="expected a trusted key"):
        open_note(NOTE, [])


def test_wrong_signature_of_a_known_key_refuses_the_whole_note() -> None:
    # C2SP signed-note: where name and key id match a known key and the signature fails, the note is rejected.
    keys = [parse_verifier_key(PETER), parse_verifier_key(ENOCH)]
    wrong = PETER_LINE.replace("ZJku", "ZJkv")
    with pytest.raises(NoteSignatureError, match="one that does not hold"):
        open_note(f"{TEXT}\n{wrong}{ENOCH_LINE}".encode(), keys)


@pytest.mark.parametrize("at", range(0, len(TEXT), 7))
def test_note_with_another_text_is_refused(at: int) -> None:
    other = TEXT[:at] + chr(ord(TEXT[at]) ^ 0x60) + TEXT[at + 1 :]
    with pytest.raises((NoteFormatError, NoteSignatureError)):
        open_note(f"{other}\n{PETER_LINE}".encode(), [parse_verifier_key(PETER)])


@pytest.mark.parametrize(
    "note",
    [
        # The malformed notes of note_test.go.
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}\n{PETER_LINE}".encode()[:-1],
        f"\x01{TEXT}\n{PETER_LINE}".encode(),
        b"\xff" + NOTE,
        f"{TEXT}\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZI=".encode(),
        f"{TEXT}\n{PETER_LINE}Unexpected line.\n".encode(),
        f"{TEXT}\n{PETER_LINE * 101}".encode(),
        # And more: nothing, a carriage return, a signature of nothing, more than a note may have.
        b"",
        b"\n\n",
        f"{TEXT}\n{PETER_LINE}".replace("\n", "\r\n").encode(),
        f"{TEXT}\n— PeterNeumann x08gow==\n".encode(),
        f"{TEXT}\n— PeterNeumann \n".encode(),
        b"a" * 70_000 + b"\n" + NOTE,
    ],
    ids=range(14),
)
def test_malformed_note_is_refused(note: bytes) -> None:
    with pytest.raises(NoteFormatError):
        open_note(note, [parse_verifier_key(PETER)])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\n"])
def test_name_that_no_key_may_have_is_refused(name: str) -> None:
    with pytest.raises(NoteFormatError):
        sign_note(TEXT, name, KEY)


@pytest.mark.parametrize("text", ["", "abc", "abc\r\n", "a\tb\n"])
def test_text_that_no_note_may_have_is_refused(text: str) -> None:
    with pytest.raises(NoteFormatError):
        sign_note(text, "name", KEY)


# ---------------------------------------------------------------- heads


def test_head_has_origin_size_and_root_on_three_lines() -> None:
    # C2SP tlog-checkpoint: origin, decimal size, base64 of the root; the name of the key is the origin.
    text, _, lines = HEAD.decode().partition("\n\n")
    assert text.split("\n") == [
        "tarazy/000102030405060708090a0b0c0d0e0f",
        "1234",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ]
    assert lines.startswith("— tarazy/000102030405060708090a0b0c0d0e0f ")


def test_head_is_opened_with_the_facilitys_key() -> None:
    assert open_head(HEAD, VERIFIER) == TreeHead("tarazy/000102030405060708090a0b0c0d0e0f", 1234, ROOT)


def test_head_of_another_key_is_refused() -> None:
    with pytest.raises(NoteSignatureError):
        open_head(sign_head(FACILITY, 1234, ROOT, OTHER_KEY), VERIFIER)


def test_head_of_another_facility_is_refused() -> None:
    with pytest.raises(NoteSignatureError):
        open_head(sign_head(bytes(16), 1234, ROOT, KEY), VERIFIER)


def test_head_that_names_another_origin_than_its_key_is_refused() -> None:
    note = sign_note(TreeHead("tarazy/other", 1, ROOT).text(), VERIFIER.name, KEY)
    with pytest.raises(NoteSignatureError, match="expected the origin tarazy/0001"):
        open_head(note, VERIFIER)


@pytest.mark.parametrize(
    ("text", "extensions"),
    [
        # The example of C2SP tlog-checkpoint, and the same with an extension line.
        ("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", ()),
        ("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n", ("more",)),
    ],
)
def test_published_checkpoint_is_read(text: str, extensions: tuple[str, ...]) -> None:
    head = parse_head(text)
    assert (head.origin, head.size, head.extensions) == ("example.com/behind-the-sofa", 20852163, extensions)
    assert head.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n1_0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n\u0661\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        f"origin\n{1 << 64}\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        f"origin\n{'9' * 5000}\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        "origin\n1\nAAAA\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nmore\n",
    ],
    ids=range(12),
)
def test_text_that_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(NoteFormatError):
        parse_head(text)
