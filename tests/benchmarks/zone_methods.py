"""Which zones are most stable, truest and foretell most: density persistence, DBSCAN, HDBSCAN.

Run: python tests/benchmarks/zone_methods.py [BOOTSTRAPS] [CITY ...]; the cities are simulated,
unknown, chicago, burglary, vehicles. With ZONE_METHODS_KEEP=FOLDER what is done is kept there, and
a run that was broken off goes on; what another version of the code gave is not taken up.

Three questions for each method on each city:

- stable: the share of bootstraps in which a zone appears again (Jaccard of the incidents inside at
  least one half), mean over zones;
- recovery, where the truth is known: share of planted places of 60 incidents or more that have a
  zone of their own, and share of zones that are planted places;
- foretells: share of the next 28 days' incidents in the densest zones, cut at the same area for
  all methods (the smallest area that any of them covers), over that share of the area (PAI); and
  the same for all the zones of each.

The Chicago and Portland files lie beside the project (../shared/data) and are skipped if absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as ds

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, metric_crs_for, points_frame, transform
from riskmiljo.simulate import Truth, simulate_city
from riskmiljo.zones import assign_zones, find_zones

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LEAST_PLANTED = 60
TEST_DAYS = 28


def version():
    """A mark of the code that the figures depend on, and of this script."""
    code = Path(__file__).resolve().parents[2] / "riskmiljo"
    files = [Path(__file__), *(f for part in ("analysis", "geo", "simulate", "zones")
                               for f in sorted((code / part).glob("*.py")))]  # fmt: skip
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


VERSION = version()


def kept(name, work):
    """What the work gives, from the folder of kept results if it is there."""
    folder = os.environ.get("ZONE_METHODS_KEEP")
    if not folder:
        return work()
    path = Path(folder) / VERSION / f"{name}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(work()), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def by_density(bandwidth_m):
    return lambda incidents: find_zones(incidents, method="density", bandwidth_m=bandwidth_m)


def by_dbscan(share):
    """Within 100 m of a core: 10 incidents, or a share of all where that is more."""

    def find(incidents):
        least = max(10.0, share * len(incidents))
        return find_zones(incidents, method="dbscan", eps_m=100.0, min_weight=least)

    return find


METHODS = {
    "auto": find_zones,
    "density 125 m": by_density(125.0),
    "density 175 m": by_density(175.0),
    "density 250 m": by_density(250.0),
    "density 350 m": by_density(350.0),
    "dbscan, 10": by_dbscan(0.0),
    "dbscan, 0.3 %": by_dbscan(0.003),
    "hdbscan": lambda incidents: find_zones(incidents, method="hdbscan"),
}


def found(method, incidents):
    """Zones, or None where there are none or the method refuses."""
    try:
        return METHODS[method](incidents)
    except (NothingFoundError, InvalidInputError):
        return None


def stable(method, incidents, zones, bootstraps):
    labels = assign_zones(incidents, zones)
    names = zones["zone_id"].tolist()
    again = np.zeros(len(names))
    rng = np.random.default_rng(1)
    for _ in range(bootstraps):
        other = found(method, incidents.iloc[rng.integers(0, len(incidents), len(incidents))])
        if other is None:
            continue
        shared = pd.crosstab(labels.fillna(""), assign_zones(incidents, other).fillna(""))
        both = shared.reindex(index=names).drop(columns="", errors="ignore").fillna(0).to_numpy()
        union = (
            shared.sum(axis=1).reindex(names).fillna(0).to_numpy()[:, None]
            + shared.sum(axis=0).drop("", errors="ignore").to_numpy()[None, :]
            - both
        )
        again += (both / np.maximum(union, 1)).max(axis=1, initial=0.0) >= 0.5
    return again.mean() / bootstraps


def recovery(city, zones):
    planted = city.planted.reindex(city.incidents["incident_id"]).to_numpy()
    zone = assign_zones(city.incidents, zones).to_numpy()
    big = city.truth[city.truth["incidents"] >= LEAST_PLANTED]
    holder = {
        place.place_id: set(zones["zone_id"][zones.contains(place.geometry)])
        for place in big.itertuples()
    }
    alone = [
        len(own) == 1 and not any(own & other for key, other in holder.items() if key != place)
        for place, own in holder.items()
    ]
    true = [(planted[zone == zone_id] != "").mean() > 0.5 for zone_id in zones["zone_id"]]
    return np.mean(alone), np.mean(true)


def densest(zones, incidents, area_ha):
    """Incidents in the densest zones up to an area; of the last zone the part that fits counts."""
    held = assign_zones(incidents, zones).value_counts()
    ordered = zones.sort_values("per_ha_week", ascending=False)
    hits = held.reindex(ordered["zone_id"]).fillna(0).to_numpy()
    before = ordered["area_ha"].cumsum().to_numpy() - ordered["area_ha"].to_numpy()
    part = np.clip((area_ha - before) / ordered["area_ha"].to_numpy(), 0, 1)
    return float((hits * part).sum())


def foretelling(incidents, area_ha, origins, train_days):
    """For each method: share of incidents and of area, at equal area and in all."""
    totals = {method: np.zeros(4) for method in METHODS}
    silent = dict.fromkeys(METHODS, 0)
    events = 0
    for origin in origins:
        begun = incidents["occurred_from"]
        past = incidents[(begun < origin) & (begun >= origin - pd.Timedelta(days=train_days))]
        ahead = (begun >= origin) & (begun < origin + pd.Timedelta(days=TEST_DAYS))
        future = incidents[ahead]
        events += len(future)
        zones = {method: found(method, past) for method in METHODS}
        covered = [z["area_ha"].sum() for z in zones.values() if z is not None]
        for method, own in zones.items():
            if own is None:
                silent[method] += 1
                continue
            equal, whole = min(covered), own["area_ha"].sum()
            totals[method] += [
                densest(own, future, equal), equal, densest(own, future, whole), whole
            ]  # fmt: skip
    for total in totals.values():
        total[[0, 2]] /= events
        total[[1, 3]] /= area_ha * len(origins)
    return {method: total.tolist() for method, total in totals.items()}, silent


def described(method, incidents, bootstraps, city):
    """Number, median hectares, bandwidth, stability, recovery and seconds of a method's zones."""
    start = time.process_time()
    zones = found(method, incidents)
    cpu = time.process_time() - start
    if zones is None:
        return {"zones": 0, "cpu": cpu}
    return {
        "zones": len(zones),
        "ha": float(zones["area_ha"].median()),
        "bandwidth_m": float(zones.attrs["parameters"]["bandwidth_m"]),
        "stable": float(stable(method, incidents, zones, bootstraps)),
        "recovery": [float(x) for x in recovery(city, zones)] if city is not None else None,
        "cpu": cpu,
    }


def report(name, incidents, *, area_ha, origins, train_days, bootstraps, city=None):
    print(f"\n{name}: {len(incidents)} incidents, {len(origins)} origins, {bootstraps} bootstraps")
    head = f"{'method':15s}{'zones':>6s}{'ha':>6s}{'m':>5s}{'stable':>8s}{'recall':>8s}{'true':>6s}"
    print(head + f"{'PAI=':>8s}{'share=':>8s}{'PAI':>7s}{'share':>7s}{'silent':>7s}{'s CPU':>7s}")
    ahead, silent = kept(
        f"{name} foretelling", lambda: foretelling(incidents, area_ha, origins, train_days)
    )
    last = incidents["occurred_from"].max()
    recent = incidents[incidents["occurred_from"] > last - pd.Timedelta(days=train_days)]
    whole = incidents if city is not None else recent
    for method in METHODS:
        got = kept(
            f"{name} {method} {bootstraps}",
            lambda method=method: described(method, whole, bootstraps, city),
        )
        hits, area, all_hits, all_area = ahead[method]
        row = f"{method:15s}{got['zones']:6d}"
        if got["zones"] == 0:
            row += f"{'':33s}"
        else:
            row += f"{got['ha']:6.1f}{got['bandwidth_m']:5.0f}{got['stable']:8.2f}"
            true = got["recovery"]
            row += f"{true[0]:8.2f}{true[1]:6.2f}" if true else f"{'':14s}"
        equal = hits / area if area else np.nan
        every = all_hits / all_area if all_area else np.nan
        row += f"{equal:8.1f}{hits:8.3f}{every:7.1f}{all_hits:7.3f}{silent[method]:7d}"
        print(row + f"{got['cpu']:7.1f}", flush=True)


def simulated(bootstraps, truth=None):
    city = simulate_city(seed=1, end=date(2026, 4, 30), truth=truth)
    xy = coordinates(city.incidents)
    area_ha = len(np.unique(np.floor(xy / 250), axis=0)) * 250**2 / 1e4
    end = city.incidents["occurred_from"].max()
    origins = [end - pd.Timedelta(days=TEST_DAYS * (step + 1)) for step in range(6)]
    name = "Simulated Uppsala" if truth is None else "Simulated city, unknown"
    report(
        name, city.incidents, area_ha=area_ha, origins=origins, train_days=730,
        bootstraps=bootstraps, city=city,
    )  # fmt: skip


def chicago(bootstraps):
    source = ds.dataset(DATA / "chicago" / "chicago_2012_2014.parquet")
    columns = ["Date", "Primary Type", "Latitude", "Longitude"]
    wanted = ds.field("Primary Type").isin(["ROBBERY", "NARCOTICS"]) & (ds.field("Latitude") > 41)
    table = source.to_table(columns=columns, filter=wanted).to_pandas()
    times = pd.DatetimeIndex(table["Date"]).tz_localize(
        "America/Chicago", ambiguous=True, nonexistent="shift_forward"
    )
    crs = metric_crs_for(table["Longitude"], table["Latitude"])
    x, y = transform(table["Longitude"], table["Latitude"], 4326, crs)
    incidents = points_frame({"occurred_from": times.tz_convert("UTC").as_unit("us")}, x, y, crs)
    end = incidents["occurred_from"].max()
    origins = [end - pd.Timedelta(days=90 * step + TEST_DAYS) for step in range(4)]
    report(
        "Chicago, robbery and narcotics", incidents, area_ha=60_000, origins=origins,
        train_days=365, bootstraps=bootstraps,
    )  # fmt: skip


def portland(name, file, bootstraps):
    table = pd.read_csv(DATA / "portland" / file)
    days = pd.DatetimeIndex(table["occ_date"]).tz_localize("America/Los_Angeles")
    x, y = transform(table["x_coordina"], table["y_coordina"], 2913, 32610)
    times = days.tz_convert("UTC").as_unit("us")
    incidents = points_frame({"occurred_from": times}, x, y, 32610)
    end = incidents["occurred_from"].max()
    origins = [end - pd.Timedelta(days=TEST_DAYS * (step + 1)) for step in range(13)]
    report(
        name, incidents, area_ha=38_254, origins=origins, train_days=5 * 365,
        bootstraps=bootstraps,
    )  # fmt: skip


def main():
    bootstraps = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    runs = {
        "simulated": lambda: simulated(bootstraps),
        "unknown": lambda: simulated(bootstraps, Truth.random(3)),
        "chicago": lambda: chicago(bootstraps),
        "burglary": lambda: portland("Portland, burglary", "crimes_bur.csv", bootstraps),
        "vehicles": lambda: portland("Portland, vehicle theft", "crimes_veh.csv", bootstraps),
    }
    for name in sys.argv[2:] or runs:
        if name in {"chicago", "burglary", "vehicles"} and not DATA.exists():
            print(f"{name} skipped: {DATA} is not there")
            continue
        runs[name]()


if __name__ == "__main__":
    main()
