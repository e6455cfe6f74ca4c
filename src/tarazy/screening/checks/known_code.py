"""The code is known by name."""

from __future__ import annotations

from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.identity.similarity import answer_known_code
from tarazy.screening.model import Capability


class KnownCode(Check):
    """Compare the code with a library of known codes."""

    name = "known_code"
    title = "The code is one that is known by name"
    sees = (
        "The instructions without the compiler's metadata, compared with every code of a library: the same, the same "
        "but for constants, or with most pieces in common."
    )
    cannot_see = "Codes that the library does not have. A likeness proves no behaviour, and never excuses."
    impact = "low"
    confidence = "medium"
    goplus = ("trust_list",)
    fires = "safe-token/FixedToken"
    must_not_fire = "plain-modern/plain"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        if not subject.code:
            return self.unknown("there is no code to compare")
        return answer_known_code(subject.code, subject.known.get("codes"))
