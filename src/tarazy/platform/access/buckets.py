"""Rate limits: one token bucket for each caller, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

CALLERS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How much a caller may ask. Units: requests; `per_second` 0 is no limit."""

    per_second: float
    burst: float


class Buckets:
    """The buckets of all callers. The least recently seen caller is forgotten first, and starts full again."""

    def __init__(self, callers_max: int = CALLERS_MAX) -> None:
        self._buckets: OrderedDict[str, list[float]] = OrderedDict()  # caller -> [left, seen at]
        self._callers_max = callers_max

    def take(self, caller: str, rate: RateLimit, cost: float, now_s: float) -> float:
        """Take the cost; return 0, or the seconds to wait where too little is left.

        Units: `now_s` on any clock that does not go back.
        """
        if rate.per_second <= 0:
            return 0.0
        bucket = self._buckets.get(caller)
        if bucket is None:
            if len(self._buckets) >= self._callers_max:
                self._buckets.popitem(last=False)
            bucket = self._buckets[caller] = [rate.burst, now_s]
        else:
            self._buckets.move_to_end(caller)
        left = min(rate.burst, bucket[0] + (now_s - bucket[1]) * rate.per_second)
        bucket[1] = now_s
        cost = min(cost, rate.burst)  # a request larger than the bucket empties it, and is not refused for ever
        if left < cost:
            bucket[0] = left
            return (cost - left) / rate.per_second
        bucket[0] = left - cost
        return 0.0
