"""What an attacker may call: entry points with arguments that their own code makes interesting.

An argument is chosen by its type. Numbers are the constants of the entry point itself and their neighbours, then the
usual ones; addresses are those of the story: the trader, the pool, the attacker. Where there are many arguments, those
vectors are tried in which all numbers are equal, or all but one are zero. The likeliest of all lists come first.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tarazy.chains.evm.abi_values import encode
from tarazy.screening.simulation.abi import UINT_MAX
from tarazy.screening.simulation.engine import ZERO_ADDRESS
from tarazy.screening.simulation.holders import PrivilegedAccount
from tarazy.screening.simulation.selectors import signature_of
from tarazy.screening.simulation.target import TargetEntryPoint

USUAL = (0, UINT_MAX, 1 << 255, 99, 100, 1, 1_000, 10_000, 2)
# Numbers that compilers leave in every entry point: lengths and offsets of words, masks.
COMPILER_NOISE = frozenset((31, 32, 36, 64, 96, 128, 160, 192, 224, (1 << 160) - 1, 1 << 160, 1 << 64, (1 << 64) - 1))
INTERESTING_MAX = 10
CODE_NUMBERS_MAX = 6
LIST_LENGTH = 2  # two, so that a product of count and amount can overflow
TRANSFER, TRANSFER_FROM, APPROVE = "0xa9059cbb", "0x23b872dd", "0x095ea7b3"
NUMBER = re.compile(r"(u?)int(\d*)$")
BYTES = re.compile(r"bytes(\d+)$")
Value = int | str | bool | bytes | list["Value"] | tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The accounts and amounts of a story."""

    trader: str
    pool: str
    router: str
    token: str
    weth: str
    accomplice: str
    supply: int
    held: int  # by the trader
    trap: str  # a contract that refuses everything
    trading: tuple[int, ...] = ()  # numbers that the token's own transfers compare with

    def name(self, address: str) -> str:
        """Return what a story calls an address."""
        names = {
            self.trader: "the trader",
            self.pool: "the pool",
            self.router: "the router",
            self.token: "the token itself",
            self.weth: "WETH",
            self.accomplice: "an accomplice",
            self.trap: "a contract that refuses everything",
            ZERO_ADDRESS: "the zero address",
        }
        return names.get(address, address)


@dataclass(frozen=True, slots=True)
class Action:
    """One call of an entry point by somebody."""

    privileged: PrivilegedAccount
    entry: TargetEntryPoint
    data: bytes
    arguments: tuple[Value, ...]
    value: int = 0

    def names(self, address: str) -> bool:
        """Return whether an address is among the arguments."""
        return any(
            address == argument or (isinstance(argument, list) and address in argument) for argument in self.arguments
        )

    def format(self, scene: Scene) -> str:
        """Return the action as a sentence."""
        signature = signature_of(self.entry.selector) or f"{self.entry.selector}({','.join(self.entry.types)})"
        text = f"the {self.privileged.name} calls {signature}"
        if self.arguments:
            text += " with " + ", ".join(word_of(argument, self.privileged, scene) for argument in self.arguments)
        return text + (f" and {self.value} wei" if self.value else "")


def word_of(value: Value, privileged: PrivilegedAccount, scene: Scene) -> str:
    """Return an argument as a story tells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith("0x"):
        return "himself" if value == privileged.address else scene.name(value)
    if isinstance(value, int):
        return {UINT_MAX: "the largest number", scene.supply: "the whole supply", scene.held: "all the trader has"}.get(
            value, str(value)
        )
    if isinstance(value, bytes):
        return "0x" + value.hex() if value else "no data"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(word_of(item, privileged, scene) for item in value) + "]"
    return repr(value)


def actions_of(entry: TargetEntryPoint, privileged: PrivilegedAccount, scene: Scene, count_max: int) -> list[Action]:
    """Return the variants of one entry point for one attacker, the likeliest first."""
    made: list[Action] = []
    for arguments in vectors(entry, privileged, scene, count_max):
        try:
            body = encode(entry.types, arguments)
        except ValueError:
            continue
        made.append(Action(privileged, entry, bytes.fromhex(entry.selector[2:]) + body, arguments))
    if entry.payable and made:
        first = made[0]
        made.append(Action(privileged, entry, first.data, first.arguments, 10**16))
    return made


def vectors(
    entry: TargetEntryPoint, privileged: PrivilegedAccount, scene: Scene, count_max: int
) -> list[tuple[Value, ...]]:
    """Return argument vectors in order of the sum of their ranks."""
    types = entry.types
    if not types:
        return [()]
    found = list(standard(entry, privileged, scene))
    groups: dict[str, list[int]] = {}
    for place, kind in enumerate(types):
        groups.setdefault(group_of(kind), []).append(place)
    options = [
        [(places, values) for values in fillings(group, places, entry, privileged, scene)]
        for group, places in groups.items()
    ]
    ranked = sorted(
        itertools.islice(itertools.product(*(enumerate(each) for each in options)), 4_096),
        key=lambda choice: sum(rank for rank, _ in choice),
    )
    for choice in ranked[: count_max - len(found)]:
        vector: dict[int, Value] = {}
        for _, (places, values) in choice:
            vector.update(zip(places, values, strict=True))
        found.append(tuple(fit(types[place], vector[place]) for place in range(len(types))))
    return list({repr(vector): vector for vector in found}.values())


def standard(entry: TargetEntryPoint, privileged: PrivilegedAccount, scene: Scene) -> Iterator[tuple[Value, ...]]:
    """Yield what is worth trying of the standard calls: more than one has, to oneself, what is another's."""
    me = privileged.address
    if entry.selector == TRANSFER and entry.types == ("address", "uint256"):
        amounts = ((scene.accomplice, scene.supply), (me, scene.held), (scene.accomplice, UINT_MAX), (scene.trader, 0))
        yield from (*amounts, (scene.pool, scene.held))
    if entry.selector == APPROVE:
        yield from ((scene.accomplice, number) for number in scene.trading)
    if entry.selector == TRANSFER_FROM and entry.types == ("address", "address", "uint256"):
        yield from ((scene.trader, me, scene.held), (scene.pool, me, scene.held), (me, me, scene.held))
        yield from ((scene.trader, scene.accomplice, scene.held), (scene.trader, scene.pool, 0))


def group_of(kind: str) -> str:
    """Return which arguments are chosen together: all addresses, all numbers, all switches; others on their own."""
    base, bracket, _ = kind.partition("[")
    if base in ("address", "bool"):
        return base
    if NUMBER.match(base):
        return "numbers" if bracket else "number"  # a list that is read as numbers may be one of addresses
    return kind


def fillings(
    group: str, places: Sequence[int], entry: TargetEntryPoint, privileged: PrivilegedAccount, scene: Scene
) -> list[tuple[Value, ...]]:
    """Return ways to fill the places of one group."""
    count = len(places)
    if group == "address":
        return addresses(count, privileged, scene)
    if group == "bool":
        choices: list[tuple[Value, ...]] = [(True,) * count, (False,) * count]
        return choices + ([one_hot(count, at, True, False) for at in range(count)] if count > 1 else [])
    if group == "number":
        usual = numbers(entry, scene)
        same: list[tuple[Value, ...]] = [(value,) * count for value in usual]
        if count == 1:
            return same
        alone = [one_hot(count, at, value, 0) for value in usual[:6] if value for at in range(count)]
        return [values for pair in itertools.zip_longest(same, alone) for values in pair if values is not None]
    if group == "numbers":
        accounts: Value = [int(scene.accomplice, 16), int(privileged.address, 16)]
        return [(accounts,) * count, *((value,) * count for value in numbers(entry, scene)[:3])]
    return [(value,) * count for value in others(group, entry)]


def one_hot(count: int, at: int, value: Value, rest: Value) -> tuple[Value, ...]:
    """Return a vector in which one place differs from the others."""
    return tuple(value if place == at else rest for place in range(count))


def addresses(count: int, privileged: PrivilegedAccount, scene: Scene) -> list[tuple[Value, ...]]:
    """Return address vectors: who suffers first, who gains second."""
    single = [scene.trader, scene.pool, privileged.address, scene.accomplice, scene.trap]
    single += [scene.weth, scene.router, scene.token, ZERO_ADDRESS]
    if count == 1:
        return [(address,) for address in dict.fromkeys(single)]
    gains = [privileged.address, scene.accomplice, scene.pool]
    crossed: list[tuple[Value, ...]] = [(scene.trader, *(privileged.address,) * (count - 1))]
    crossed += [(scene.pool, *(scene.router,) * (count - 1)), (scene.router, *(scene.pool,) * (count - 1))]
    for victim in (scene.trader, scene.pool, scene.weth, scene.token):
        for gain in gains:
            crossed.append((victim, *(gain,) * (count - 1)))
    crossed += [(address,) * count for address in single]
    crossed += [(gain, *(victim,) * (count - 1)) for gain in gains for victim in (scene.trader, scene.pool)]
    return list(dict.fromkeys(crossed))


def numbers(entry: TargetEntryPoint, scene: Scene) -> list[int]:
    """Return numbers for an entry point, those of its own code first."""
    own = [value for value in entry.interesting if value not in COMPILER_NOISE and value > 2][:INTERESTING_MAX]
    near = [number for value in reversed(own) for number in (value, value - 1, value + 1) if number <= UINT_MAX]
    noise = [value for value in entry.interesting if value in COMPILER_NOISE][:4]
    first = [*near[:2], *USUAL[:2], scene.held, *USUAL[2:5]]
    return list(dict.fromkeys([*first, *near[2:], *scene.trading, *USUAL[5:], scene.supply, *noise]))


def trading_numbers(entries: Iterable[TargetEntryPoint], code: bytes) -> tuple[int, ...]:
    """Return numbers that transfers compare with or store, and that the code pushes: a setter may need these."""
    of_transfers = [
        value
        for entry in entries
        if entry.selector in (TRANSFER, TRANSFER_FROM)
        for value in entry.interesting
        if 2 < value < 1 << 64 and value not in COMPILER_NOISE
    ]
    return tuple(dict.fromkeys([*of_transfers[:INTERESTING_MAX], *code_numbers(code)]))


def code_numbers(code: bytes) -> list[int]:
    """Return numbers of two to eight bytes that the code pushes and that are no place to jump to, nor a selector."""
    pushed: list[int] = []
    places, at = set[int](), 0
    while at < len(code):
        size = code[at] - 0x5F if 0x60 <= code[at] <= 0x7F else 0
        if code[at] == 0x5B:
            places.add(at)
        if 2 <= size <= 8 and size != 4:
            pushed.append(int.from_bytes(code[at + 1 : at + 1 + size], "big"))
        at += 1 + size
    found = [value for value in dict.fromkeys(pushed) if value not in places and value not in COMPILER_NOISE]
    return [value for value in found if value & (value + 1)][:CODE_NUMBERS_MAX]  # no masks


def others(kind: str, entry: TargetEntryPoint) -> list[Value]:
    """Return values for types that are neither numbers nor addresses nor switches."""
    fixed = BYTES.match(kind)
    if fixed:
        size = int(fixed[1])
        big = [value for value in entry.interesting if value >= 1 << 64]
        return [value.to_bytes(32, "big")[-size:] for value in (0, *big, 1)]
    simple: Mapping[str, list[Value]] = {"bytes": [b""], "string": ["x"]}
    return simple.get(kind.partition("[")[0], [()])


def fit(kind: str, value: Value) -> Value:
    """Return a value as its type can carry it: numbers cut to their bits, lists of equal values for arrays."""
    if kind.endswith("]"):
        if isinstance(value, list):
            return value
        inner, _, count = kind[:-1].rpartition("[")
        return [fit(inner, value)] * (int(count) if count else LIST_LENGTH)
    number = NUMBER.match(kind)
    if number and isinstance(value, int):
        bits = int(number[2] or 256) - (0 if number[1] else 1)
        return min(value, (1 << bits) - 1)
    return value
