"""How many different filters a reader may use in a day: subtraction needs many."""

from __future__ import annotations

import hashlib
from typing import Final
from zoneinfo import ZoneInfo

from flask import current_app, request

from riskmiljo.access.rules import READING
from riskmiljo.errors import BudgetSpentError
from riskmiljo.situation.tiles_kept import Kept
from riskmiljo.web.service import service
from riskmiljo.wording import Text

# METHODS section 6.
MOST_FILTERS: Final = 500
WARN_PAIRS: Final = 20

_TERMS: Final = (
    "period", "from", "to", "hours", "weekday", "category", "detection", "source", "bbox",
    "jamfor",
)  # fmt: skip
_SPENT: Final = Text(
    "Du har använt {n} olika urval i dag, och fler får det inte bli på en dag. Ett "
    "urval som du redan har använt går att öppna igen; nya går att göra i morgon.",
    "You have used {n} different {n:filter|filters} today, and a day allows no more. "
    "A filter that you have used already can be opened again; new ones can be made "
    "tomorrow.",
).fill(n=MOST_FILTERS)

# What is counted stays counted: a map's tiles, which come by the dozen, need not ask the store.
_COUNTED: Final = Kept[bool](2**18, lambda _: 256)


def check_budget() -> None:
    """Count the filter of this request as used by its reader.

    Raises
    ------
    BudgetSpentError
        Shown as 429, for a new filter when the day's are spent. Where nobody logs in there is no
        budget.
    """
    here = service()
    user = here.reader.user_id
    if user is None or request.method not in READING:
        return
    terms = {
        name: ",".join(
            sorted({word for text in request.args.getlist(name) for word in text.split(",")})
        )
        for name in _TERMS
        if any(text.strip() for text in request.args.getlist(name))
    }
    if not terms:
        return
    now = here.clock()
    day = now.astimezone(ZoneInfo(here.area().tz)).date()
    salt = f"{user}|{day}|{here.lens.scope}"
    mark = _mark(salt, terms)

    def count() -> bool:
        used = here.store.releases.use_filter(
            user,
            mark,
            tuple(
                _mark(salt, {key: text for key, text in terms.items() if key != name})
                for name in terms
            ),
            day=day,
            most=MOST_FILTERS,
            warn=WARN_PAIRS,
            now=now,
        )
        if used.filters > MOST_FILTERS:
            current_app.logger.warning("filter budget spent user=%s", user)
            raise BudgetSpentError(_SPENT)
        return True

    _COUNTED.get((here.store.url, mark), count)


def _mark(salt: str, terms: dict[str, str]) -> str:
    text = "&".join(f"{name}={terms[name]}" for name in sorted(terms))
    return hashlib.sha256(f"{salt}|{text}".encode()).hexdigest()
