"""`rm.forecast`: a week, a shift, what is known, what is said about it."""

from __future__ import annotations

import importlib
import sys
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.forecast.choose import Choice
from riskmiljo.forecast.coming import forecast
from riskmiljo.forecast.effort import joint_rate
from riskmiljo.forecast.effort_table import effort_table, near_units
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.result import Forecast
from riskmiljo.forecast.shift_risk import hour_share
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.simulate import simulate_city
from riskmiljo.wording import Text

AREA = shapely.box(0, 0, 3000, 3000)
GRID = Grid.over(AREA, 250)
WEEK = ("2026-03-23", "2026-03-30")
END = pd.Timestamp("2026-03-23", tz="Europe/Stockholm")


def incidents_at(xy, times, **columns):
    utc = pd.DatetimeIndex(times).tz_convert("UTC").as_unit("us")
    return gpd.GeoDataFrame(
        {"occurred_from": utc, **columns}, geometry=shapely.points(np.asarray(xy)), crs=3006
    )


def city(count=2000, *, days=500, seed=0):
    """Two evenings' places (Friday and Saturday nights) and three of the daytime."""
    rng = np.random.default_rng(seed)
    centres = np.array([[600, 600], [2400, 2400], [600, 2400], [2400, 600], [1500, 1500]])
    spot = rng.integers(0, 5, count)
    xy = np.clip(centres[spot] + rng.normal(0, 90, (count, 2)), 1, 2999)
    day = END.normalize() - pd.to_timedelta(rng.integers(1, days, count), "D")
    night = spot < 2
    back = (day.day_of_week - rng.choice([4, 5], count)) % 7
    day = pd.DatetimeIndex(np.where(night, day - pd.to_timedelta(back, "D"), day), tz=day.tz)
    hour = np.where(night, rng.uniform(20, 24, count), rng.uniform(9, 17, count))
    naive = day.tz_localize(None) + pd.to_timedelta(np.minimum(hour, 23.9), "h")
    times = naive.tz_localize("Europe/Stockholm", nonexistent="shift_forward", ambiguous=True)
    return incidents_at(xy, times)


@pytest.fixture(scope="module")
def known():
    return city()


@pytest.fixture(scope="module")
def week(known):
    return forecast(known, period=WEEK, grid=GRID)


def cell(x, y):
    return int(GRID.index([[x, y]])[0])


def test_a_week_has_expected_numbers_with_intervals_in_a_clear_unit(week, known):
    assert week.values.shape == GRID.shape
    assert (week.lower <= week.values).all()
    assert (week.values <= week.upper).all()
    assert week.total == pytest.approx(28, rel=0.2)
    # The clock is put forward in this week: it has 167 hours.
    assert week.per_ha_week == pytest.approx(week.values / 6.25 * 168 / 167)
    drawn = np.random.default_rng(1)
    cells = np.arange(len(week.prediction.expected))
    sums = drawn.poisson(week.prediction.draw(drawn, cells, 20_000).sum(axis=1))
    assert week.total_interval() == pytest.approx(np.quantile(sums, [0.05, 0.95]), abs=1)
    low, high = week.count_interval()
    assert (low <= high).all()
    assert (high == np.floor(high)).all()
    table = week.to_geodataframe()
    assert table["expected"].sum() == pytest.approx(week.total)
    assert len(table) == 144
    # What weighs the recent ones more stands beside the plain count of a year.
    year = known[known["occurred_from"] >= week.period.start - timedelta(days=365)]
    assert (table["last_year"] == GRID.counts(coordinates(year)).ravel()).all()
    assert 0 < table["last_year"].sum() == len(year)
    top = week.top_places(3)
    assert top["last_year"].tolist() == table.set_index("cell")["last_year"][top["cell"]].tolist()
    assert table.crs is None or table.crs == GRID.crs
    assert table.geometry.area.to_numpy() == pytest.approx(62_500)
    assert week.model in ("gamma_poisson", "recency_kde", "recency_counts", "last_year")
    assert week.reason.sv != week.reason.en


def test_only_what_was_known_before_the_period_counts(known, week):
    later = city(500, seed=3)
    later["occurred_from"] += timedelta(days=600)
    late = city(500, seed=4)
    late["registered_at"] = END.tz_convert("UTC") + timedelta(hours=1)
    first = known.assign(registered_at=known["occurred_from"])
    later["registered_at"] = later["occurred_from"]
    joined = gpd.GeoDataFrame(pd.concat([later, first, late], ignore_index=True), crs=3006)
    again = forecast(joined, period=WEEK, grid=GRID)
    assert again.values == pytest.approx(week.values)
    assert again.incidents == week.incidents == 2000
    assert again.reason == week.reason


def test_the_grid_that_is_made_does_not_show_what_comes_later(known):
    one = forecast(known, period=WEEK)
    far = incidents_at([[9000.0, 9000.0]], [END + timedelta(days=2)])
    other = forecast(gpd.GeoDataFrame(pd.concat([known, far]), crs=3006), period=WEEK)
    assert other.grid.bounds == one.grid.bounds
    assert other.values == pytest.approx(one.values)
    assert one.grid.cell_m == 250
    assert one.grid.x0 % 250 == one.grid.y0 % 250 == 0


def test_a_shift_takes_the_hours_of_the_week_into_account(known, week):
    night = forecast(known, period=("2026-03-27 20:00", "2026-03-28 00:00"), grid=GRID)
    day = forecast(known, period=("2026-03-25 09:00", "2026-03-25 17:00"), grid=GRID)
    bar, shop = cell(600, 600), cell(1500, 1500)
    assert night.values.ravel()[bar] > 3 * night.values.ravel()[shop]
    assert day.values.ravel()[shop] > 1.5 * day.values.ravel()[bar]
    # Half of the bar's week is Friday night, drawn a little towards the whole city's share.
    share = night.values.ravel()[bar] / week.values.ravel()[bar]
    assert 0.35 < share < 0.55
    parts = [
        forecast(known, period=(f"2026-03-{d} 00:00", f"2026-03-{d + 1} 00:00"), grid=GRID).total
        for d in range(23, 29)
    ]
    parts.append(forecast(known, period=("2026-03-29", "2026-03-30"), grid=GRID).total)
    # The seventh day lasts 23 hours: one quiet hour of the week is not there.
    assert sum(parts) == pytest.approx(week.total, rel=0.02)


def test_the_share_of_a_shift_is_the_formula(known):
    period = Period.between("2026-03-27 20:00", "2026-03-28 00:00")
    from riskmiljo.forecast.record import Record  # noqa: PLC0415 - beside its only use
    from riskmiljo.forecast.units import Units  # noqa: PLC0415 - as above

    history = Record.of(known, Units.of_grid(GRID)).known(period.start)
    share = hour_share(known, history, period)
    local = known["occurred_from"].dt.tz_convert("Europe/Stockholm")
    inside = (local.dt.day_of_week == 4) & (local.dt.hour >= 20)
    at = GRID.index(np.column_stack([known.geometry.x, known.geometry.y])) == cell(600, 600)
    b, a, pi = (at & inside).sum(), at.sum(), inside.mean()
    ours = share.of(np.full(144, 3.0))[cell(600, 600)]
    assert ours == pytest.approx(3.0 * (b + 80 * pi) / (a + 80), rel=0.01)


def test_the_nights_when_the_clock_changes_are_an_hour_shorter_and_longer(known):
    even = known.copy()
    rng = np.random.default_rng(8)
    even["occurred_from"] = pd.DatetimeIndex(
        END - pd.to_timedelta(rng.uniform(0, 500 * 24, len(even)), "h")
    ).tz_convert("UTC").as_unit("us")  # fmt: skip

    def expected(day):
        period = (day, (date.fromisoformat(day) + timedelta(days=1)).isoformat())
        made = forecast(even, period=period, grid=GRID, model="all_history")
        return made.period.days * 24, made.total

    # Sundays against the Sundays after them.
    spring, usual = expected("2026-03-29"), expected("2026-04-05")
    assert (spring[0], usual[0]) == (23, 24)
    assert spring[1] / usual[1] == pytest.approx(23 / 24, abs=0.02)
    autumn, usual = expected("2025-10-26"), expected("2025-11-02")
    assert autumn[0] == 25
    assert autumn[1] / usual[1] == pytest.approx(25 / 24, abs=0.03)
    with pytest.raises(InvalidInputError, match="finns inte"):
        forecast(even, period=("2026-03-29 02:30", "2026-03-29 08:00"), grid=GRID)


def test_dates_without_times_are_spread_over_the_day_and_it_is_said(known):
    dates = known.copy()
    dates["occurred_from"] = (
        known["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.normalize() + timedelta(hours=0)
    ).dt.tz_convert("UTC")
    first = forecast(dates, period=("2026-03-27 00:00", "2026-03-27 08:00"), grid=GRID)
    last = forecast(dates, period=("2026-03-27 16:00", "2026-03-28 00:00"), grid=GRID)
    assert first.total == pytest.approx(last.total, rel=2e-3)
    assert any("bara datum" in note.sv for note in first.notes)


def test_the_chance_to_be_among_the_top_is_that_of_the_belief():
    rng = np.random.default_rng(1)
    expected, shape = rng.gamma(1, 1, 144), np.full(144, 3.0)
    made = Forecast(
        Prediction(expected, shape), GRID, Period.between(*WEEK), END.to_pydatetime(), "x",
        Text("", ""), (), 1, np.zeros(144),
    )  # fmt: skip
    top = made.top_places(5, among=10, draws=4000, rng=2)
    assert list(top["rank"]) == [1, 2, 3, 4, 5]
    drawn = rng.gamma(shape, expected / shape, (20_000, 144))
    among = np.argsort(-drawn, axis=1)[:, :10]
    chance = np.bincount(among.ravel(), minlength=144) / 20_000
    assert top["chance"].to_numpy() == pytest.approx(chance[top["cell"]], abs=0.03)
    assert top["expected"].is_monotonic_decreasing
    again = made.top_places(5, among=10, draws=4000, rng=2)
    assert top["chance"].equals(again["chance"])
    with pytest.raises(InvalidInputError, match="minst 1"):
        made.top_places(0)
    with pytest.raises(InvalidInputError, match="Nivån"):
        made.count_interval(1.0)


def test_true_rates_lie_in_their_intervals_about_nine_times_in_ten():
    rng = np.random.default_rng(12)
    inside = []
    for _ in range(6):
        # Lasting places of every size: what the prior takes for granted.
        rates = rng.gamma(2.0, 0.01, 144)
        counts = rng.poisson(rates * 400)
        xy = np.repeat(GRID.centres, counts, axis=0) + rng.uniform(-120, 120, (counts.sum(), 2))
        times = END - pd.to_timedelta(rng.uniform(0, 400, len(xy)), "D")
        made = GammaPoisson(bandwidth_m=400, half_life_days=1000, kappa=3).fit(
            incidents_at(xy, times), GRID, now=END.to_pydatetime()
        )
        low, high = made.predict(Period(END.to_pydatetime(), END + timedelta(days=7))).interval()
        inside.append(((low <= rates * 7) & (rates * 7 <= high)).mean())
    assert 0.84 < np.mean(inside) < 0.96


def test_a_model_may_be_named_given_or_be_a_back_tests_choice(known):
    named = forecast(known, period=WEEK, grid=GRID, model="gamma_poisson")
    assert named.model == "gamma_poisson"
    given = forecast(known, period=WEEK, grid=GRID, model=GammaPoisson(kappa=5.0))
    assert given.values.ravel()[cell(600, 600)] > given.values.ravel()[cell(1000, 1900)]
    choice = Choice("average", Text("skäl", "reason"), beats_baseline=True)
    chosen = forecast(known, period=WEEK, grid=GRID, model=choice)
    assert (chosen.model, chosen.reason.en) == ("average", "reason")
    assert chosen.total == pytest.approx(named.total, rel=0.2)
    with pytest.raises(InvalidInputError, match="okänd"):
        forecast(known, period=WEEK, grid=GRID, model="crystal_ball")


def test_the_same_call_gives_the_same_answer(known, week):
    again = forecast(known.sample(frac=1, random_state=1), period=WEEK, grid=GRID, rng=0)
    assert again.values == pytest.approx(week.values)
    assert again.reason == week.reason


def test_what_is_odd_about_the_record_is_said(known):
    holed = known[
        (known["occurred_from"] < END - timedelta(days=300))
        | (known["occurred_from"] > END - timedelta(days=240))
    ].copy()
    start = END - timedelta(days=150)
    late = np.where(holed["occurred_from"] > start, "robbery", "violence")
    holed["category"] = late
    holed["detection"] = "discovered"
    notes = " ".join(note.sv for note in forecast(holed, period=WEEK, grid=GRID).notes)
    assert "Uppehåll i materialet" in notes
    assert "Slaget rån börjar först" in notes
    assert "upptäcktes av patruller" in notes
    ended = forecast(known, period=("2026-06-01", "2026-06-08"), grid=GRID, model="last_year")
    assert any("Inga händelser är kända efter" in note.sv for note in ended.notes)
    # The silence is not calm: the level is as before.
    assert ended.total == pytest.approx(28, rel=0.2)
    short = forecast(city(400, days=120), period=WEEK, grid=GRID)
    assert any("mindre än ett år" in note.sv for note in short.notes)


def test_a_record_that_was_registered_late_is_pointed_out(known):
    half = known.assign(registered_at=known["occurred_from"])
    half.loc[half.index[::2], "registered_at"] = END.tz_convert("UTC") + timedelta(days=1)
    made = forecast(half, period=WEEK, grid=GRID, model="last_year")
    assert made.incidents == 1000
    assert any("1000 av 2000" in note.sv for note in made.notes)


def test_too_little_history_is_refused_in_words(known):
    with pytest.raises(InvalidInputError, match="minst 8 veckor"):
        forecast(city(200, days=40), period=WEEK, grid=GRID)
    with pytest.raises(NothingFoundError, match="kända före"):
        forecast(known, period=("2020-01-01", "2020-01-08"), grid=GRID)
    with pytest.raises(NothingFoundError, match="kända före"):
        forecast(known, period=("2020-01-01", "2020-01-08"))
    with pytest.raises(NothingFoundError):
        forecast(known.iloc[:0], period=WEEK)
    with pytest.raises(CRSError):
        forecast(known.to_crs(4326), period=WEEK)
    with pytest.raises(InvalidInputError, match="slut"):
        forecast(known, period=("2026-03-30", "2026-03-23"))
    with pytest.raises(InvalidInputError, match="Perioden saknas"):
        forecast(known, period=None)
    with pytest.raises(InvalidInputError, match="Tiderna är tal"):
        forecast(known.assign(occurred_from=range(len(known))), period=WEEK)
    # Weeks of silence after a short record, or in it, are no history.
    with pytest.raises(InvalidInputError, match="är 6,2 veckor"):
        forecast(city(200, days=40), period=("2026-06-01", "2026-06-08"), grid=GRID)
    with pytest.raises(InvalidInputError, match="är 0 veckor"):
        forecast(known.assign(occurred_from=END - timedelta(days=200)), period=WEEK, grid=GRID)
    with pytest.raises(InvalidInputError, match="Så långt fram går"):
        forecast(known, period=("2027-06-01", "2027-06-08"), grid=GRID, model="last_year")
    broken = known.copy()
    broken.loc[7, "geometry"] = None
    with pytest.raises(InvalidInputError, match="saknar punkt"):
        forecast(broken, period=WEEK, grid=GRID)


def test_all_at_one_address_and_local_times_without_a_zone_work():
    times = pd.date_range("2025-06-01", "2026-03-20", periods=300).as_unit("us")
    one = gpd.GeoDataFrame(
        {"occurred_from": times}, geometry=shapely.points(np.full((300, 2), 1000.5)), crs=3006
    )
    made = forecast(one, period=WEEK)
    assert made.values.argmax() == made.grid.index([[1000.5, 1000.5]])[0]
    shift = forecast(one, period=("2026-03-27 18:00", "2026-03-28 02:00"))
    assert 0 < shift.total < made.total


@pytest.fixture(scope="module")
def simulated():
    return simulate_city(seed=3, end=date(2026, 3, 23), years=2, incidents=3000)


def said(made):
    return " ".join(note.sv for note in made.notes)


def test_presence_corrects_what_patrols_discovered(simulated):
    found = simulated.incidents
    plain = forecast(found, period=WEEK, model="last_year")
    assert "upptäcktes av patruller" in said(plain)
    joint = forecast(found, period=WEEK, grid=plain.grid, presence=simulated.presence)
    assert joint.model == "joint_rate"
    assert "underliggande risken, omkring 10" in joint.reason.sv
    assert "upptäcktes av patruller" not in said(joint)
    # A complete record is believed as it is: the observation model's own numbers.
    begins = found["occurred_from"].min()
    days = np.ceil((END - begins) / timedelta(days=1))
    table = effort_table(
        found, simulated.presence, plain.grid, step_days=7, unknown="reported",
        period=Period((END - timedelta(days=days)).to_pydatetime(), END.to_pydatetime()),
    )  # fmt: skip
    rates = joint_rate(
        table.discovered, table.reported, table.presence_h,
        neighbours=near_units(plain.grid), half_life_days=365, days=7,
    )  # fmt: skip
    # The week has an hour less: the clock is put forward.
    expected = rates["rate"].to_numpy() * 167 / 168
    assert joint.prediction.expected == pytest.approx(expected, rel=1e-9)
    with pytest.raises(InvalidInputError, match="närvaro"):
        forecast(found, period=WEEK, presence=simulated.presence, model="last_year")
    nobody = forecast(found, period=WEEK, presence=simulated.presence.iloc[:0])
    assert "Ingen närvaro är känd" in said(nobody)
    assert "Bara rapporterade" in nobody.reason.sv


@pytest.mark.parametrize(
    ("share", "period"),
    [(0.03, ("2026-03-27 20:00", "2026-03-28 02:00")), (0.001, WEEK)],
)
def test_of_presence_that_is_mostly_unknown_the_sum_is_last_years(simulated, share, period):
    visits = simulated.presence.sample(frac=share, random_state=4)
    plain = forecast(simulated.incidents, period=period, model="last_year")
    made = forecast(simulated.incidents, period=period, grid=plain.grid, presence=visits)
    assert made.total == pytest.approx(plain.total, rel=1e-9)
    assert "upptäckta händelser ligger där ingen närvaro är känd" in said(made)
    assert "dubbelt så hög" not in said(made)
    assert "det som registrerades det senaste året" in made.reason.sv
    # No cell that nobody visited stands out.
    assert made.values.max() < 1.5 * plain.values.max()


def test_presence_that_says_nothing_of_how_much_happens_is_told_so(known):
    detection = np.where(np.arange(len(known)) % 2, "discovered", "reported")
    half = known.assign(detection=detection)
    met = half[detection == "discovered"]
    moments = gpd.GeoDataFrame(
        {"begins": met["occurred_from"], "ends": met["occurred_from"], "minutes": 5.0},
        geometry=met.geometry, crs=3006,
    )  # fmt: skip
    made = forecast(half, period=WEEK, grid=GRID, presence=moments)
    assert "bara en del" in said(made)
    assert made.total == pytest.approx(28, rel=0.2)
    elsewhere = moments.iloc[:20].assign(begins=moments["begins"] - timedelta(days=1000))
    elsewhere["ends"] = elsewhere["begins"]
    with pytest.raises(NothingFoundError, match="1000 händelser upptäcktes där ingen närvaro"):
        forecast(met, period=WEEK, grid=GRID, presence=elsewhere)
    with pytest.raises(InvalidInputError, match=r"saknar minutes\. Ge .* begins och ends"):
        forecast(half, period=WEEK, grid=GRID, presence=moments.drop(columns="minutes"))
    with pytest.raises(InvalidInputError, match="saknar geometry"):
        forecast(half, period=WEEK, presence=pd.DataFrame(moments.drop(columns="geometry")))
    spring = moments.assign(begins="2025-03-30 02:30", ends="2025-03-30 03:30")
    with pytest.raises(InvalidInputError, match="02:30 på rad 0 finns inte") as refused:
        forecast(half, period=WEEK, grid=GRID, presence=spring)
    assert "nonexistent" not in str(refused.value)


def test_the_package_can_be_called_like_the_function(known):
    package = importlib.import_module("riskmiljo.forecast")
    assert sys.modules["riskmiljo.forecast"] is package
    made = package(known, period=WEEK, grid=GRID, model="last_year")
    assert isinstance(made, Forecast)


def test_few_incidents_or_one_place_for_all_is_pointed_out(known):
    one = forecast(known.iloc[[0]], period=WEEK)
    assert any("är bara 1:" in note.sv for note in one.notes)
    address = known.set_geometry([shapely.Point(1500, 1500)] * len(known))
    assert any("samma plats" in note.sv for note in forecast(address, period=WEEK).notes)
    assert not any("plats" in note.sv for note in forecast(known, period=WEEK).notes)


def test_a_registration_time_that_is_missing_is_the_incidents_own(known, week):
    unknown = known.assign(registered_at=pd.NaT)
    again = forecast(unknown, period=WEEK, grid=week.grid)
    assert again.values == pytest.approx(forecast(known, period=WEEK, grid=week.grid).values)


def test_a_period_before_the_record_is_refused_and_one_inside_it_uses_what_came_before(known):
    with pytest.raises(NothingFoundError, match="kända före"):
        forecast(known, period=("2019-01-01", "2019-01-08"))
    inside = ("2025-12-01", "2025-12-08")
    before = known[known["occurred_from"] < pd.Timestamp("2025-12-01", tz="Europe/Stockholm")]
    made = forecast(known, period=inside, grid=GRID)
    assert made.values == pytest.approx(forecast(before, period=inside, grid=GRID).values)
