"""Settings of logins."""

from __future__ import annotations

from tarazy.platform.config.declaring import Section, setting


class LoginSection(Section):
    """Logins of people at the facility's pages. No rule with numbers was seen: all of these are the house's choice."""

    session_hours: float = setting(
        12, unit="h", minimum=0.1, maximum=168, reason="how long a session lasts, used or not: a working day"
    )
    idle_minutes: float = setting(
        60, unit="min", minimum=1, maximum=1_440, reason="after this without a page or an order it is over"
    )
    wrong_max: int = setting(
        10, unit="attempts", minimum=3, maximum=100, reason="wrong secrets, of one network or for one name"
    )
    locked_minutes: float = setting(
        15, unit="min", minimum=1, maximum=1_440, reason="how long logins are refused after too many wrong secrets"
    )
    invitation_days: int = setting(7, unit="days", minimum=1, maximum=60, reason="how long an invitation may be used")
    recovery_hours: float = setting(
        72,
        unit="h",
        minimum=0,
        maximum=720,
        reason="wait before a lost second factor is replaced; a login with it meanwhile ends the recovery",
    )
    withdrawal_wait_hours: float = setting(
        24, unit="h", minimum=0, maximum=720, reason="no withdrawal is requested on the pages after a recovery"
    )
