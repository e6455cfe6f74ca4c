"""`tarazy check-proof FILE --verifier-key KEY`: check a head or a proof; needs no journal.

What the file holds is seen from its first line: a proof that a frame is held, a proof that a head goes on from another,
or a head alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import add_json, digest
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.journal.note import TreeHead, VerifierKey, open_head, parse_verifier_key
from tarazy.journal.proof_errors import NoteFormatError, ProofError, ProofFormatError
from tarazy.journal.proof_text import INCLUSION_LINE, ConsistencyProof, InclusionProof, parse_proof

PROOF_BYTES_MAX = 1 << 17


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a head or a proof, as it was issued")
    parser.add_argument(
        "--verifier-key",
        type=verifier_key,
        required=True,
        action="append",
        metavar="KEY",
        help="the facility's key, name+hash+key; once more for each key that it had before, after a change",
    )
    parser.add_argument("--frame-hash", type=digest, metavar="HEX", help="the frame's hash as your receipt names it")
    parser.add_argument("--old-head", type=Path, metavar="FILE", help="the older head, for a proof of consistency")
    add_json(parser)


def verifier_key(text: str) -> VerifierKey:
    """Return the key that `tarazy head DIR --verifier-key` prints."""
    try:
        return parse_verifier_key(text)
    except NoteFormatError as error:
        raise argparse.ArgumentTypeError(f"expected {error.expected}, found {error.found}. {error.action}") from None


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check one file."""
    try:
        words, values = check(arguments)
    except ProofError as error:
        error.path = arguments.file
        raise
    output.say(words)
    output.result({"ok": True} | values)
    return 0


def check(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return what a file proves. Raises: ProofError where it does not hold."""
    data = read_small(arguments.file)
    if not data.startswith((f"{INCLUSION_LINE}\n".encode(), b"old ")):
        head = open_head(data, *arguments.verifier_key)
        return f"signed: {_words(head)}", _values(head)
    proof = parse_proof(data)
    if isinstance(proof, InclusionProof):
        return _check_inclusion(proof, arguments.verifier_key, arguments.frame_hash)
    return _check_consistency(proof, arguments.verifier_key, arguments.old_head)


def read_small(path: Path) -> bytes:
    """Return the bytes of a file that is no larger than any proof. Raises: ProofFormatError, OSError."""
    with path.open("rb") as file:
        data = file.read(PROOF_BYTES_MAX + 1)
    if len(data) > PROOF_BYTES_MAX:
        raise ProofFormatError(expected=f"at most {PROOF_BYTES_MAX} bytes", found="more", path=path)
    return data


def _check_inclusion(
    proof: InclusionProof, keys: list[VerifierKey], frame_hash: bytes | None
) -> tuple[str, dict[str, Any]]:
    """Return what a proof of a frame shows."""
    head = proof.check(keys, frame_hash)
    words = f"held: frame {proof.frame_number} with hash {proof.frame_hash.hex()} is in {_words(head)}"
    return words, _values(head) | {"frame": proof.frame_number, "frame_hash": proof.frame_hash}


def _check_consistency(
    proof: ConsistencyProof, keys: list[VerifierKey], path: Path | None
) -> tuple[str, dict[str, Any]]:
    """Return what a proof of growth shows; it needs the older head, signed too."""
    if path is None:
        raise CliError("expected --old-head FILE for a proof of consistency, found none; give the older head")
    old = open_head(read_small(path), *keys)
    head = proof.check(keys, old)
    return f"goes on: {_words(head)} begins with {_words(old)}", _values(head) | {"old_size": old.size}


def _words(head: TreeHead) -> str:
    """Return a head in words."""
    return f"the head of {head.size} frames of {head.origin}, root {head.root.hex()}"


def _values(head: TreeHead) -> dict[str, Any]:
    """Return a head for programs."""
    return {"origin": head.origin, "size": head.size, "root": head.root}
