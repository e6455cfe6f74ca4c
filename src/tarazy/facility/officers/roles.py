"""Officers' roles in words: `administrator+custody` is the sum of two bits."""

from __future__ import annotations

from tarazy.domain import records
from tarazy.facility.officers.errors import CommandTextError, nearest, shown

ROLES: dict[str, int] = {
    name.removeprefix("ROLE_").lower(): value
    for name, value in sorted(vars(records).items())
    if name.startswith("ROLE_")
}
EVERY_PERSONS_ROLE = sum(value for name, value in ROLES.items() if name != "machine")


def roles_from(where: str, text: str) -> int:
    """Return the sum of roles named with `+` between them.

    Raises: CommandTextError, which names the nearest role.
    """
    found = 0
    for name in text.split("+"):
        if name.strip() not in ROLES:
            action = nearest(name, [*ROLES])
            raise CommandTextError(where, expected="roles joined by +", found=shown(name), action=action)
        found |= ROLES[name.strip()]
    return found


def roles_text(mask: int) -> str:
    """Return a sum of roles in words; bits that are no role stay a number."""
    names = [name for name, bit in sorted(ROLES.items(), key=lambda pair: pair[1]) if mask & bit]
    unknown = mask & ~sum(ROLES.values())
    return "+".join([*names, str(unknown)] if unknown or not names else names)
