"""The templates that a token can be made from. Each fixes the whole supply at birth and has no owner.

What a template leaves to the issuer is listed with its bounds; the constructor refuses what is outside, and so does
`prepare`, in words. There is no template with a power over holders, and none can be added by parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tarazy.chains.evm.own_contracts import contract
from tarazy.issuance.errors import SafeTokenError
from tarazy.screening.identity.checksum import ADDRESS

ZERO_ADDRESS = "0x" + "0" * 40
NAME_LENGTH_MAX = 64
SYMBOL_LENGTH_MAX = 16
DECIMALS_MAX = 18
FEE_PPM_MAX = 50_000  # FeeToken.FEE_PPM_MAX
Check = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that the issuer chooses. `check(name, value)` returns it as the constructor takes it, or refuses."""

    name: str
    says: str
    check: Check


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of token: the contract, what it does, and what the issuer chooses, in the constructor's order."""

    name: str
    contract: str
    title: str
    says: str
    parameters: tuple[Parameter, ...]


def text(length_max: int) -> Check:
    """Return a check of a text that people can read."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= length_max or not value.isprintable():
            raise SafeTokenError(name, f"a printable text of 1 to {length_max} characters", repr(value))
        return value.strip()

    return check


def whole(least: int, most: int) -> Check:
    """Return a check of a whole number, given as such or as decimal digits."""

    def check(name: str, value: Any) -> int:
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
        if type(number) is not int or not least <= number <= most:
            raise SafeTokenError(name, f"a whole number from {least} to {most}", repr(value))
        return number

    return check


def account(name: str, value: Any) -> str:
    """Return an address that is not zero, in small letters."""
    if not isinstance(value, str) or not ADDRESS.fullmatch(value) or value.lower() == ZERO_ADDRESS:
        raise SafeTokenError(name, "an address of 0x and 40 digits, not zero", repr(value))
    return value.lower()


def common(supply_max: int) -> tuple[Parameter, ...]:
    """Return what every template asks for."""
    return (
        Parameter("name", "what the token is called", text(NAME_LENGTH_MAX)),
        Parameter("symbol", "its short name", text(SYMBOL_LENGTH_MAX)),
        Parameter("decimals", "digits after the point that wallets show", whole(0, DECIMALS_MAX)),
        Parameter("supply", "the whole supply, in minor units", whole(1, supply_max)),
        Parameter("holder", "who receives the whole supply", account),
    )


TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        Template(
            "fixed",
            "FixedToken",
            "Fixed supply",
            "The whole supply is made at birth. No owner, no power, nothing can be changed.",
            common(2**256 - 1),
        ),
        Template(
            "burnable",
            "BurnableToken",
            "Fixed supply, burn of own",
            "As fixed; a holder may burn tokens of his own, so that the first supply is the cap for ever.",
            common(2**256 - 1),
        ),
        Template(
            "fee",
            "FeeToken",
            "Fixed fee",
            "As fixed; every transfer pays a fee, at most 5 %, whose rate and receiver nobody can change.",
            (
                *common(2**128 - 1),
                Parameter("fee_ppm", "the fee in parts per million, at most 50000", whole(0, FEE_PPM_MAX)),
                Parameter("fee_receiver", "who receives the fee", account),
            ),
        ),
        Template(
            "votes",
            "VotesToken",
            "Votes and signed approvals",
            "As fixed; holders delegate votes (ERC-5805) and approve by signature (ERC-2612).",
            common(2**208 - 1),
        ),
    )
}


def prepare(template: str, values: Mapping[str, Any]) -> bytes:
    """Return the creation code of a token made from a template.

    Raises: SafeTokenError, naming the template or parameter, what was expected and what was found.
    """
    chosen = TEMPLATES.get(template)
    if chosen is None:
        raise SafeTokenError("template", f"one of {', '.join(TEMPLATES)}", repr(template))
    names = [parameter.name for parameter in chosen.parameters]
    if set(values) != set(names):
        raise SafeTokenError(f"template {template}", f"exactly {', '.join(names)}", ", ".join(sorted(values)) or "none")
    arguments = [parameter.check(parameter.name, values[parameter.name]) for parameter in chosen.parameters]
    return contract(chosen.contract).deployment(*arguments)
