"""Passwords, one-time codes, waits and groups: what login is made of, without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.groups import read_roles, role_of
from riskmiljo.access.keys import hash_of, new_key, new_recovery_codes, new_token, plain_code
from riskmiljo.access.passwords import check_password, hash_password, is_outdated, is_password
from riskmiljo.access.sessions import IDLE, LONGEST, is_live, network_of, wait_after
from riskmiljo.access.totp import secret_address, step_of_code
from riskmiljo.errors import InvalidInputError, SettingsError
from riskmiljo.model.role import Role

# RFC 6238, appendix B: the secret "12345678901234567890" in base32; the last six of eight digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 - published
PUBLISHED = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED)
def test_the_codes_are_those_that_the_standard_publishes(seconds, code):
    assert step_of_code(SECRET, code, now=at(seconds), used=0) == seconds // 30


@pytest.mark.parametrize(
    ("off", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_the_phones_clock_may_be_one_step_off_and_no_more(off, good):
    seconds, code = PUBLISHED[2]
    step = step_of_code(SECRET, code, now=at(seconds - seconds % 30 + off), used=0)
    assert (step is not None) == good


def test_a_code_is_good_once_and_none_before_it_is_good_afterwards():
    seconds, code = PUBLISHED[1]
    step = step_of_code(SECRET, code, now=at(seconds), used=0)
    assert step_of_code(SECRET, code, now=at(seconds), used=step) is None
    assert step_of_code(SECRET, code, now=at(seconds), used=step + 1) is None
    assert step_of_code(SECRET, code, now=at(seconds), used=step - 1) == step


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٢٨٧٠٨٢", "28708 ", "-87082"])
def test_what_is_no_code_is_wrong_and_no_fault(code):
    assert step_of_code(SECRET, code, now=at(59), used=0) is None


def test_a_code_may_be_written_with_a_space():
    assert step_of_code(SECRET, "287 082", now=at(59), used=0) == 1


def test_the_address_in_the_square_names_product_and_account():
    address = secret_address(SECRET, "Åsa Ek")
    assert address.startswith("otpauth://totp/riskmilj%C3%B6:%C3%85sa%20Ek?secret=" + SECRET)


def test_a_password_is_kept_as_argon2id_with_the_parameters_that_the_module_states():
    kept = hash_password("korrekt häst batteri")
    found = extract_parameters(kept)
    assert (found.type, found.time_cost, found.memory_cost, found.parallelism) == (
        Type.ID,
        3,
        64 * 1024,
        4,
    )
    assert not is_outdated(kept)
    assert is_password(kept, "korrekt häst batteri")
    # "ä" as a letter with a mark, as another system may send it.
    assert is_password(kept, "korrekt ha\u0308st batteri")
    assert not is_password(kept, "korrekt hast batteri")
    assert not is_password(None, "no account has this password")
    assert not is_password(kept, "x" * 100_000)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kort", "12 till 256"),
        ("elva tecken", "12 till 256"),
        ("x" * 257, "12 till 256"),
        ("ababababababab", "upprepar"),
        ("min ANNA och jag", "inloggningsnamnet"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password, why):
    with pytest.raises(InvalidInputError, match=why):
        check_password(password, "anna")


def test_keys_are_long_random_and_never_the_same():
    keys = {new_key() for _ in range(200)} | {new_token() for _ in range(200)}
    assert len(keys) == 400
    assert min(map(len, keys)) >= 43  # 256 bits in base64
    assert len({hash_of(key) for key in keys}) == 400


def test_a_recovery_code_is_read_as_people_write_it():
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert plain_code(f" {code.upper().replace('-', ' ')} ") == plain_code(code)
        assert len(plain_code(code)) == 16


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_a_wait_never_shrinks_and_never_locks_a_colleague_out_for_long(failures, free):
    wait = wait_after(failures, free)
    assert (wait == timedelta(0)) == (failures < free)
    assert wait <= wait_after(failures + 1, free) <= timedelta(minutes=15)


def test_waits_double():
    waits = [wait_after(n, 5).total_seconds() for n in range(4, 9)]
    assert waits == [0, 15, 30, 60, 120]


def test_a_login_ends_after_twelve_hours_and_an_idle_administrators_after_one():
    start = datetime(2026, 10, 24, 20, tzinfo=UTC)  # the clock is set back this night
    for role in Role:
        live = [
            is_live(made=start, seen=start, pending=False, role=role, now=start + idle)
            for idle in (IDLE[role] - timedelta(seconds=1), IDLE[role])
        ]
        assert live == [True, False]
        late = start + LONGEST
        assert not is_live(made=start, seen=late, pending=False, role=role, now=late)
    assert IDLE[Role.ADMIN] == timedelta(hours=1)
    assert IDLE[Role.POLICE] == timedelta(hours=12)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_a_household_counts_as_one_sender(address, network):
    assert network_of(address) == network


def test_a_role_is_given_by_the_first_group_of_the_settings_and_none_is_no_login():
    roles = read_roles(("CN=Polis,OU=x=police", " chefer = planner ", "drift=admin"))
    assert role_of(["drift", "CN=Polis,OU=x"], roles) is Role.POLICE
    assert role_of("chefer", roles) is Role.PLANNER
    for claim in (None, [], "", "polis", ["police"], {"drift": 1}, 7, [["drift"]], "drif"):
        assert role_of(claim, roles) is None


@pytest.mark.parametrize("pair", ["", "grupp", "=admin", "grupp=chef", "grupp=", "grupp=ADMIN"])
def test_a_group_without_a_role_stops_the_start(pair):
    with pytest.raises(SettingsError, match="oidc_roles"):
        read_roles((pair,))
