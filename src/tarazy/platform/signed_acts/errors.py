"""What can go wrong at a desk of signed acts: where, what was expected, what was found, what to do."""

from __future__ import annotations

from tarazy.platform.errors import ExplainedError


class ActError(ExplainedError):
    """Root of the errors here."""


class ActRefusedError(ActError):
    """An act that its fields, the state or the rules do not allow now. Nothing was written."""


class ActRecordError(ActError):
    """A record of acts that does not hold, or that cannot be written."""
