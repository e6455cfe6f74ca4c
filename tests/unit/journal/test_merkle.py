"""The tree over frames against published vectors, and against RFC 6962 written down word for word."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest

from tarazy.journal.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_runs,
    encoded_size,
    inclusion_runs,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
)
from tarazy.journal.merkle_check import check_consistency, check_inclusion
from tarazy.journal.proof_errors import ProofError

# The eight entries, their nodes and roots are those of the reference implementation of Certificate Transparency
# (github.com/google/certificate-transparency, merkle_tree_test), which later implementations repeat.
ENTRIES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    bytes.fromhex(each)
    for each in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
# The letters are those of the example in RFC 6962, section 2.1.3: seven entries, leaves a to f and j.
NODES = {
    letter: bytes.fromhex(each)
    for letter, each in {
        "a": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "b": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "c": "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "d": "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "e": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "f": "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "j": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "g": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "h": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "i": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "k": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "l": "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
    }.items()
}


def nodes(letters: str) -> list[bytes]:
    return [NODES[letter] for letter in letters]


def entries_of(size: int) -> list[bytes]:
    return [sha256(number.to_bytes(8, "little")).digest() for number in range(1, size + 1)]


# ---------------------------------------------------------------- RFC 6962, section 2.1, as it stands there


def tree_hash(data: Sequence[bytes]) -> bytes:
    if len(data) < 2:
        return sha256(b"\x00" + data[0]).digest() if data else sha256(b"").digest()
    k = largest_power_below(len(data))
    return sha256(b"\x01" + tree_hash(data[:k]) + tree_hash(data[k:])).digest()


def path(m: int, data: Sequence[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = largest_power_below(len(data))
    if m < k:
        return [*path(m, data[:k]), tree_hash(data[k:])]
    return [*path(m - k, data[k:]), tree_hash(data[:k])]


def subproof(m: int, data: Sequence[bytes], known: bool) -> list[bytes]:
    if m == len(data):
        return [] if known else [tree_hash(data)]
    k = largest_power_below(len(data))
    if m <= k:
        return [*subproof(m, data[:k], known), tree_hash(data[k:])]
    return [*subproof(m - k, data[k:], False), tree_hash(data[:k])]


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


# ---------------------------------------------------------------- published vectors


@pytest.mark.parametrize("size", range(9))
def test_root_of_the_reference_entries_is_the_published_one(size: int) -> None:
    assert root_of(ENTRIES[:size]) == ROOTS[size]


@pytest.mark.parametrize(("index", "letters"), [(0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")])
def test_inclusion_proof_is_the_path_that_rfc_6962_shows(index: int, letters: str) -> None:
    assert prove_inclusion(ENTRIES, index, 7) == nodes(letters)


@pytest.mark.parametrize(("old_size", "letters"), [(3, "cdgl"), (4, "l"), (6, "ijk")])
def test_consistency_proof_is_the_one_that_rfc_6962_shows(old_size: int, letters: str) -> None:
    assert prove_consistency(ENTRIES, old_size, 7) == nodes(letters)


@pytest.mark.parametrize(
    ("old_size", "size", "proof"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_consistency_proof_is_the_published_one(old_size: int, size: int, proof: list[str]) -> None:
    # Vectors of the reference implementation of Certificate Transparency, merkle_tree_test and merkle_verifier_test.
    found = prove_consistency(ENTRIES, old_size, size)
    assert [each.hex() for each in found] == proof
    check_consistency(old_size, ROOTS[old_size], size, ROOTS[size], found)


# ---------------------------------------------------------------- the definition, for every place of every small tree

SIZES = range(1, 34)


@pytest.mark.parametrize("size", SIZES)
def test_proofs_of_a_tree_are_those_of_the_definition_and_hold(size: int) -> None:
    entries = entries_of(size)
    root = root_of(entries)
    assert root == tree_hash(entries)
    for index in range(size):
        proof = prove_inclusion(iter(entries), index, size)
        assert proof == path(index, entries)
        check_inclusion(entries[index], index, size, proof, root)
    for old_size in range(1, size + 1):
        proof = prove_consistency(iter(entries), old_size, size)
        assert proof == subproof(old_size, entries, True)
        check_consistency(old_size, root_of(entries[:old_size]), size, root, proof)


@pytest.mark.parametrize("size", [2, 7, 8, 21])
def test_inclusion_proof_holds_for_no_other_place_size_entry_or_root(size: int) -> None:
    entries = entries_of(size)
    root = root_of(entries)
    for index in range(size):
        proof = prove_inclusion(entries, index, size)
        others = [
            (entries[index - 1], index, size, proof, root),
            (entries[index], (index + 1) % size, size, proof, root),
            (entries[index], index, size, proof, tree_hash(entries[:-1])),
            (entries[index], index, size, proof[:-1], root),
            (entries[index], index, size, [*proof, root], root),
            *((entries[index], index, size, changed(proof, at), root) for at in range(len(proof))),
        ]
        for other in others:
            with pytest.raises(ProofError):
                check_inclusion(*other)


@pytest.mark.parametrize("size", [2, 7, 8, 21])
def test_consistency_proof_holds_for_no_other_sizes_or_roots(size: int) -> None:
    entries = entries_of(size)
    root = root_of(entries)
    for old_size in range(1, size):
        old_root = root_of(entries[:old_size])
        proof = prove_consistency(entries, old_size, size)
        others = [
            (old_size, root, size, root, proof),
            (old_size, old_root, size, old_root, proof),
            (old_size, old_root, size, root, proof[:-1]),
            (old_size, old_root, size, root, [*proof, root]),
            *((old_size, old_root, size, root, changed(proof, at)) for at in range(len(proof))),
        ]
        for other in others:
            with pytest.raises(ProofError):
                check_consistency(*other)


def changed(proof: list[bytes], at: int) -> list[bytes]:
    first = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    return [*proof[:at], first, *proof[at + 1 :]]


def test_rewritten_past_has_no_consistency_proof() -> None:
    entries = entries_of(20)
    rewritten = [*entries[:4], entries[0], *entries[5:]]
    proof = prove_consistency(rewritten, 10, 20)
    with pytest.raises(ProofError, match="older root"):
        check_consistency(10, root_of(entries[:10]), 20, root_of(rewritten), proof)


def test_two_trees_of_one_size_with_other_roots_are_refused() -> None:
    with pytest.raises(ProofError, match="one root"):
        check_consistency(2, ROOTS[2], 2, ROOTS[3], [])


@pytest.mark.parametrize(("old_size", "size"), [(0, 3), (4, 3), (-1, 3), (0, 0)])
def test_sizes_between_which_there_is_nothing_to_prove_are_refused(old_size: int, size: int) -> None:
    with pytest.raises(ProofError, match="expected an older tree of 1 to"):
        consistency_runs(old_size, size)
    with pytest.raises(ProofError, match="expected an older tree of 1 to"):
        check_consistency(old_size, ROOTS[0], size, ROOTS[0], [])


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_entry_outside_of_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="expected an entry"):
        inclusion_runs(index, size)
    with pytest.raises(ProofError, match="expected an entry"):
        check_inclusion(b"", index, size, [], ROOTS[0])


def test_stream_that_ends_before_the_tree_is_refused() -> None:
    with pytest.raises(ProofError, match="entries are missing"):
        prove_inclusion(entries_of(5), 1, 6)


def test_proof_from_a_stream_reads_nothing_behind_the_tree() -> None:
    stream = iter(entries_of(100))
    prove_consistency(stream, 3, 50)
    assert next(stream) == entries_of(51)[50]


def test_proofs_of_a_large_tree_hold_and_are_short() -> None:
    size = 70_001
    entries = entries_of(size)
    root = root_of(entries)
    for index in (0, 1, 65_535, 65_536, 69_999, 70_000):
        proof = prove_inclusion(entries, index, size)
        assert len(proof) <= 17
        check_inclusion(entries[index], index, size, proof, root)
    proof = prove_consistency(entries, 65_537, size)
    check_consistency(65_537, root_of(entries[:65_537]), size, root, proof)


# ---------------------------------------------------------------- frontier


@pytest.mark.parametrize("size", [0, 1, 2, 3, 6, 7, 8])
def test_frontier_goes_on_after_it_was_written_down(size: int) -> None:
    frontier = Frontier()
    for entry in ENTRIES[:size]:
        frontier.append(entry)
    data = frontier.encode()
    assert len(data) == encoded_size(size)
    again = Frontier.decode(data)
    assert (again.size, again.root()) == (size, ROOTS[size])
    for entry in ENTRIES[size:]:
        again.append(entry)
    assert again.root() == ROOTS[8]
    assert frontier.root() == ROOTS[size]


def test_frontier_of_seven_holds_the_complete_subtrees_largest_first() -> None:
    # The compact range of seven entries: subtrees of four, two and one.
    frontier = Frontier()
    for entry in ENTRIES[:7]:
        frontier.append(entry)
    assert list(frontier.hashes) == nodes("kij")


def test_copy_of_a_frontier_goes_on_by_itself() -> None:
    frontier = Frontier()
    frontier.append(ENTRIES[0])
    other = frontier.copy()
    other.append(ENTRIES[1])
    assert (frontier.root(), other.root()) == (ROOTS[1], ROOTS[2])


@pytest.mark.parametrize("data", [b"", bytes(7), bytes(9), bytes(40), (3).to_bytes(8, "little") + bytes(32)])
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    with pytest.raises(ProofError):
        Frontier.decode(data)


def test_empty_tree_has_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT == ROOTS[0] == Frontier().root()
    assert leaf_hash(b"") == ROOTS[1]
