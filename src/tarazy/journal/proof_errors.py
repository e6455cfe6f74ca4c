"""Why a head or a proof is not accepted. Neither needs a folder: a client holds them alone."""

from __future__ import annotations

from pathlib import Path

from tarazy.journal.errors import JournalError


class ProofError(JournalError):
    """Root: something that was given as a proof does not hold."""

    what = "the proof does not hold"
    action = "Ask the facility again; where it answers the same, keep both: they are evidence."

    def __init__(
        self, *, expected: str, found: str, path: Path = Path("proof"), what: str = "", action: str = ""
    ) -> None:
        super().__init__(path, expected=expected, found=found, what=what, action=action)


class ProofFormatError(ProofError):
    """A text is no proof of this form."""

    what = "the text is not a proof"
    action = "Take the file as it was issued, byte for byte."


class NoteFormatError(ProofError):
    """Bytes are no signed note."""

    what = "the bytes are not a signed note"
    action = "Take the note as it was issued, byte for byte."


class NoteSignatureError(ProofError):
    """No trusted key has signed a note, or the signature of a trusted key is wrong."""

    what = "the note is not signed by a trusted key"
    action = "Check the verifier key with the facility's register entry; trust nothing that the note says."


class NoSuchHeadError(ProofError):
    """A proof was asked for that no head of the journal can carry."""

    what = "the journal has no head for this proof"
    action = "Wait for the next signed head, or ask for a smaller number."
