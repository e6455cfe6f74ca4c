"""Logins on the real store: two factors, each code once, lock-out, invitations, recovery with its wait, sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher

from tarazy.facility.accounts.logins import passwords
from tarazy.facility.accounts.logins.configuration import LoginSection
from tarazy.facility.accounts.logins.errors import UserError
from tarazy.facility.accounts.logins.logins import Logins
from tarazy.facility.accounts.logins.one_time_codes import step_of
from tarazy.facility.accounts.logins.users import UserStore, WebUser
from tarazy.platform.refusals import RefusedError

PASSWORD, OTHER = "a fine long sentence", "another fine sentence"
HOME, AWAY = "192.0.2.1", "198.51.100.7"
# RFC 6238, appendix B, SHA-1: the last six of the eight digits.
VECTORS = ((59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130"))
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@dataclass
class Clock:
    """A clock that tests move. Units: seconds since 1970."""

    now_s: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Stage:
    """Logins with one user, Aigul, whose authenticator is set up."""

    clock: Clock
    users: UserStore
    logins: Logins
    secret: str = ""
    spare_codes: tuple[str, ...] = ()

    @property
    def user(self) -> WebUser:
        """Return the user as she stands."""
        found = self.users.named("aigul")
        assert found is not None
        return found

    def code(self) -> str:
        """Return what the authenticator shows in the next half minute, so that no code comes twice."""
        self.clock.now_s += 30
        return pyotp.TOTP(self.secret).at(int(self.clock.now_s))

    def begin(self, network: str = HOME) -> str:
        """Log in."""
        return self.logins.begin("aigul", PASSWORD, self.code(), network)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hash take a millisecond; one test looks at those in use."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr(passwords, "NOBODY", passwords.HASHER.hash("nobody's"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Return a stage."""
    clock = Clock()
    users = UserStore(tmp_path / "accounts", clock)
    made = Stage(clock, users, Logins(users, LoginSection()))
    _, invitation = users.create("Aigul", [7], ["client"], 7, "test")
    made.logins.accept("aigul", invitation, PASSWORD, HOME)
    made.secret = users.begin_authenticator(made.user)
    made.spare_codes = tuple(made.logins.set_authenticator(made.user, made.code(), HOME))
    yield made
    users.close()


def refused(*call: object) -> str:
    """Return the name of the reason for which a call is refused."""
    function, *arguments = call
    with pytest.raises(RefusedError) as caught:
        function(*arguments)  # type: ignore[operator]
    return caught.value.reason.name


def test_hashes_are_argon2id_with_the_parameters_of_rfc_9106(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    stored = passwords.hash_of(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # section 4, second recommended option
    assert passwords.NOBODY.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.is_password(stored, PASSWORD)
    assert not passwords.is_password(stored, OTHER)
    assert not passwords.is_password(None, PASSWORD)


@pytest.mark.parametrize(("at_s", "code"), VECTORS)
def test_codes_are_those_of_the_rfc(at_s: int, code: str) -> None:
    assert step_of(RFC_SECRET, code, at_s, 0) == at_s // 30
    assert step_of(RFC_SECRET, code, at_s + 90, 0) is None


def test_name_password_and_code_let_in_and_the_session_is_hers(stage: Stage) -> None:
    token = stage.begin()
    found = stage.logins.find(token)
    assert found is not None
    assert (found.name, found.accounts) == ("aigul", (7,))
    assert stage.begin() != token


def test_wrong_name_password_and_code_are_refused_alike(stage: Stage) -> None:
    begin = stage.logins.begin
    wrong = [("nobody", PASSWORD, stage.code()), ("aigul", OTHER, stage.code()), ("aigul", PASSWORD, "000000")]
    texts = set()
    for name, password, code in wrong:
        with pytest.raises(RefusedError) as caught:
            begin(name, password, code, HOME)
        texts.add(str(caught.value))
    assert texts == {"name, password or code is wrong"}


def test_a_code_counts_once_also_after_a_restart(stage: Stage) -> None:
    code = stage.code()
    stage.logins.begin("aigul", PASSWORD, code, HOME)
    assert refused(stage.logins.begin, "aigul", PASSWORD, code, HOME) == "login_wrong"
    again = Logins(stage.users, LoginSection())
    assert refused(again.begin, "aigul", PASSWORD, code, HOME) == "login_wrong"


def test_a_spare_code_counts_once_however_it_is_typed(stage: Stage) -> None:
    code = stage.spare_codes[0]
    stage.logins.begin("aigul", PASSWORD, code.upper().replace("-", " "), HOME)
    assert refused(stage.logins.begin, "aigul", PASSWORD, code, HOME) == "login_wrong"
    assert stage.users.spare_left(stage.user.number) == len(stage.spare_codes) - 1


def test_ten_wrong_ones_lock_the_name_for_every_network_and_time_opens_it(stage: Stage) -> None:
    for number in range(10):
        assert refused(stage.logins.begin, "aigul", OTHER, "000000", f"192.0.2.{number}") == "login_wrong"
    assert refused(stage.logins.begin, "aigul", PASSWORD, stage.code(), AWAY) == "rate_limit"
    stage.clock.now_s += 15 * 60
    assert stage.logins.find(stage.begin(AWAY)) is not None


def test_ten_wrong_ones_of_a_network_lock_it_whatever_names_they_try(stage: Stage) -> None:
    for number in range(10):
        assert refused(stage.logins.begin, f"name{number}", OTHER, "000000", AWAY) == "login_wrong"
    assert refused(stage.logins.begin, "aigul", PASSWORD, stage.code(), AWAY) == "rate_limit"
    assert stage.logins.find(stage.begin(HOME)) is not None


def test_an_invitation_counts_once_and_ends(stage: Stage) -> None:
    user, first = stage.users.create("berik", [8], ["client"], 7, "test")
    second = stage.users.invite(user, 7, "test")
    accept = stage.logins.accept
    assert refused(accept, "berik", first, PASSWORD, HOME) == "invitation_wrong"
    assert refused(accept, "berik", second, "short", HOME) == "password_weak"
    assert refused(accept, "berik", second, "berik has a password", HOME) == "password_weak"
    accept("berik", second, PASSWORD, HOME)
    assert refused(accept, "berik", second, OTHER, HOME) == "invitation_wrong"
    third = stage.users.invite(user, 7, "test")
    stage.clock.now_s += 7 * 86_400
    assert refused(accept, "berik", third, OTHER, HOME) == "invitation_wrong"


def test_a_password_without_a_second_factor_opens_nothing(stage: Stage) -> None:
    _, invitation = stage.users.create("berik", [8], ["client"], 7, "test")
    stage.logins.accept("berik", invitation, PASSWORD, HOME)
    assert refused(stage.logins.begin, "berik", PASSWORD, "", HOME) == "login_wrong"


def test_a_recovery_waits_then_gives_a_new_second_factor_and_holds_withdrawals_back(stage: Stage) -> None:
    logins = stage.logins
    token = stage.begin()
    due_s = logins.ask_recovery("aigul", PASSWORD, AWAY)
    assert due_s == stage.clock.now_s + 72 * 3_600
    stage.clock.now_s += 72 * 3_600 - 1
    assert logins.ask_recovery("aigul", PASSWORD, AWAY) == due_s  # asked again it begins nothing anew
    assert refused(logins.finish_recovery, "aigul", PASSWORD, AWAY) == "recovery_waits"
    stage.clock.now_s += 1
    fresh = logins.finish_recovery("aigul", PASSWORD, AWAY)
    assert logins.find(token) is None
    user = logins.find(fresh)
    assert user is not None
    assert not user.has_second_factor
    assert logins.withdrawal_wait_s(user) == 24 * 3_600
    assert refused(logins.begin, "aigul", PASSWORD, stage.spare_codes[0], HOME) == "login_wrong"
    old = stage.secret
    stage.secret = stage.users.begin_authenticator(user)
    assert stage.secret != old
    logins.set_authenticator(stage.user, stage.code(), HOME)
    assert logins.find(stage.begin()) is not None


def test_a_login_with_the_second_factor_ends_a_recovery_that_a_thief_began(stage: Stage) -> None:
    stage.logins.ask_recovery("aigul", PASSWORD, AWAY)
    stage.begin()
    stage.clock.now_s += 72 * 3_600
    assert refused(stage.logins.finish_recovery, "aigul", PASSWORD, AWAY) == "recovery_waits"


def test_a_recovery_needs_the_password(stage: Stage) -> None:
    assert refused(stage.logins.ask_recovery, "aigul", OTHER, AWAY) == "login_wrong"
    assert stage.user.recovery_s is None


def test_a_locked_user_is_out_at_once(stage: Stage) -> None:
    token = stage.begin()
    stage.users.lock("aigul", "asked by the person", "test")
    assert stage.logins.find(token) is None
    assert refused(stage.logins.begin, "aigul", PASSWORD, stage.code(), HOME) == "login_wrong"
    stage.users.unlock("aigul", "test")
    assert stage.logins.find(stage.begin()) is not None


def test_a_session_ends_with_idleness_and_with_its_time(stage: Stage) -> None:
    token = stage.begin()
    for _ in range(12):
        stage.clock.now_s += 59 * 60
        assert stage.logins.find(token) is not None
    stage.clock.now_s += 13 * 60
    assert stage.logins.find(token) is None
    idle = stage.begin()
    stage.clock.now_s += 30 * 60
    assert stage.logins.find(idle, is_use=False) is not None
    stage.clock.now_s += 30 * 60
    assert stage.logins.find(idle) is None


def test_a_new_password_ends_the_other_sessions(stage: Stage) -> None:
    here, there = stage.begin(), stage.begin(AWAY)
    assert refused(stage.logins.change_password, stage.user, OTHER, OTHER, here, HOME) == "login_wrong"
    stage.logins.change_password(stage.user, PASSWORD, OTHER, here, HOME)
    assert stage.logins.find(here) is not None
    assert stage.logins.find(there) is None


def test_the_files_hold_no_secret_and_the_trail_tells_every_act(stage: Stage, tmp_path: Path) -> None:
    stage.begin()
    stage.users.close()
    secrets = [PASSWORD, stage.secret, *stage.spare_codes, *(each.replace("-", "") for each in stage.spare_codes)]
    for path in (tmp_path / "accounts").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
        content = path.read_bytes()
        assert not [each for each in secrets if each.encode() in content], path
    trail = (tmp_path / "accounts" / "audit.jsonl").read_text()
    acts = ("user_created", "user_invited", "invitation_used", "authenticator_set", "spare_codes_made", "logged_in")
    assert [act for act in acts if f'"{act}"' not in trail] == []


@pytest.mark.parametrize(
    ("name", "accounts", "roles"),
    [("A", [1], ["client"]), ("two words", [1], ["client"]), ("cara", [], ["client"]), ("cara", [1], ["owner"])],
)
def test_a_user_that_is_not_as_expected_is_not_made(
    stage: Stage, name: str, accounts: list[int], roles: list[str]
) -> None:
    with pytest.raises(UserError, match="expected"):
        stage.users.create(name, accounts, roles, 7, "test")


def test_a_name_is_there_once(stage: Stage) -> None:
    with pytest.raises(UserError, match="nobody has"):
        stage.users.create("AIGUL", [9], ["client"], 7, "test")
