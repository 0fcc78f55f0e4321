"""What is told of single weeks and of the data leaves every small count open: an attacker tries.

The attacker is any owner: it knows all that it registered itself, every rule, and every answer.
What counts as recovered: that an owner had so many and no other of what it had fewer than ten of.
Towns are drawn at random and drawn again so that they differ in just that; both must be told alike.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd

from riskmiljo.geo.crs import points_frame
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.settings import Settings
from riskmiljo.situation.release_quality import KIND as QUALITY
from riskmiljo.situation.release_quality import release_quality, told_quality
from riskmiljo.situation.release_record import KIND as RECORD
from riskmiljo.situation.release_verdicts import KIND as VERDICT
from riskmiljo.situation.release_weeks import KIND as WEEK
from riskmiljo.situation.release_weeks import release_weeks, told_weeks
from riskmiljo.store import open_store

TZ = "Europe/Stockholm"
FIRST = date(2025, 12, 1)  # a Monday
WEEKS = 16
DAYS = np.array([FIRST + timedelta(days=n) for n in range(7 * WEEKS)], dtype=object)
SMALL = 10
# What an owner registers, and the group of owners that it is told in.
STREAMS = (
    ("police", "police"),
    ("municipality", "municipality"),
    ("sensitive", "police"),
    ("sensitive", "municipality"),
    ("sensitive", "social"),
)
SETTINGS = Settings()


class Kept:
    """Results as a store keeps them, and the files that were delivered."""

    def __init__(self, files=()):
        self.rows, self.files = [], files
        self.results = SimpleNamespace(add=self.add, latest=self.latest)

    def add(self, kind, *, parameters, body, now):
        self.rows.append((kind, SimpleNamespace(parameters=parameters, body=body, made_at=now)))

    def latest(self, kind):
        return next((row for one, row in reversed(self.rows) if one == kind), None)

    def batches(self):
        span = ["2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"]
        receipts = [
            {"span": span, "rows": rows, "refused_by_code": {"KOORD_SAKNAS": lost}}
            for _, rows, lost in self.files
        ]
        return pd.DataFrame({"batch_id": range(len(receipts)), "receipt": receipts}).assign(
            undone_at=pd.NaT
        )

    def owners_of_batch(self, number):
        return frozenset(self.files[number][0])


def counts_of(rng):
    """Incidents by stream and week, many of them few; the last week is one with many."""
    means = rng.choice([0, 2, 5, 9, 12, 25], size=len(STREAMS))
    counts = rng.poisson(means[:, None], size=(len(STREAMS), WEEKS))
    counts[:, -1] = 12
    return counts


def week_days(counts, home=()):
    """Return one row an incident; those of `home`, a stream and a week, at one place."""
    stream, week = (np.repeat(one.ravel(), counts.ravel()) for one in np.indices(counts.shape))
    number = np.concatenate([np.arange(n) for n in counts.ravel()]).astype(int)
    at_home = np.zeros(len(number), dtype=bool)
    for one in home:
        at_home |= (stream == one[0]) & (week == one[1])
    groups, owners = (np.array(STREAMS)[stream, at] for at in (0, 1))
    days = DAYS[7 * week + 6 - number % 7]
    return pd.DataFrame(
        {"owners": groups, "owner": owners, "day": days, "place": np.where(at_home, 0, number % 4)}
    )


def told_of(labelled, store=None, *, until=WEEKS - 1):
    store = store or Kept()
    now = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=7 * until + 7, hours=9)
    release_weeks(store, SETTINGS, labelled, now=now, tz=TZ)
    return told_weeks(store)


def test_weeks_are_told_alike_whatever_each_owner_had_fewer_than_ten_of():
    rng = np.random.default_rng(1)
    seen = {"weeks": 0, "words": 0, "small": 0}
    for _ in range(80):
        counts = counts_of(rng)
        small = counts < SMALL
        other = np.where(small, rng.integers(0, SMALL, size=counts.shape), counts)
        # Twelve from one home are one family, and told no more than few.
        home = [tuple(one) for one in np.argwhere(counts[:, :-1] == SMALL + 2)[:2]]
        for one in home:
            other[one] = rng.integers(0, SMALL)
        told = told_of(week_days(counts, home))
        assert told_of(week_days(other)) == told
        seen["weeks"] += len(told)
        seen["words"] += sum(week.state is not None for week in told)
        seen["small"] += int(small.sum())
    # The towns are not alike for being empty.
    assert seen["weeks"] > 400
    assert seen["words"] > 40
    assert seen["small"] > 2000


def test_the_word_does_not_change_with_what_other_owners_have():
    rng = np.random.default_rng(2)
    counts = rng.poisson(25, size=(len(STREAMS), WEEKS))
    words = [(week.state, week.owner) for week in told_of(week_days(counts))]
    counts[1:, WEEKS - 3] *= 4
    told = told_of(week_days(counts))
    assert [(week.state, week.owner) for week in told] == words
    assert {owner for _, owner in words} == {None, "police"}
    # The control: what all have together is another band.
    assert told[-2].low > told[-3].low


def test_weeks_do_not_wait_for_an_owner_that_has_few_and_so_tell_not_when_it_had_none():
    counts = np.zeros((len(STREAMS), WEEKS), dtype=int)
    counts[0] = 30
    answers = []
    for last in (3, 9, 12):
        few = counts.copy()
        few[4, :last] = (2, 0, 1) * (last // 3)
        answers.append(told_of(week_days(few)))
    assert answers[0] == answers[1] == answers[2]
    latest = FIRST + timedelta(days=7 * (WEEKS - 2))
    assert answers[0][-1].begins == latest
    # Nor for one that had a part to tell once.
    once = counts.copy()
    once[4, 8] = 30
    assert told_of(week_days(once))[-1].begins == latest
    # Where it mostly has a part to tell, a week without any is one that has not come.
    counts[4, :12] = 30
    assert told_of(week_days(counts))[-1].begins == FIRST + timedelta(days=7 * 11)


def test_what_is_imported_or_undone_later_does_not_change_a_week_that_was_told():
    rng = np.random.default_rng(3)
    store = Kept()
    counts = rng.poisson(15, size=(len(STREAMS), WEEKS))
    before = {week.begins: week for week in told_of(week_days(counts), store, until=10)}
    # More of one owner, nothing of another, and all that is older than three weeks purged.
    changed = counts.copy()
    changed[0] += 30
    changed[3] = 0
    changed[:, :7] = 0
    after = told_of(week_days(changed), store)
    known = [week for week in after if week.begins in before]
    assert known == [before[week.begins] for week in known]
    assert (len(known), len(after)) == (7, 12)
    # Undone until only the oldest are left, then imported again.
    counts[:, 5:] = 0
    assert told_of(week_days(counts), store) == after
    assert told_of(week_days(changed), store) == after


# --- how good the data are


def town_of(kinds):
    """Incidents of a year: so many by owner, way of detection and days until registered."""
    owner, how, waited = (np.repeat(one, list(kinds.values())) for one in zip(*kinds, strict=True))
    at = pd.Series(pd.date_range("2025-06-01", periods=len(owner), freq="7h", tz="UTC"))
    data = {
        "occurred_from": at,
        "registered_at": at + pd.to_timedelta(waited, unit="D"),
        "owner": owner,
        "detection": how,
    }
    x = 648_000 + 200.0 * (np.arange(len(owner)) % 7)
    return complete_incidents(points_frame(data, x, np.full(len(owner), 6_638_000.0), 3006))


def quality_of(frame, store=None, last=date(2026, 4, 1)):
    store = store or Kept()
    now = datetime(2026, 5, 12, 12, tzinfo=UTC)
    release_quality(store, SETTINGS, frame, last, now=now, tz=TZ)
    return told_quality(store)


def test_shares_are_told_alike_whatever_each_owner_had_fewer_than_ten_of():
    rng = np.random.default_rng(4)
    keys = [(owner, part) for owner in ("police", "social") for part in (0, 1)]
    told = 0
    for trial in range(16):
        counts = rng.poisson(rng.choice([3, 8, 14, 40], size=4))
        other = np.where(counts < SMALL, rng.integers(0, SMALL, size=4), counts)
        answers = []
        for drawn in (counts, other):
            if trial % 2:
                kinds = {
                    (owner, "reported", (2, 20)[part]): n
                    for (owner, part), n in zip(keys, drawn, strict=True)
                }
                answers.append(quality_of(town_of(kinds)).quality.late)
            else:
                kinds = {
                    (owner, ("reported", "discovered")[part], 2): n
                    for (owner, part), n in zip(keys, drawn, strict=True)
                }
                quality = quality_of(town_of(kinds)).quality
                answers.append((quality.reported, quality.discovered, quality.unknown))
        assert answers[0] == answers[1], (counts, other)
        told += answers[0] not in (None, (None, None, None))
    assert told > 5


def test_rows_without_a_place_are_told_alike_whatever_few_an_owner_had():
    town = town_of({("police", "reported", 2): 30})

    def told(*files):
        return quality_of(town, Kept(files)).quality.placeless

    assert told(({"police"}, 100, 20)) == 0.2
    # The police know their 20: with 5 for the others' 0 to 9 they find none of these.
    shares = {told(({"police"}, 100, 20), ({"social"}, 60 + lost, lost)) for lost in range(10)}
    assert shares == {0.15}
    # Nine of each: whether the others have one is not told, nor of a file of both.
    nine = {told(({"police"}, 100, 9), ({"social"}, 100, lost)) for lost in range(10)}
    both = told(({"police"}, 100, 9), ({"police", "social"}, 100, 9))
    assert nine | {both} == {None}


def test_an_earlier_month_is_not_told_again_when_imports_are_undone():
    store = Kept()
    town = town_of({("police", "reported", 2): 60, ("police", "discovered", 2): 20})
    first = quality_of(town, store)
    less = town.iloc[:70]
    assert quality_of(less, store, date(2026, 2, 1)) == first
    assert quality_of(less, store, date(2026, 4, 1)) == first
    assert quality_of(less, store, date(2026, 5, 1)) != first


def test_what_was_told_is_not_told_anew_when_a_purge_takes_what_it_was_told_of(tmp_path):
    town = town_of({("police", "reported", 2): 60, ("police", "discovered", 2): 20})
    counts = np.full((len(STREAMS), WEEKS), 30)
    at = datetime(2026, 5, 12, 12, tzinfo=UTC)
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        for kind in (RECORD, VERDICT, "backtest"):
            store.results.add(kind, parameters={}, body={}, now=at)
        shares, weeks = quality_of(town, store), told_of(week_days(counts), store)
        # Five weeks are kept; the reports of the months that were told are gone but for the last.
        store.maintenance.purge(at + timedelta(weeks=1), now=at + timedelta(weeks=6))
        counts[:, :-3] = 0
        assert quality_of(town.iloc[70:], store) == shares
        assert told_of(week_days(counts), store) == weeks
        for kind in (QUALITY, WEEK, RECORD, VERDICT):
            assert len(store.results.all(kind)) == 1
        assert store.results.all("backtest") == ()
    # The control: where nothing is known to have been told, what is left is told, and differs.
    assert quality_of(town.iloc[70:]) != shares
    assert told_of(week_days(counts)) != weeks
