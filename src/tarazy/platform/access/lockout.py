"""Wrong secrets are counted, for a network and for a name; after too many, attempts are refused for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from tarazy.platform.refusals import RATE_LIMIT, RefusedError

REMEMBERED_MAX = 10_000


class Lockout:
    """Counts in memory: a restart begins anew. The least recently counted is forgotten first."""

    def __init__(self, clock: Callable[[], float], wrong_max: int, locked_s: float) -> None:
        self._clock, self._wrong_max, self._locked_s = clock, wrong_max, locked_s
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # who -> wrong secrets, of the time until

    def require_unlocked(self, who: str) -> None:
        """Raise RefusedError while somebody has sent too many wrong secrets."""
        count, until_s = self._wrong.get(who, (0, 0.0))
        wait_s = until_s - self._clock()
        if count >= self._wrong_max and wait_s > 0:
            raise RefusedError(RATE_LIMIT, f"too many wrong secrets; try again in {wait_s:.0f} s", int(wait_s) + 1)

    def note_wrong(self, who: str) -> None:
        """Count a wrong secret."""
        now_s = self._clock()
        count, until_s = self._wrong.pop(who, (0, 0.0))
        self._wrong[who] = (count + 1 if until_s > now_s else 1, now_s + self._locked_s)
        while len(self._wrong) > REMEMBERED_MAX:
            self._wrong.popitem(last=False)

    def forget(self, who: str) -> None:
        """Begin anew for somebody who has shown the right secret."""
        self._wrong.pop(who, None)
