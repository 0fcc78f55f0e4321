"""The feedback loop over 20 seeds: the plain map, reported only, a filter, and the joint rate.

Run by hand: ``python tests/benchmarks/effort_loop.py``; with ``unequal`` behind it, cities where
places differ in risk and patrols go where it truly is, beside the plain formulas; with ``held``,
40 other cities, the limits, and what else the table may be; with ``records``, a simulated record
of presence of which only a part is known.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import numpy as np
from scipy import stats

from riskmiljo.forecast import effort_model
from riskmiljo.forecast.coming import known_grid
from riskmiljo.forecast.effort import joint_rate
from riskmiljo.forecast.effort_inputs import Totals
from riskmiljo.forecast.effort_level import by_presence
from riskmiljo.forecast.effort_model import posterior
from riskmiljo.forecast.effort_table import effort_table
from riskmiljo.model.period import Period
from riskmiljo.simulate import Truth, simulate_city
from riskmiljo.simulate.behaviour import KINDS, mix_of
from riskmiljo.simulate.loop import LoopCity, run_loop

SEEDS = 20
OTHER_SEEDS = (100, 104)


def by_district(city, values):
    member = np.eye(city.district.max() + 1)[city.district]
    summed = values @ member
    return summed / summed.mean(axis=-1, keepdims=True)


def corrected(city):
    def scores(history, rng):
        sums = (history.discovered, history.reported, history.seen, history.unseen)
        return posterior(Totals(*sums, history.presence_h), city.district).draw(rng)

    return scores


def highest(city):
    """Rank by the rate itself, where `corrected` draws from what is known of it."""

    def scores(history, _rng):
        sums = (history.discovered, history.reported, history.seen, history.unseen)
        return posterior(Totals(*sums, history.presence_h), city.district).mean

    return scores


def weeks(days):
    return days[:, : days.shape[1] // 7 * 7].reshape(len(days), -1, 7).sum(axis=2)


def held() -> None:
    print("city   map                     error  worst  once favoured  presence y2 (sd of a city)")
    for name, reporting in (("usual", (0.1, 0.8)), ("drugs", (0.0, 0.02))):
        city = LoopCity.equal(reporting=reporting)
        for label, scores, explore in (
            ("drawn", corrected(city), 0.0), ("drawn, 10 % random", corrected(city), 0.1),
            ("highest, 10 % random", highest(city), 0.1),
        ):  # fmt: skip
            runs = [
                run_loop(city, scores, cities=SEEDS, explore=explore, rng=seed)
                for seed in OTHER_SEEDS
            ]
            share = np.concatenate([run.presence_share[-1] for run in runs])
            forms = {"days": (np.asarray, {}), "weeks": (weeks, {"days": 7})}
            forms["totals"] = (lambda days: days.sum(axis=1), {})
            for form, (summed, told) in forms.items():
                cities = [
                    joint_rate(*map(summed, day), district=city.district, **told)
                    for run in runs
                    for day in zip(run.discovered, run.reported, run.presence_h, strict=True)
                ]
                wrong = by_district(city, np.array([table["rate"] for table in cities])) - 1
                each = np.sqrt((wrong**2).mean(axis=1))
                favoured = 1 + wrong[:, city.favoured].mean()
                line = f"{name:6s} {label:20s} {form:7s} {np.sqrt((wrong**2).mean()):.3f}"
                line += f"  {each.max():.3f} {favoured:10.3f}"
                if form == "days":
                    line += f"         {share.mean():.3f} ({share.std():.2f})"
                    line += f", of 20: {min(run.presence_share[-1].mean() for run in runs):.3f} to"
                    line += f" {max(run.presence_share[-1].mean() for run in runs):.3f}"
                if form != "totals":
                    length = told.get("days", 1)
                    within = [
                        ((t["lower"] <= length * city.risk) & (length * city.risk <= t["upper"]))
                        for t in cities
                    ]
                    deltas = [table.attrs["delta_per_h"] for table in cities]
                    line += f"; limits hold {np.mean(within):.2f}, delta {np.median(deltas):.2f}"
                print(line, flush=True)


def records() -> None:
    print("seed  visits known  discoveries unseen  times known  sum told  Spearman with the truth")
    end = datetime(2026, 5, 4, tzinfo=UTC)
    places, kind = Truth.uppsala().places, KINDS.index("narcotics")
    truth = [place.per_year * mix_of(place.mix)[kind] for place in places]
    for seed in (1, 2):
        city = simulate_city(seed=seed, end=end.date())
        drugs = city.incidents[city.incidents["category"] == "narcotics"]
        grid = known_grid(city.incidents, end)
        span = Period(drugs["occurred_from"].min(), end)
        centres = grid.centres[grid.mask.ravel()]
        near = [np.hypot(*(centres - (p.x, p.y)).T) < p.radius_m + 60 for p in places]
        for share in (1.0, 0.98, 0.95, 0.9, 0.7, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01):
            visits = city.presence.sample(frac=share, random_state=1)
            table = effort_table(drugs, visits, grid, period=span, step_days=7, unknown="reported")
            met = table.discovered.where(table.presence_h > 0, 0.0).to_numpy().sum()
            unseen = 1 - met / table.discovered.to_numpy().sum()
            made = by_presence(drugs, visits, grid, span=span, days=7, tz="Europe/Stockholm")
            values = [made.prediction.expected[cells].sum() for cells in near]
            times = made.prediction.expected.sum() / (len(drugs) / (span.days / 7))
            rank = stats.spearmanr(values, truth).statistic
            print(
                f"{seed:4d} {share:13.2f} {unseen:19.3f} {times:12.1f} {made.level_told!s:>9s}"
                f" {rank:12.2f}",
                flush=True,
            )


def nowhere(count, _expected):
    """Take all places for alike, which leaves formulas 2 and 3 as they are."""
    return np.zeros(len(count), dtype=bool)


def unequal() -> None:
    chance = np.random.default_rng(1)
    print("reporting   shape  estimate   district error  Spearman  rates over true  held")
    for reporting in ((0.005, 0.02), (0.1, 0.8)):
        plain = LoopCity.equal(reporting=reporting)
        for shape in (0.3, 1.0):
            risk = chance.gamma(shape, 1 / shape, 200) * 0.2
            city = LoopCity(risk, plain.district, plain.reporting, plain.favoured)
            run = run_loop(
                city, lambda h, rng, r=risk: r * rng.gamma(0.5, 1.0, h.discovered.shape),
                cities=SEEDS, explore=0.05, before_days=0, days=365, rng=3,
            )  # fmt: skip
            for name, test in (
                ("formula 3", nowhere), ("joint rate", effort_model.plainly_unequal),
            ):  # fmt: skip
                kept, effort_model.plainly_unequal = effort_model.plainly_unequal, test
                days = zip(run.discovered, run.reported, run.presence_h, strict=True)
                tables = [joint_rate(*day, district=city.district) for day in days]
                effort_model.plainly_unequal = kept
                values = np.array([table["rate"] for table in tables])
                wrong = by_district(city, values) - by_district(city, risk)
                ranks = np.mean([stats.spearmanr(row, risk).statistic for row in values])
                told = [table.groupby(city.district)["reporting_rate"].mean() for table in tables]
                ratio = np.mean(np.mean(told, axis=0) / city.reporting)
                held = np.mean(
                    [((t["lower"] <= risk) & (risk <= t["upper"])).mean() for t in tables]
                )
                print(
                    f"{reporting!s:12s} {shape:4.1f}  {name:10s} {np.sqrt(np.mean(wrong**2)):14.3f}"
                    f" {ranks:9.2f} {ratio:16.2f} {held:5.2f}",
                    flush=True,
                )


def main() -> None:
    asked = {"unequal": unequal, "held": held, "records": records}
    for word in set(sys.argv[1:]) & set(asked):
        asked[word]()
        return
    maps = {
        "all incidents": (lambda h, _: h.discovered + h.reported, 0.0),
        "reported only": (lambda h, _: h.reported, 0.0),
        "filter": (lambda h, _: h.discovered / np.maximum(h.seen, 0.02) + h.reported, 0.0),
        "joint rate": (None, 0.0),
        "joint rate, 10 % random": (None, 0.1),
    }
    print("city    map                       district error  slope  presence year 1, 2   cpu s")
    for name, city in (
        ("usual", LoopCity.equal()),
        ("drugs", LoopCity.equal(reporting=(0.0, 0.02))),
    ):
        for label, (scores, explore) in maps.items():
            start = time.process_time()
            run = run_loop(city, scores or corrected(city), cities=SEEDS, explore=explore, rng=2)
            if scores is None:
                days = zip(run.discovered, run.reported, run.presence_h, strict=True)
                values = np.array([joint_rate(*d, district=city.district)["rate"] for d in days])
            else:
                values = scores(run.history, None)
            shares = by_district(city, values)
            error = np.sqrt(np.mean((shares - 1) ** 2))
            centred = city.reporting - city.reporting.mean()
            slope = np.mean(shares @ centred / (centred @ centred))
            presence = run.presence_share.mean(axis=1)
            cpu = time.process_time() - start
            print(
                f"{name:7s} {label:25s} {error:14.3f} {slope:6.2f} {presence[0]:10.2f}"
                f" {presence[1]:6.2f} {cpu:10.1f}",
                flush=True,
            )
    rng = np.random.default_rng(0)
    hours = rng.exponential(0.2, (5_000, 365)).clip(0, 24)
    counts = rng.poisson(0.05, (2, 5_000, 365))
    start = time.process_time()
    joint_rate(counts[0], counts[1], hours, district=np.arange(5_000) // 100, half_life_days=240)
    print(f"joint_rate, 5 000 units of 365 days: {time.process_time() - start:.2f} s CPU")


if __name__ == "__main__":
    main()
