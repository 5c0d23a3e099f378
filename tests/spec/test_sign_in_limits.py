"""Wrong passwords make wait, by account and by address, on both stores and from many at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest
from sqlalchemy import select

from lib.access import Role, Viewer
from lib.actions import accounts, passwords, sign_in
from lib.errors import NotPermittedError, RefusedError
from lib.store import accounts as stored_accounts
from lib.store import sign_in_tries
from lib.store.engine import reading, writing
from lib.store.schema import audit_line, session
from lib.store.sign_in_tries import Key
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

ADMIN, LEADER = Viewer("admin", Role.ADMIN), Viewer("leader", Role.LEADER)
NOT_ADMIN = [Viewer("some", role) for role in Role if role is not Role.ADMIN]
RIGHT, WRONG = "云杉-口令-2023", "云杉-口令-2024"
NOW = small.NOW
OFFICE, ELSEWHERE = "10.0.0.1", "203.0.113.7"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Gate:
    """A store with an administrator and a leader, and those who try to get in."""

    engine: Engine
    stored: StoredContract

    def tries(
        self,
        password: str,
        name: str = "leader",
        *,
        origin: str = ELSEWHERE,
        at: datetime = NOW,
    ) -> bool:
        """Whether a password opens."""
        return sign_in.is_right(self.engine, self.stored, name, password, origin, at)

    def errs(
        self, times: int, name: str = "leader", *, origin: str = ELSEWHERE, at: datetime = NOW
    ) -> None:
        """Try a wrong password so often."""
        for _ in range(times):
            assert not self.tries(WRONG, name, origin=origin, at=at)

    def signs_in(self, name: str = "leader", *, origin: str = OFFICE, at: datetime = NOW) -> None:
        """Begin a session from an address."""
        accounts.begin_session(self.engine, self.stored, name, at, origin)

    def waits(
        self, name: str = "leader", *, origin: str = ELSEWHERE, at: datetime = NOW
    ) -> timedelta:
        """How long the next try has to wait."""
        until = sign_in.waits_until(self.engine, self.stored, name, origin, at)
        return until - at if until else timedelta(0)

    def kept(self) -> dict[Key, int]:
        """Wrong tries by key."""
        with reading(self.engine) as connection:
            found = sign_in_tries.listed(connection, self.stored.id)
        return {each.key: each.failures for each in found}

    def audited(self, act: str) -> Sequence[Mapping[str, Any]]:
        """The audit lines of an act, in order."""
        query = select(audit_line).where(audit_line.c.act == act).order_by(audit_line.c.line_id)
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


@pytest.fixture
def gate(engine: Engine) -> Gate:
    """The small contract with two accounts."""
    stored = small.entered(engine)
    for viewer in (ADMIN, LEADER):
        accounts.add_account(engine, stored, small.ADMINISTRATOR, viewer, RIGHT, NOW)
    return Gate(engine, stored)


def test_the_wait_doubles_up_to_an_hour_and_is_forgotten_after_a_night(gate: Gate):
    gate.errs(9)
    assert gate.waits() == timedelta(0)
    moment, waited = NOW, []
    for _ in range(9):
        gate.errs(1, at=moment)
        waited.append(gate.waits(at=moment))
        assert not gate.tries(RIGHT, at=moment + waited[-1] - timedelta(seconds=1))
        moment += waited[-1]
    assert waited == [timedelta(minutes=n) for n in (1, 2, 4, 8, 16, 32, 60, 60, 60)]
    last = moment - HOUR
    assert not gate.tries(WRONG, at=last + timedelta(hours=12)), "still counted: an hour more"
    assert gate.waits(at=last + timedelta(hours=12)) == HOUR
    night = last + timedelta(hours=24, minutes=1)
    assert gate.waits(at=night) == timedelta(0)
    gate.errs(9, at=night)
    assert gate.tries(RIGHT, at=night)


def test_a_clock_that_was_a_day_ahead_locks_nobody_out(gate: Gate):
    gate.errs(10, at=NOW + timedelta(seconds=5))
    assert gate.waits() == MINUTE + timedelta(seconds=5), "a little ahead is another machine's"
    gate.errs(12, "admin", origin=OFFICE, at=NOW + timedelta(days=1))
    assert gate.waits("admin", origin=OFFICE) == timedelta(0)
    gate.errs(9, "admin", origin=OFFICE)
    assert gate.tries(RIGHT, "admin", origin=OFFICE)


def test_what_is_tried_while_waiting_counts_for_nothing(gate: Gate):
    gate.errs(10)
    gate.errs(50)
    assert gate.waits() == MINUTE
    assert gate.kept()[Key("leader", "")] == 10
    assert len(gate.audited("sign_in_failed")) == 10
    assert gate.tries(RIGHT, at=NOW + MINUTE)


def test_the_right_one_forgets_the_accounts_wrong_ones_not_the_addresss(gate: Gate):
    gate.errs(9)
    assert gate.tries(RIGHT)
    assert gate.kept() == {Key("", ELSEWHERE): 9}


def test_an_address_waits_whatever_the_name_after_a_hundred(gate: Gate):
    for number in range(99):
        gate.errs(1, f"name{number}")
    assert gate.tries(RIGHT)
    gate.errs(1, "name99")
    assert not gate.tries(RIGHT)
    assert not gate.tries(RIGHT, "admin")
    assert gate.waits("name100") == gate.waits() == MINUTE
    assert gate.tries(RIGHT, origin=OFFICE), "no other address waits"
    moment = NOW
    for _ in range(8):
        moment += gate.waits("name0", at=moment)
        gate.errs(1, f"name{moment:%H%M}", at=moment)
    assert gate.waits("name0", at=moment) == timedelta(minutes=15)


def test_who_knows_a_name_locks_nobody_out_of_the_own_office(gate: Gate):
    gate.signs_in(origin=OFFICE)
    gate.errs(10, origin=ELSEWHERE)
    for number in range(20):  # other addresses are no way around
        assert not gate.tries(RIGHT, origin=f"203.0.113.{number}")
    assert gate.tries(RIGHT, origin=OFFICE)
    assert gate.waits(origin=ELSEWHERE) == MINUTE, "a right one in the office frees nobody else"
    gate.errs(10, origin=OFFICE)
    assert not gate.tries(RIGHT, origin=OFFICE), "the office has a limit of its own"


def test_an_address_is_known_for_a_month(gate: Gate):
    gate.signs_in(origin=OFFICE)
    later = NOW + timedelta(days=30)
    before = later - timedelta(seconds=30)
    gate.errs(10, origin=ELSEWHERE, at=before)
    assert gate.tries(RIGHT, origin=OFFICE, at=before)
    assert gate.waits(origin=OFFICE, at=later) == timedelta(seconds=30)


def test_what_is_typed_as_a_name_that_nobody_has_is_not_kept(gate: Gate):
    typed = ["云杉-口令-2023", "my password", "x" * 5000, "' or 1=1 --"]
    for each in typed:
        gate.errs(11, accounts.account_name(each))
    assert gate.kept() == {
        Key("", ELSEWHERE): 40,
        **dict.fromkeys((key for key in gate.kept() if key.name), 10),
    }
    groups = [key.name for key in gate.kept() if key.name]
    assert [(len(each), each[0]) for each in groups] == [(4, " ")] * 4
    lines = gate.audited("sign_in_failed")
    assert {(line["by"], line["subject"], line["origin"]) for line in lines} == {
        ("（未登录）", "", ELSEWHERE)
    }
    shown = sign_in.recent(gate.engine, gate.stored, ADMIN, NOW)
    assert [each.key for each in shown.of_known] == [Key("", ELSEWHERE)]
    assert shown.of_nobody == 40


NAMES = ["leader", "nobody", "disabled", "locked", "old-locked", "old"]


def test_the_same_is_computed_for_every_name(gate: Gate, monkeypatch: pytest.MonkeyPatch):
    """Counted, not timed: one hash of each kind, and one more only where a right one opens."""
    fill(gate)
    computed: Counter[str] = Counter()
    for step in ("_is_argon2", "_is_bcrypt", "hashed"):
        real = getattr(passwords, step)
        counting = lambda *given, s=step, real=real: computed.update([s]) or real(*given)  # noqa: E731
        monkeypatch.setattr(passwords, step, counting)
    found = {}
    for password in ("", WRONG, RIGHT):
        for name in NAMES:
            computed.clear()
            found[name, password] = (gate.tries(password, name), dict(computed))
    checked = {"_is_argon2": 1, "_is_bcrypt": 1}
    assert found == {
        **{(name, password): (False, checked) for name in NAMES for password in ("", WRONG, RIGHT)},
        ("leader", RIGHT): (True, checked),
        ("old", RIGHT): (True, {**checked, "hashed": 1}),
    }


def fill(gate: Gate) -> None:
    """Add an account of each sort that there is."""
    for each in NAMES[2:]:
        viewer = Viewer(each, Role.LEADER)
        accounts.add_account(gate.engine, gate.stored, small.ADMINISTRATOR, viewer, RIGHT, NOW)
    keep_old_hash(gate, "old")
    keep_old_hash(gate, "old-locked")
    accounts.set_disabled(
        gate.engine, gate.stored, small.ADMINISTRATOR, "disabled", disabled=True, now=NOW
    )
    gate.errs(10, "locked")
    gate.errs(10, "old-locked")


def keep_old_hash(gate: Gate, name: str) -> None:
    """Give an account a hash as they were made before."""
    old = bcrypt.hashpw(RIGHT.encode(), bcrypt.gensalt(4)).decode()
    with writing(gate.engine) as connection:
        stored_accounts.change(connection, gate.stored.id, name, password_hash=old)


def hash_of(gate: Gate, name: str) -> str:
    """What is kept of an account's password."""
    with reading(gate.engine) as connection:
        found = stored_accounts.find(connection, gate.stored.id, name)
    assert found
    return found.password_hash


def test_a_hash_of_the_old_kind_is_replaced_at_the_next_right_password(gate: Gate):
    keep_old_hash(gate, "leader")
    old = hash_of(gate, "leader")
    assert not gate.tries(WRONG)
    assert hash_of(gate, "leader") == old
    assert gate.tries(RIGHT)
    new = hash_of(gate, "leader")
    assert new.startswith("$argon2id$")
    assert gate.tries(RIGHT)
    assert hash_of(gate, "leader") == new


def test_tries_at_the_same_time_are_no_way_around(gate: Gate):
    """Twenty times: of fifteen from as many addresses ten count, and the right one then waits."""
    for day in range(20):
        at = NOW + timedelta(days=day)
        with ThreadPoolExecutor(15) as pool:
            tried = [
                pool.submit(gate.tries, WRONG, origin=f"203.0.113.{number}", at=at)
                for number in range(15)
            ]
            assert [each.result() for each in tried] == [False] * 15
        assert gate.kept()[Key("leader", "")] == 10
        assert len(gate.audited("sign_in_failed")) == 10 * (day + 1)
        assert not gate.tries(RIGHT, origin=OFFICE, at=at)


def test_a_password_that_was_changed_while_it_was_checked_is_not_right(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
):
    real = passwords.verify

    def verify_slowly(*given: object, **named: bool) -> bool:
        right = real(*given, **named)
        accounts.set_password(
            gate.engine, gate.stored, small.ADMINISTRATOR, "leader", "春雨-铁轨-蓝伞-七", NOW
        )
        return right

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "verify", verify_slowly)
        assert not gate.tries(RIGHT)
    assert gate.tries("春雨-铁轨-蓝伞-七")


@pytest.mark.parametrize("subject", ["leader", ELSEWHERE])
def test_the_administrator_lifts_it(gate: Gate, subject: str):
    gate.signs_in(origin=OFFICE)
    gate.errs(10)
    gate.errs(10, origin=OFFICE)
    for viewer in NOT_ADMIN:
        with pytest.raises(NotPermittedError):
            sign_in.lift(gate.engine, gate.stored, viewer, subject, NOW)
        with pytest.raises(NotPermittedError):
            sign_in.recent(gate.engine, gate.stored, viewer, NOW)
    sign_in.lift(gate.engine, gate.stored, ADMIN, subject, NOW)
    left = {key for key in gate.kept() if key.name in {"leader", ""}}
    every = {Key("leader", ""), Key("leader", OFFICE), Key("", ELSEWHERE)}
    assert left == {key for key in every if subject not in {key.name, key.name or key.address}}
    (line,) = gate.audited("lift_sign_in_limit")
    assert (line["by"], line["subject"]) == ("admin", subject)
    with pytest.raises(RefusedError) as refusal:
        sign_in.lift(gate.engine, gate.stored, ADMIN, subject, NOW)
    assert refusal.value.sentence == f"“{subject}”现在没有登录限制。"


def test_a_new_password_lifts_it_too(gate: Gate):
    gate.errs(10)
    accounts.set_password(gate.engine, gate.stored, ADMIN, "leader", "春雨-铁轨-蓝伞-七", NOW)
    assert gate.tries("春雨-铁轨-蓝伞-七", origin=OFFICE)


def test_what_is_forgotten_is_taken_away(gate: Gate):
    gate.errs(3, origin=OFFICE)
    later = NOW + timedelta(hours=13)
    assert sign_in.recent(gate.engine, gate.stored, ADMIN, later).of_known == []
    gate.errs(1, "admin", at=later)
    assert gate.kept() == {Key("admin", ""): 1, Key("", ELSEWHERE): 1}


def test_sessions_are_kept_for_half_a_year_and_no_number_comes_twice(gate: Gate):
    gate.signs_in(at=NOW)
    gate.signs_in("admin", at=NOW + timedelta(days=183))
    assert numbers(gate) == [1, 2]
    gate.signs_in(at=NOW + timedelta(days=184))
    assert numbers(gate) == [2, 3]
    gate.signs_in(at=NOW + timedelta(days=1000))
    assert numbers(gate) == [4]


def numbers(gate: Gate) -> list[int]:
    """The sessions that are kept."""
    with reading(gate.engine) as connection:
        found = connection.execute(select(session.c.session_id).order_by(session.c.session_id))
        return list(found.scalars())
