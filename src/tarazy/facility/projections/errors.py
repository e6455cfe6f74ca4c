"""What can go wrong with a projection, as exceptions with typed attributes. The record itself is never at risk."""

from __future__ import annotations


class ProjectionError(Exception):
    """Root of all errors of the projections."""

    what = "the projection cannot go on"
    action = "Rebuild it: tarazy projections rebuild DIR."

    def __init__(self, name: str, *, expected: str, found: str) -> None:
        self.name = name
        self.expected = expected
        self.found = found
        super().__init__(name, expected, found)

    def __str__(self) -> str:
        return f"projection {self.name}: {self.what}: expected {self.expected}, found {self.found}. {self.action}"


class GapError(ProjectionError):
    """A frame came that does not follow the last one."""

    what = "a frame is missing"
    action = "Hand it every frame in order, or let it catch up from the events file."


class OtherHistoryError(ProjectionError):
    """A frame came that continues another record than the one the projection was made from."""

    what = "the frame belongs to another record"


class BrokenProjectionError(ProjectionError):
    """An earlier frame could not be applied in full."""

    what = "an earlier frame was applied only in part"


class OtherProjectorError(ProjectionError):
    """Somebody else moved the cursor of a stored projection."""

    what = "another projector writes into this database"
    action = "Stop one of the two."
