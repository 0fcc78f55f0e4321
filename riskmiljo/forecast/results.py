"""The result of a back-test: a row for each forecast, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.forecast import scores
from riskmiljo.forecast.choose import LABELS, Choice, choose
from riskmiljo.forecast.evaluate import share_label
from riskmiljo.forecast.paired import difference, ratio
from riskmiljo.forecast.tune import BASELINE, Tuned
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Backtest:
    """How good forecasts were at past origins.

    Attributes
    ----------
    settings
        What was asked for; a result is only resumed with the same.
    periods
        The forecast periods, oldest first; each begins at its origin.
    shares
        Flagged shares of the area.
    tuned
        The models with their settings, chosen before the first origin.
    choice
        The model that the tuning periods favoured: what a user would have had in the test.
    notes
        What a reader must know.
    pileups
        Places with an outlying share of the incidents.
    seed
        Of the bootstrap and the ceilings.
    rows
        One row a model, origin and shifted grid, with sums and scores.
    classes
        Units, expected and come incidents by class of the expected number.
    last_flags
        Flagged fractions at the last origin done, by shift and model.
    """

    settings: dict[str, Any] = field(repr=False)
    periods: tuple[Period, ...] = field(repr=False)
    shares: tuple[float, ...]
    tuned: Tuned = field(repr=False)
    choice: Choice
    notes: tuple[Text, ...]
    pileups: gpd.GeoDataFrame = field(repr=False)
    seed: int
    rows: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    classes: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    last_flags: dict[tuple[int, str], dict[str, Floats]] = field(default_factory=dict, repr=False)

    def with_rows(
        self,
        rows: pd.DataFrame,
        classes: pd.DataFrame,
        last_flags: dict[tuple[int, str], dict[str, Floats]],
    ) -> Backtest:
        """Return a copy that holds these rows.

        Parameters
        ----------
        rows, classes, last_flags
            As in the attributes.

        Returns
        -------
        Backtest
            The same call, further on.
        """
        return replace(self, rows=rows, classes=classes, last_flags=last_flags)

    @property
    def done(self) -> int:
        """How many origins have been forecast."""
        return int(self.rows["origin"].nunique()) if len(self.rows) else 0

    @property
    def complete(self) -> bool:
        """Whether all origins have been."""
        return self.done == len(self.periods)

    @property
    def models(self) -> list[str]:
        """Names of the models, the baseline first."""
        return list(self.tuned.models)

    @property
    def table(self) -> pd.DataFrame:
        """One row a model and origin.

        ``model``, ``origin`` and ``end`` (UTC), ``events``, ``expected``, ``gain_bits`` (bits an
        event), ``deviance``, ``slope``, ``coverage``; and for each flagged area (suffix ``_1pct``,
        ``_5pct``, ``_0.25mi2``, ...) ``hits``, ``best_hits``, ``hit_rate``, ``pai``,
        ``pei_star``, ``ceiling_hit_rate``, ``ceiling_pei_star``, ``ser``, ``rri``, ``precision``,
        ``coverage`` and ``jaccard`` with the origin before. Over shifted grids scores are means.
        """
        if len(self.rows) == 0:
            return self.rows.copy()
        grouped = self.rows.groupby(["model", "origin"], sort=False)
        table = grouped.mean(numeric_only=True).drop(columns="shift").reset_index()
        table.insert(2, "end", grouped["end"].first().to_numpy())
        table["events"] = table["events"].round().astype(np.int64)
        return table

    def summary(self) -> pd.DataFrame:
        """Sum over the origins, with intervals and the paired difference to last year's count.

        Returns
        -------
        pandas.DataFrame
            Index model, columns ``label_sv``, ``label_en``, ``settings``, ``origins``, ``events``;
            for each share ``hit_rate_…`` (sum of hits over sum of events), ``…_lower`` and
            ``…_upper`` (95 %, bootstrap over origins), ``…_diff`` to the baseline with
            ``…_diff_lower`` and ``…_diff_upper`` (paired), and ``pai_…``, ``pei_star_…``,
            ``ceiling_hit_rate_…``, ``ceiling_pei_star_…``, ``precision_…``, ``jaccard_…``; then
            ``gain_bits`` with the same six; ``deviance`` (sum), ``slope`` (pooled over origins),
            ``coverage`` and ``level`` (came over expected).
        """
        table = self.table
        base = table[table["model"] == BASELINE].set_index("origin")
        rows = []
        for name in self.models:
            mine = table[table["model"] == name].set_index("origin").reindex(base.index)
            rows.append(self._summed(name, mine, base))
        return pd.DataFrame(rows).set_index("model")

    def _summed(self, name: str, mine: pd.DataFrame, base: pd.DataFrame) -> dict[str, Any]:
        events = mine["events"].to_numpy(dtype=float)
        label = LABELS.get(name, Text(name, name))
        row: dict[str, Any] = {
            "model": name,
            "label_sv": label.sv,
            "label_en": label.en,
            "settings": repr(self.tuned.models[name]),
            "origins": len(mine),
            "events": int(events.sum()),
        }
        for suffix in self._suffixes():
            hits, theirs = (frame[f"hits_{suffix}"].to_numpy(dtype=float) for frame in (mine, base))
            self._estimates(row, f"hit_rate_{suffix}", hits, theirs, events)
            best = float(mine[f"best_hits_{suffix}"].sum())
            share = self._share_of(suffix)
            row[f"pai_{suffix}"] = row[f"hit_rate_{suffix}"] / share
            row[f"pei_star_{suffix}"] = float(hits.sum()) / best if best else float("nan")
            for column in ("ceiling_hit_rate", "ceiling_pei_star", "precision", "jaccard", "ser"):
                row[f"{column}_{suffix}"] = float(mine[f"{column}_{suffix}"].mean())
            row[f"coverage_{suffix}"] = float(mine[f"coverage_{suffix}"].mean())
        bits, base_bits = (
            np.nan_to_num((frame["gain_bits"] * frame["events"]).to_numpy(dtype=float))
            for frame in (mine, base)
        )
        self._estimates(row, "gain_bits", bits, base_bits, events)
        row["deviance"] = float(mine["deviance"].sum())
        row["slope"] = self._pooled_slope(name)
        row["coverage"] = float(mine["coverage"].mean())
        expected = float(mine["expected"].sum())
        row["level"] = float(events.sum()) / expected if expected else float("nan")
        return row

    def _estimates(
        self,
        row: dict[str, Any],
        name: str,
        values: Floats,
        base: Floats,
        events: Floats,
    ) -> None:
        # The same draws each time, as in `choose`: what is told twice is told alike.
        own = ratio(values, events, np.random.default_rng(self.seed))
        gap = difference(values, base, events, np.random.default_rng(self.seed))
        row[name], row[f"{name}_lower"], row[f"{name}_upper"] = own.value, own.lower, own.upper
        row[f"{name}_diff"] = gap.value
        row[f"{name}_diff_lower"], row[f"{name}_diff_upper"] = gap.lower, gap.upper

    def _suffixes(self) -> list[str]:
        return [
            column.removeprefix("best_hits_")
            for column in self.rows.columns
            if column.startswith("best_hits_")
        ]

    def _share_of(self, suffix: str) -> float:
        for share in self.shares:
            if share_label(share) == suffix:
                return share
        usable = self.rows[(self.rows["events"] > 0) & (self.rows[f"pai_{suffix}"] > 0)]
        if usable.empty:
            return float("nan")
        return float((usable[f"hit_rate_{suffix}"] / usable[f"pai_{suffix}"]).mean())

    def _pooled_slope(self, name: str) -> float:
        mine = self.classes[self.classes["model"] == name].groupby("level").sum(numeric_only=True)
        mean = mine["expected"] / mine["units"]
        return scores.calibration_slope(
            mean.to_numpy(dtype=float), mine["came"].to_numpy(dtype=float),
            repeats=mine["units"].to_numpy(dtype=float),
        )  # fmt: skip

    def calibration(self, model: str) -> pd.DataFrame:
        """Compare expected and come incidents in tenths of what was expected.

        Parameters
        ----------
        model
            Its name.

        Returns
        -------
        pandas.DataFrame
            Index 1 to 10, from the units with least to those with most expected: ``expected``,
            ``came``, ``units`` (over all origins).
        """
        mine = self.classes[self.classes["model"] == model].groupby("level").sum(numeric_only=True)
        middle = mine["expected"].cumsum() - mine["expected"] / 2
        total = max(float(mine["expected"].sum()), np.finfo(float).tiny)
        tenth = np.minimum(10 * middle.to_numpy(dtype=float) / total, 9.0).astype(np.int64) + 1
        summed = mine[["expected", "came", "units"]].groupby(tenth).sum()
        return summed.reindex(pd.RangeIndex(1, 11, name="decile"), fill_value=0)

    def choose(self) -> Choice:
        """Return the model that all origins together favour: the one for the time to come."""
        table = self.table
        hits = table[f"hits_{share_label(max(self.shares))}"]
        scored = table[["model", "origin", "events", "gain_bits"]].assign(hits=hits)
        return choose(scored, share=max(self.shares), rng=self.seed)
