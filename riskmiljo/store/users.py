"""The accounts: who may log in, and as what.

No account is ever deleted: the audit names them by number. What ends an account is `disable`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update

from riskmiljo.access.passwords import check_password, hash_password
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import account as table
from riskmiljo.store.tables import login, token
from riskmiljo.wording import Text

# A colon would end the name in HTTP Basic.
_NAME: Final = re.compile(r"[\w.@+-]+( [\w.@+-]+)*")
_SHORTEST: Final = 2
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class User:
    """One account.

    Attributes
    ----------
    user_id
        Its number.
    name
        The login name.
    role
        What it may do.
    created_at
        UTC.
    disabled_at
        UTC; None while it is in use.
    has_password
        False where only the organisation's login leads to it.
    has_totp
        Whether a second factor is asked for.
    must_change
        Whether somebody else chose the password: it opens only the page that changes it.
    """

    user_id: int
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    has_totp: bool
    must_change: bool = False


class Users:
    """The accounts of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def exist(self) -> bool:
        """Return whether there is any account, in use or disabled: from then on all log in."""
        with reading(self._engine) as connection:
            return connection.execute(select(table.c.user_id).limit(1)).first() is not None

    def all(self) -> tuple[User, ...]:
        """Return every account, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.user_id)).all()
        return tuple(_user(row) for row in rows)

    def get(self, user_id: int) -> User:
        """Return one account.

        Parameters
        ----------
        user_id
            Its number.

        Returns
        -------
        User
            In use or disabled.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        with reading(self._engine) as connection:
            return _user(_row(connection, user_id))

    def named(self, name: str) -> User:
        """Return the account with a login name.

        Parameters
        ----------
        name
            Capitals do not count.

        Returns
        -------
        User
            In use or disabled.

        Raises
        ------
        NothingFoundError
            If there is none with this name.
        """
        with reading(self._engine) as connection:
            found = _by_name(connection, name)
        if found is None:
            raise NothingFoundError(
                Text(
                    "Kontot {n!r} finns inte. Se riskmiljo user list.",
                    "There is no account {n!r}. See riskmiljo user list.",
                ).fill(n=name[:_LONGEST])
            )
        return _user(found)

    def password_of(self, name: str) -> tuple[User, str | None] | None:
        """Return an account with what is kept of its password.

        Parameters
        ----------
        name
            A login name, as somebody wrote it.

        Returns
        -------
        tuple of User and (str or None), or None
            None where there is no such account.
        """
        with reading(self._engine) as connection:
            found = _by_name(connection, name)
        return None if found is None else (_user(found), found.password_hash)

    def add(
        self,
        name: str,
        role: Role,
        *,
        password: str | None,
        now: datetime,
        by: int | None = None,
        temporary: bool = False,
    ) -> int:
        """Make an account.

        Parameters
        ----------
        name
            The login name: 2 to 64 letters, digits and ``. @ + - _``, with single spaces.
        role
            What it may do.
        password
            Checked and hashed; None for an account that only the organisation's login leads to.
        now
            Aware.
        by
            The account that makes it.
        temporary
            Whether the password must be changed at the first login, before anything else opens.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        InvalidInputError
            If the name or the password cannot be used, or the name is taken.
        """
        plain = checked_name(name)
        kept = _checked_hash(password, plain) if password is not None else None
        with writing(self._engine) as connection:
            if _by_name(connection, plain) is not None:
                raise _taken(plain)
            made = connection.execute(
                insert(table).values(
                    name=plain,
                    name_key=name_key(plain),
                    role=str(role),
                    password_hash=kept,
                    must_change=int(temporary),
                    created_at=now,
                )
            )
            (user_id,) = made.inserted_primary_key or (0,)
            more = {"temporary": 1} if temporary else {}
            _told(connection, "user_add", user_id, now, by, role=str(role), **more)
            return int(user_id)

    def enter_by_subject(
        self, *, issuer: str, subject: str, name: str, role: Role, now: datetime
    ) -> User:
        """Return the account of somebody whom the organisation's login has named.

        Parameters
        ----------
        issuer, subject
            Who says so, and the number that it has for the person; the two stay for ever.
        name
            Wished for the account when it is made; a taken one gets a number behind it.
        role
            As the organisation says today: it is written to the account, also where that leaves no
            administrator. ``riskmiljo user`` makes one then.
        now
            Aware.

        Returns
        -------
        User
            Perhaps disabled; perhaps just made.
        """
        with writing(self._engine) as connection:
            same = (table.c.issuer == issuer) & (table.c.subject == subject)
            row = connection.execute(select(table).where(same)).one_or_none()
            if row is None:
                plain = _free_name(connection, name)
                made = connection.execute(
                    insert(table).values(
                        name=plain,
                        name_key=name_key(plain),
                        role=str(role),
                        issuer=issuer,
                        subject=subject,
                        created_at=now,
                    )
                )
                (user_id,) = made.inserted_primary_key or (0,)
                _told(connection, "user_add", user_id, now, None, role=str(role))
                return _user(_row(connection, user_id))
            if row.role != str(role):
                connection.execute(update(table).where(same).values(role=str(role)))
                connection.execute(delete(login).where(login.c.user_id == row.user_id))
                _told(connection, "user_role", row.user_id, now, None, role=str(role))
            return _user(_row(connection, row.user_id))

    def set_password(
        self,
        user_id: int,
        password: str,
        *,
        now: datetime,
        by: int | None = None,
        temporary: bool = False,
    ) -> None:
        """Give an account another password; whoever is logged in to it is logged out.

        Where somebody else gives it, the account's tokens are revoked too.

        Parameters
        ----------
        user_id
            The account.
        password
            Checked and hashed.
        now
            Aware.
        by
            The account that does it.
        temporary
            Whether it must be changed at the next login, before anything else opens.

        Raises
        ------
        InvalidInputError
            If the password cannot be used, or is to be a temporary one of an account that the
            organisation's login leads to: nothing there would ask for it.
        NothingFoundError
            If there is no such account.
        """
        kept = _checked_hash(password, self.get(user_id).name)
        with writing(self._engine) as connection:
            if _row(connection, user_id).issuer is not None and temporary:
                raise InvalidInputError(
                    Text(
                        "Kontot loggar in med organisationens konto och har inget lösenord här.",
                        "The account logs in with the organisation's and has no password here.",
                    ),
                    code="LOSENORD",
                )
            connection.execute(
                update(table)
                .where(table.c.user_id == user_id)
                .values(password_hash=kept, must_change=int(temporary))
            )
            connection.execute(delete(login).where(login.c.user_id == user_id))
            if by != user_id:
                # Somebody had to help: who else may have known the password may hold a token too.
                _revoke_tokens(connection, user_id, now)
            more = {"temporary": 1} if temporary else {}
            _told(connection, "user_password", user_id, now, by, **more)

    def rehash(self, user_id: int, password: str) -> None:
        """Hash the same password anew, with the parameters of today.

        Parameters
        ----------
        user_id
            The account.
        password
            The one that was just found right.
        """
        kept = hash_password(password)
        with writing(self._engine) as connection:
            connection.execute(
                update(table).where(table.c.user_id == user_id).values(password_hash=kept)
            )

    def set_role(self, user_id: int, role: Role, *, now: datetime, by: int | None = None) -> None:
        """Give an account another role; whoever is logged in to it is logged out.

        Parameters
        ----------
        user_id
            The account.
        role
            Its role from now on.
        now
            Aware.
        by
            The account that does it.

        Raises
        ------
        InvalidInputError
            If no administrator would be left.
        NothingFoundError
            If there is no such account.
        """
        with writing(self._engine) as connection:
            row = _row(connection, user_id)
            if role is not Role.ADMIN:
                _keep_one_admin(connection, row)
            connection.execute(
                update(table).where(table.c.user_id == user_id).values(role=str(role))
            )
            # What was opened with the former role is closed: its pages, its emergency reading.
            connection.execute(delete(login).where(login.c.user_id == user_id))
            _told(connection, "user_role", user_id, now, by, role=str(role))

    def disable(self, user_id: int, *, now: datetime, by: int | None = None) -> None:
        """Close an account: whoever is logged in to it is logged out, and its tokens are revoked.

        Parameters
        ----------
        user_id
            The account.
        now
            Aware.
        by
            The account that does it.

        Raises
        ------
        InvalidInputError
            If it is the last administrator.
        NothingFoundError
            If there is no such account.
        """
        with writing(self._engine) as connection:
            row = _row(connection, user_id)
            if row.disabled_at is not None:
                return
            _keep_one_admin(connection, row)
            whose = table.c.user_id == user_id
            connection.execute(update(table).where(whose).values(disabled_at=now))
            connection.execute(delete(login).where(login.c.user_id == user_id))
            _revoke_tokens(connection, user_id, now)
            _told(connection, "user_disable", user_id, now, by)

    def enable(self, user_id: int, *, now: datetime, by: int | None = None) -> None:
        """Open a closed account again; its tokens stay revoked.

        Parameters
        ----------
        user_id
            The account.
        now
            Aware.
        by
            The account that does it.

        Raises
        ------
        NothingFoundError
            If there is no such account.
        """
        with writing(self._engine) as connection:
            if _row(connection, user_id).disabled_at is None:
                return
            whose = table.c.user_id == user_id
            connection.execute(update(table).where(whose).values(disabled_at=None))
            _told(connection, "user_enable", user_id, now, by)


def checked_name(name: str) -> str:
    """Return a login name as it is kept.

    Parameters
    ----------
    name
        As it was written.

    Returns
    -------
    str
        Without spaces around it.

    Raises
    ------
    InvalidInputError
        If it cannot be used.
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    if not _SHORTEST <= len(plain) <= _LONGEST or not _NAME.fullmatch(plain):
        raise InvalidInputError(
            Text(
                "Inloggningsnamnet {n!r} duger inte. Använd {a} till {b} bokstäver, siffror och "
                ". @ + - _",
                "The login name {n!r} cannot be used. Use {a} to {b} letters, digits and . @ + - _",
            ).fill(n=name[:_LONGEST], a=_SHORTEST, b=_LONGEST),
            code="NAMN",
        )
    return plain


def name_key(name: str) -> str:
    """Return a login name as it is compared.

    Parameters
    ----------
    name
        As somebody wrote it.

    Returns
    -------
    str
        Without capitals and without spaces around it.
    """
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _by_name(connection: Connection, name: str) -> Row[Any] | None:
    wanted: Select[Any] = select(table).where(table.c.name_key == name_key(name))
    return connection.execute(wanted).one_or_none()


def _row(connection: Connection, user_id: int) -> Row[Any]:
    found = connection.execute(select(table).where(table.c.user_id == user_id)).one_or_none()
    if found is None:
        raise NothingFoundError(
            Text("Kontot {n} finns inte.", "There is no account {n}.").fill(n=user_id)
        )
    return found


def _user(row: Row[Any]) -> User:
    return User(
        user_id=int(row.user_id),
        name=str(row.name),
        role=Role(row.role),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        has_password=row.password_hash is not None,
        has_totp=row.totp_secret is not None,
        must_change=bool(row.must_change),
    )


def _checked_hash(password: str, name: str) -> str:
    check_password(password, name)
    return hash_password(password)


def _free_name(connection: Connection, wished: str) -> str:
    plain = re.sub(r"[^\w.@+-]", ".", unicodedata.normalize("NFKC", wished).strip())[: _LONGEST - 6]
    plain = plain if len(plain) >= _SHORTEST else f"konto{plain}"
    number = 1
    name = plain
    while _by_name(connection, name) is not None:
        number += 1
        name = f"{plain}-{number}"
    return name


def _keep_one_admin(connection: Connection, row: Row[Any]) -> None:
    if row.role != str(Role.ADMIN) or row.disabled_at is not None:
        return
    others = select(func.count()).where(
        table.c.role == str(Role.ADMIN),
        table.c.disabled_at.is_(None),
        table.c.user_id != row.user_id,
    )
    if not connection.execute(others).scalar_one():
        raise InvalidInputError(
            Text(
                "Kontot {n!r} är den sista med rollen {r}. Lägg till en till först.",
                "The account {n!r} is the last one with the role {r}. Add another first.",
            ).fill(n=row.name, r=ROLE_NAMES[Role.ADMIN]),
            code="SISTA_ADMIN",
        )


def _told(
    connection: Connection,
    act: str,
    user_id: int,
    now: datetime,
    by: int | None,
    **more: str | int,
) -> None:
    detail: audit.Detail = {"account": int(user_id), **more}
    audit.append(connection, at=now, act=act, detail=detail, user=by, changes=False)


def _revoke_tokens(connection: Connection, user_id: int, now: datetime) -> None:
    open_ones = (token.c.user_id == user_id) & token.c.revoked_at.is_(None)
    connection.execute(update(token).where(open_ones).values(revoked_at=now))


def _taken(name: str) -> InvalidInputError:
    return InvalidInputError(
        Text(
            "Inloggningsnamnet {n!r} är upptaget. Välj ett annat.",
            "The login name {n!r} is taken. Choose another.",
        ).fill(n=name),
        code="NAMN",
    )
