"""``riskmiljo user`` and ``riskmiljo token``."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from riskmiljo.access import passwords
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Crew, Plan, Route
from riskmiljo.model.role import Role
from riskmiljo.model.shift import Shift
from riskmiljo.store import open_store
from riskmiljo.wording import Text


@pytest.fixture
def type_in(call, tmp_path: Path, monkeypatch):
    """Call ``riskmiljo`` with lines on the standard input."""
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 64)
    passwords._hasher.cache_clear()

    def called(*words, lines=()):
        text = "".join(f"{line}\n" for line in lines)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return call(tmp_path, *words)

    yield called
    passwords._hasher.cache_clear()


def add(type_in, name, role, password="korrekt hast batteri"):  # noqa: S107 - test data
    return type_in("user", "add", name, "--role", role, "--password-stdin", lines=[password])


def test_an_account_is_added_listed_changed_and_disabled(type_in, tmp_path):
    said = add(type_in, "Åsa Ek", "admin")
    assert said.returncode == 0
    assert "från och med nu krävs inloggning" in said.stdout
    assert "krävs inloggning" not in add(type_in, "bo", "police").stdout
    assert type_in("user", "role", "bo", "--role", "planner").returncode == 0
    assert type_in("user", "disable", "BO").returncode == 0
    # The last of them stays: somebody must be able to open the administrator's pages.
    for words in (("disable", "åsa ek"), ("role", "åsa ek", "--role", "police")):
        refused = type_in("user", *words)
        assert (refused.returncode, "sista med rollen" in refused.stderr) == (2, True)
    listed = type_in("user", "list").stdout.splitlines()
    assert "Åsa Ek  Administratör" in listed[0]
    assert listed[1].startswith("2  bo  Planerare")
    assert listed[1].endswith("avstängt")
    assert type_in("user", "enable", "bo").returncode == 0
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        assert [user.role for user in store.users.all()] == [Role.ADMIN, Role.PLANNER]
        assert store.verify_audit() == []


def test_without_an_administrator_it_is_said_how_to_get_one(type_in):
    missing = "Ingen administratör finns"
    assert missing not in type_in("user", "list").stdout
    assert missing in add(type_in, "bo", "police").stdout
    assert missing in type_in("user", "list").stdout
    assert missing not in add(type_in, "eva", "admin").stdout


def test_a_copy_says_what_belongs_to_it_and_what_is_lost_without_it(type_in, tmp_path):
    add(type_in, "eva", "admin")
    assert "sqlite.key" not in type_in("backup", "a.sqlite").stdout
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        secret = store.factors.offer(1)
        assert store.factors.take_up(1, pyotp.TOTP(secret).at(now), now=now)
    key = tmp_path / "s.sqlite.key"
    assert str(key) in type_in("backup", "b.sqlite").stdout
    assert secret.encode() not in (tmp_path / "b.sqlite").read_bytes()
    assert "prövas" not in type_in("restore", "b.sqlite", "--yes").stdout
    assert "prövas" not in type_in("user", "list").stdout
    key.unlink()
    for kept in tmp_path.glob("*.before-*"):
        # Two in one second would have the same name.
        kept.unlink()
    said = type_in("restore", "b.sqlite", "--yes").stdout
    assert "engångskod inte kan prövas: 1" in said
    assert str(key) in said
    assert "som inte kan prövas" in type_in("user", "list").stdout
    mended = type_in(
        "user", "password", "eva", "--no-code", "--password-stdin", lines=["korrekt hast battery"]
    )
    assert mended.returncode == 0
    assert "prövas" not in type_in("user", "list").stdout


@pytest.mark.parametrize(
    ("words", "lines", "why"),
    [
        (("user", "add", "bo", "--role", "police", "--password-stdin"), ["kort"], "12 till 256"),
        (("user", "add", "bo", "--role", "police", "--password-stdin"), [], "12 till 256"),
        (("user", "add", "bo", "--role", "chef", "--password-stdin"), ["x" * 12], "chef"),
        (
            ("user", "add", "b:o", "--role", "police", "--password-stdin"),
            ["a b c d e f g h"],
            "b:o",
        ),
        (("user", "disable", "åsa"), [], "sista"),
        (("user", "role", "åsa", "--role", "planner"), [], "sista"),
        (("user", "password", "åsa", "--password-stdin"), ["hej åsa hej åsa"], "inloggningsnamnet"),
        (("token", "add", "åsa", "--expires", "367"), [], "367"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(type_in, words, lines, why):
    add(type_in, "Åsa", "admin")
    before = type_in("user", "list").stdout
    said = type_in(*words, lines=lines)
    assert said.returncode == 2
    assert why in said.stderr
    assert type_in("user", "list").stdout == before


def test_a_password_that_an_administrator_types_must_be_changed_unless_it_is_their_own(
    type_in, tmp_path
):
    add(type_in, "bo", "police")
    word = "korrekt hast batteri"
    own = ("user", "add", "åsa", "--role", "admin", "--password-stdin", "--own")
    assert type_in(*own, lines=[word]).returncode == 0
    assert "tillfälligt lösenord" in type_in("user", "list").stdout.splitlines()[0]
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        assert [user.must_change for user in store.users.all()] == [True, False]
    reset = ("user", "password", "åsa", "--password-stdin")
    assert type_in(*reset, lines=["ett annat ord här"]).returncode == 0
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        assert store.users.named("åsa").must_change


def test_a_name_or_number_that_does_not_exist_is_not_found(type_in):
    add(type_in, "Åsa", "admin")
    for words in (("user", "disable", "bo"), ("token", "add", "bo"), ("token", "revoke", "7")):
        assert type_in(*words).returncode == 1


def test_a_token_stands_alone_on_the_output_and_in_no_list(type_in):
    add(type_in, "Åsa", "admin")
    made = type_in("token", "add", "åsa", "--expires", "3")
    assert made.stdout.startswith("rm_")
    assert len(made.stdout.split()) == 1
    assert "visas inte igen" in made.stderr
    assert made.stdout.strip() not in type_in("token", "list").stdout
    assert type_in("token", "revoke", "1").returncode == 0
    assert "återkallad" in type_in("token", "list").stdout


def test_no_password_can_stand_in_a_call(type_in):
    said = type_in("user", "add", "bo", "--role", "police", "--password", "korrekt hast batteri")
    assert said.returncode == 2
    page = type_in("user", "add", "--help").stdout
    assert "--password-stdin" in page
    assert "--password " not in page


def test_plans_that_the_first_account_closes_are_told_of_and_shared(type_in, tmp_path):
    begins = datetime.now(UTC) + timedelta(hours=1)
    shift = Shift(Period(begins, begins + timedelta(hours=4)), "Europe/Stockholm")
    crew = Crew(1, "police", "walk", shift.period.start, shift.period.end, None, None)
    why = Text("Inget.", "Nothing.")
    plan = Plan(
        shift=shift, epsg=3006, routes=(Route(crew, ()),), left_out=(), covered=0.0, reachable=0.0,
        habit=None, comparison=why, distance="streets", notes=(), parameters={}, as_of=begins,
        simulated=True,
    )  # fmt: skip
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        store.plans.add(plan, now=begins)
        store.plans.add(plan, now=begins, rests_on="police")
    said = add(type_in, "åsa", "admin").stdout
    assert "öppnas nu inte av någon: 1." in said
    assert "riskmiljo user plans --share police" in said
    assert type_in("user", "plans").stdout.startswith("1  ")
    assert "delad med Områdespolis" in type_in("user", "plans", "--share", "police").stdout
    assert type_in("user", "plans", "--share", "planner").returncode == 2
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        assert [store.plan_shares.roles(n) for n in (1, 2)] == [{Role.POLICE}, frozenset()]
