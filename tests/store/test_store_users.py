"""Accounts, logins, second factors, tokens and attempts, as the store keeps them."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from riskmiljo.errors import InvalidInputError, NothingFoundError, StoreError
from riskmiljo.model.role import Role
from riskmiljo.store import open_store
from riskmiljo.store.audit_log import AuditQuestion

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
PASSWORD = "korrekt häst batteri"  # noqa: S105 - test data


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/konton.sqlite") as opened:
        yield opened


@pytest.fixture
def anna(store):
    return store.users.add("Anna Ek", Role.POLICE, password=None, now=NOW)


def acts(store):
    with sqlite3.connect(store.url.removeprefix("sqlite:///")) as connection:
        found = [act for (act,) in connection.execute("SELECT act FROM audit ORDER BY seq")]
    connection.close()
    return found


def test_nobody_logs_in_until_there_is_an_account(store):
    assert not store.users.exist()
    store.users.add("anna", Role.POLICE, password=None, now=NOW)
    assert store.users.exist()


def test_a_name_is_found_whatever_its_capitals_and_taken_once(store, anna):
    assert store.users.named(" ANNA ek ").user_id == anna
    with pytest.raises(InvalidInputError, match="upptaget"):
        store.users.add("anna EK", Role.ADMIN, password=None, now=NOW)
    with pytest.raises(NothingFoundError, match="user list"):
        store.users.named("bo")


@pytest.mark.parametrize(
    "name", ["", "a", "x" * 65, "a:b", "a\nb", "a  b", "<b>", "a/b", "\u202eanna", "{{7*7}}"]
)
def test_a_name_that_could_mislead_is_refused(store, name):
    with pytest.raises(InvalidInputError, match="duger inte"):
        store.users.add(name, Role.POLICE, password=None, now=NOW)


def test_the_store_holds_no_password_and_no_key(store, tmp_path):
    user = store.users.add("anna", Role.ADMIN, password=PASSWORD, now=NOW)
    key = store.logins.begin(user, now=NOW)
    token = store.tokens.add(user, now=NOW)
    secret = store.factors.offer(user)
    codes = store.factors.take_up(user, pyotp.TOTP(secret).at(NOW), now=NOW)
    whole = (tmp_path / "konton.sqlite").read_bytes()
    for text in (PASSWORD, key, token, secret, *codes, *(code.replace("-", "") for code in codes)):
        assert text.encode() not in whole


def test_a_code_needs_the_key_beside_the_store_and_a_recovery_code_does_not(store, tmp_path):
    anna, bo = (store.users.add(name, Role.ADMIN, password=None, now=NOW) for name in ("an", "bo"))
    phones, codes = {}, {}
    for user in (anna, bo):
        phones[user] = pyotp.TOTP(store.factors.offer(user))
        codes[user] = store.factors.take_up(user, phones[user].at(NOW), now=NOW)
    file, later = tmp_path / "konton.sqlite.key", NOW + timedelta(minutes=1)
    assert file.stat().st_mode & 0o777 == 0o600
    key = file.read_text()
    for wrong in ("", "x" * 43, "ingen nyckel", None):
        file.unlink() if wrong is None else file.write_text(wrong)
        assert store.factors.lost() == {anna, bo}
        with pytest.raises(StoreError, match=r"konton\.sqlite\.key"):
            store.factors.spend(anna, phones[anna].at(later), now=later)
    assert store.factors.spend(anna, codes[anna][0], now=later)
    file.write_text(key)
    assert store.factors.lost() == frozenset()
    assert store.factors.spend(anna, phones[anna].at(later), now=later)
    # Another account's secret in one's own row opens nothing.
    with closing(sqlite3.connect(tmp_path / "konton.sqlite")) as whole, whole:
        mine = "(SELECT totp_secret FROM account WHERE user_id = ?)"
        whole.execute(f"UPDATE account SET totp_secret = {mine} WHERE user_id = ?", (anna, bo))  # noqa: S608 - test data
    assert store.factors.lost() == {bo}
    # Without the key: the code is removed, and a new phone gets a new key.
    file.write_text("ingen nyckel")
    store.factors.remove(bo, now=later)
    with pytest.raises(StoreError, match="flytta undan"):
        store.factors.offer(bo)
    file.unlink()
    again = pyotp.TOTP(store.factors.offer(bo))
    assert store.factors.take_up(bo, again.at(later), now=later)
    assert store.factors.lost() == {anna}


def test_secrets_from_before_they_were_sealed_are_sealed_and_their_phones_go_on(store, tmp_path):
    users = [store.users.add(name, Role.ADMIN, password=None, now=NOW) for name in ("an", "bo")]
    path, secrets = tmp_path / "konton.sqlite", [pyotp.random_base32() for _ in range(2)]
    with closing(sqlite3.connect(path)) as whole, whole:
        whole.execute(
            "UPDATE account SET totp_secret = ? WHERE user_id = ?", (secrets[0], users[0])
        )
        whole.execute(
            "UPDATE account SET totp_offered = ? WHERE user_id = ?", (secrets[1], users[1])
        )
    for _ in range(2):
        with open_store(store.url) as again:
            assert again.factors.lost() == frozenset()
    assert not any(secret.encode() in path.read_bytes() for secret in secrets)
    assert store.factors.spend(users[0], pyotp.TOTP(secrets[0]).at(NOW), now=NOW)
    assert store.factors.offered(users[1]) == secrets[1]


def test_the_last_administrator_can_neither_be_disabled_nor_lose_the_role(store, anna):
    first = store.users.add("ett", Role.ADMIN, password=None, now=NOW)
    second = store.users.add("två", Role.ADMIN, password=None, now=NOW)
    store.users.disable(second, now=NOW)
    for act in (
        lambda: store.users.disable(first, now=NOW),
        lambda: store.users.set_role(first, Role.PLANNER, now=NOW),
    ):
        with pytest.raises(InvalidInputError, match="sista"):
            act()
    store.users.enable(second, now=NOW)
    store.users.set_role(first, Role.PLANNER, now=NOW)
    store.users.disable(anna, now=NOW)
    assert [user.disabled_at is None for user in store.users.all()] == [False, True, True]


@pytest.mark.parametrize("act", ["disable", "password", "role", "end", "late"])
def test_a_login_ends_at_once(store, anna, act):
    key = store.logins.begin(anna, now=NOW)
    later = NOW
    if act == "disable":
        store.users.disable(anna, now=NOW)
    elif act == "password":
        store.users.set_password(anna, PASSWORD, now=NOW)
    elif act == "role":
        assert store.logins.find(key, now=NOW).reader.role is Role.POLICE
        assert store.logins.find(key + "x", now=NOW) is None
        store.users.set_role(anna, Role.PARTNER, now=NOW)
    elif act == "end":
        store.logins.end(key, now=NOW)
    else:
        later = NOW + timedelta(hours=12)
    assert store.logins.find(key, now=later) is None


def test_use_keeps_a_login_alive_and_an_idle_administrator_is_logged_out(store):
    admin = store.users.add("admin", Role.ADMIN, password=None, now=NOW)
    key = store.logins.begin(admin, now=NOW)
    for minutes in (50, 100, 150):
        assert store.logins.find(key, now=NOW + timedelta(minutes=minutes))
    assert store.logins.find(key, now=NOW + timedelta(minutes=211)) is None


def test_logging_in_anew_ends_the_key_that_the_browser_held(store, anna):
    planted = store.logins.begin(anna, now=NOW)
    key = store.logins.begin(anna, now=NOW, instead_of=planted)
    assert key != planted
    assert store.logins.find(planted, now=NOW) is None
    other = store.logins.begin(anna, now=NOW)
    store.logins.end_others(anna, keep=store.logins.find(key, now=NOW).key_hash, now=NOW)
    assert store.logins.find(other, now=NOW) is None
    assert len(store.logins.of(anna, now=NOW)) == 1


def test_a_code_opens_once_also_when_it_is_sent_many_times_at_once(store, anna):
    secret = store.factors.offer(anna)
    assert store.factors.offer(anna) == secret
    assert store.factors.take_up(anna, "000000", now=NOW) is None
    assert store.factors.take_up(anna, pyotp.TOTP(secret).at(NOW), now=NOW)
    # The code that proved the secret is used up too.
    assert not store.factors.spend(anna, pyotp.TOTP(secret).at(NOW), now=NOW)
    later = NOW + timedelta(minutes=1)
    code = pyotp.TOTP(secret).at(later)
    with ThreadPoolExecutor(4) as pool:
        spent = list(pool.map(lambda _: store.factors.spend(anna, code, now=later), range(8)))
    assert sum(spent) == 1


def test_a_secret_that_was_shown_but_never_proven_is_void_at_the_next_login(store, anna):
    secret = store.factors.offer(anna)
    store.logins.begin(anna, now=NOW)
    assert store.factors.offered(anna) is None
    assert store.factors.take_up(anna, pyotp.TOTP(secret).at(NOW), now=NOW) is None


def test_a_recovery_code_opens_once_and_only_for_its_account(store, anna):
    bo = store.users.add("bo", Role.POLICE, password=None, now=NOW)
    codes = {}
    for user in (anna, bo):
        secret = store.factors.offer(user)
        codes[user] = store.factors.take_up(user, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert not store.factors.spend(anna, codes[bo][0], now=NOW)
    assert store.factors.spend(anna, codes[anna][0].upper(), now=NOW)
    assert not store.factors.spend(anna, codes[anna][0], now=NOW)
    assert (store.factors.codes_left(anna), store.factors.codes_left(bo)) == (9, 10)
    store.factors.remove(anna, now=NOW)
    assert store.factors.codes_left(anna) == 0
    assert not store.users.get(anna).has_totp


def test_a_token_reads_until_it_expires_is_revoked_or_its_account_is_disabled(store, anna):
    token = store.tokens.add(anna, days=2, now=NOW)
    assert store.tokens.find(token, now=NOW).user_id == anna
    assert store.tokens.find(token, now=NOW + timedelta(days=2)) is None
    with pytest.raises(NothingFoundError):
        store.tokens.revoke(1, now=NOW, user_id=anna + 1)
    store.tokens.revoke(1, now=NOW, user_id=anna)
    assert store.tokens.find(token, now=NOW) is None
    with pytest.raises(NothingFoundError):
        store.tokens.revoke(1, now=NOW)
    second = store.tokens.add(anna, now=NOW)
    store.users.disable(anna, now=NOW)
    store.users.enable(anna, now=NOW)
    assert store.tokens.find(second, now=NOW) is None
    for days in (0, -1, 367):
        with pytest.raises(InvalidInputError, match="366"):
            store.tokens.add(anna, days=days, now=NOW)


def test_a_token_ends_with_the_password_that_somebody_else_had_to_replace(store, anna):
    token = store.tokens.add(anna, now=NOW)
    store.users.set_password(anna, PASSWORD, now=NOW, by=anna)
    assert store.tokens.find(token, now=NOW).user_id == anna
    store.users.set_password(anna, PASSWORD, now=NOW, temporary=True)
    store.users.set_password(anna, PASSWORD + " ny", now=NOW, by=anna)
    assert store.tokens.find(token, now=NOW) is None


def test_a_token_tells_when_it_was_used_and_the_audit_who_revoked_it(store, anna):
    token = store.tokens.add(anna, now=NOW)
    assert store.tokens.all()[0].used_at is None
    for minutes in (0, 30, 90):
        store.tokens.find(token, now=NOW + timedelta(minutes=minutes))
    assert store.tokens.all()[0].used_at == NOW + timedelta(minutes=90)
    store.tokens.revoke(1, now=NOW, user_id=anna, by=anna)
    [row] = store.audit_log.rows(AuditQuestion(act="token_revoke"), most=2)
    assert row.detail == {"token": 1, "user": anna}


def test_many_attempts_at_once_gain_nothing_over_one_after_the_other(store):
    senders = {"account anna": 5, "address 192.0.2.1": 20}
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: store.attempts.count(senders, now=NOW), range(20)))
    assert waits.count(None) == 5
    assert {wait for wait in waits if wait} == {NOW + timedelta(seconds=15)}


def test_an_address_that_tries_every_account_must_wait_too(store):
    passed = sum(
        store.attempts.count({f"account {n}": 5, "address 192.0.2.1": 20}, now=NOW) is None
        for n in range(100)
    )
    assert passed == 20
    assert store.attempts.count({"account 1": 5, "address 192.0.2.2": 20}, now=NOW) is None


def test_an_own_account_does_not_help_an_address_to_guess_at_others(store):
    for n in range(19):
        assert store.attempts.count({f"account {n}": 5, "address a": 20}, now=NOW) is None
    assert store.attempts.count({"account own": 5, "address a": 20}, now=NOW) is None
    store.attempts.forgive("account own", "address a")
    assert store.attempts.count({"account x": 5, "address a": 20}, now=NOW) is None
    assert store.attempts.count({"account y": 5, "address a": 20}, now=NOW) is not None


def test_attempts_are_forgotten_after_a_day(store):
    for _ in range(5):
        store.attempts.count({"account a": 5}, now=NOW)
    assert store.attempts.count({"account a": 5}, now=NOW) is not None
    tomorrow = NOW + timedelta(hours=24)
    assert [store.attempts.count({"account a": 5}, now=tomorrow) for _ in range(4)] == [None] * 4


def test_every_act_is_in_the_audit_and_none_of_them_empties_the_caches(store, anna):
    before = store.version()
    seal = store.seal()
    key = store.logins.begin(anna, now=NOW)
    store.logins.end(key, now=NOW)
    store.tokens.add(anna, now=NOW)
    store.tokens.revoke(1, now=NOW)
    store.users.set_role(anna, Role.PLANNER, now=NOW)
    store.attempts.note_failure(None, now=NOW)
    store.users.disable(anna, now=NOW)
    assert acts(store)[-7:] == [
        "login",
        "logout",
        "token_add",
        "token_revoke",
        "user_role",
        "login_failed",
        "user_disable",
    ]
    assert store.version() == before
    assert store.seal() != seal
    assert store.verify_audit() == []
    store.set_flag("simulated", "1")
    assert store.version() != before


def test_the_organisations_login_keeps_one_account_a_person(store, anna):
    def enter(subject="s1", role=Role.POLICE, name="Anna Ek"):
        return store.users.enter_by_subject(
            issuer="https://idp.example", subject=subject, name=name, role=role, now=NOW
        )

    made = enter()
    # The name of another's account does not lead to it.
    assert made.user_id != anna
    assert (made.name, made.has_password) == ("Anna.Ek", False)
    assert enter(role=Role.PLANNER).role is Role.PLANNER
    assert enter(role=Role.PLANNER).user_id == made.user_id
    assert enter(subject="s2").user_id != made.user_id
    assert enter(subject="s3", name="<script>\n").name == ".script."
    assert enter(subject="s4", name="å").name == "kontoå"
