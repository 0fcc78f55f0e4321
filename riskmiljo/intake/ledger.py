"""The book of refusals and warnings that fills up while a file is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from riskmiljo.intake.messages import REFUSALS, warning
from riskmiljo.intake.raw import Note, RawTable
from riskmiljo.intake.rejects import REJECT_COLUMNS, value_class
from riskmiljo.wording import Text

# Faults of a cell count only where its column is kept; all others refuse the row.
CELL_FAULTS: Final = ("CELLFEL", "FORMEL_UTAN_VARDE")
_ROW: Final = Text("Rad {n}", "Row {n}")
_FEATURE: Final = Text("Objekt {n}", "Feature {n}")
_COLUMN: Final = Text(", kolumn '{c}'", ", column '{c}'")

Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


class Ledger:
    """Which rows are refused and why; the first reason found for a row stands.

    Parameters
    ----------
    raw
        The file.
    """

    def __init__(self, raw: RawTable) -> None:
        self._raw = raw
        count = len(raw.rows)
        self._code = np.full(count, "", dtype=object)
        self._column = np.full(count, "", dtype=object)
        self._detail: dict[int, dict[str, object]] = {}
        self._class: dict[int, str] = {}
        self._common: dict[str, object] = {}
        self.notes: list[Note] = list(raw.notes)

    @property
    def open(self) -> Bools:
        """Shape (n,): the rows that nothing has been held against."""
        return np.asarray(self._code == "")

    def common(self, **detail: object) -> None:
        """Set what fills the gaps of every sentence (area, system)."""
        self._common |= detail

    def refuse(
        self,
        where: Bools,
        code: str,
        column: str | Objects = "",
        detail: Mapping[int, Mapping[str, object]] | None = None,
    ) -> None:
        """Refuse rows that are still open.

        Parameters
        ----------
        where
            Shape (n,).
        code
            Of `riskmiljo.intake.messages.REFUSALS`.
        column
            The column at fault, for all rows or one per row.
        detail
            What fills the gaps of the sentence, by position.
        """
        at = np.flatnonzero(where & self.open)
        self._code[at] = code
        self._column[at] = column[at] if isinstance(column, np.ndarray) else column
        for index in at if detail else ():
            self._detail[int(index)] = dict((detail or {}).get(int(index), {}))

    def refuse_codes(
        self,
        codes: Objects,
        column: str | Objects = "",
        detail: Mapping[int, Mapping[str, object]] | None = None,
    ) -> None:
        """Refuse rows by an array of codes.

        Parameters
        ----------
        codes
            Shape (n,); empty for none.
        column, detail
            As for `refuse`.
        """
        for code in pd.unique(codes):
            if code:
                self.refuse(codes == code, str(code), column, detail)

    def pass_on(self, other: Ledger, where: Bools) -> None:
        """Hold against another ledger's open rows what is held against these.

        Parameters
        ----------
        other
            Of the same file.
        where
            Shape (n,): the rows meant.
        """
        other.refuse_codes(np.where(where, self._code, "").astype(object), self._column)

    def refuse_faults(self, kept: set[str]) -> None:
        """Refuse the rows with a cell fault in a column that is kept."""
        position = {int(row): at for at, row in enumerate(self._raw.rows)}
        for fault in self._raw.faults:
            at = position.get(fault.row)
            if at is None or self._code[at]:
                continue
            if fault.code not in CELL_FAULTS or fault.column in kept:
                self._code[at], self._column[at] = fault.code, fault.column
                self._class[at] = fault.value_class

    def note(self, code: str, where: Bools | None = None, **detail: object) -> None:
        """Add a warning.

        Parameters
        ----------
        code
            Of `riskmiljo.intake.messages.WARNINGS`.
        where
            Shape (n,): the rows that it concerns; None for the file.
        **detail
            What fills the gaps of the sentence.
        """
        rows = self._raw.rows[where] if where is not None else np.zeros(0, dtype=np.int64)
        self.notes.append(Note(code, len(rows), [int(row) for row in rows[:20]], detail))

    def warnings(self) -> list[dict[str, Any]]:
        """Return the warnings for the receipt."""
        found = []
        for note in self.notes:
            text = warning(note.code, rows=note.rows, detail=dict(note.detail))
            found.append({"code": note.code, **text.as_dict(), "rows": note.rows, "at": note.at})
        return found

    def rejects(self) -> pd.DataFrame:
        """Return one row per refused row of the file, in its order."""
        absent = {int(row) for row in self._raw.rows}
        records = [
            self._record(fault.row, fault.column, fault.value_class, fault.code, {})
            for fault in self._raw.faults
            if fault.row not in absent
        ]
        at = np.flatnonzero(self._code != "")
        classes = self._classes(at)
        for index, kind in zip(at, classes, strict=True):
            records.append(
                self._record(
                    int(self._raw.rows[index]), str(self._column[index]), kind,
                    str(self._code[index]), self._detail.get(int(index), {}),
                )
            )  # fmt: skip
        frame = pd.DataFrame(records, columns=list(REJECT_COLUMNS))
        return frame.astype({"row": "int64"}).sort_values("row", kind="stable", ignore_index=True)

    def _classes(self, at: npt.NDArray[np.int64]) -> list[str]:
        kinds = [self._class.get(int(index), "") for index in at]
        columns = self._column[at]
        for name in pd.unique(columns):
            if name not in self._raw.columns.column_names:
                continue
            where = np.flatnonzero(columns == name)
            cells = self._raw.columns[name].take(pa.array(at[where])).to_pylist()
            for spot, cell in zip(where, cells, strict=True):
                kinds[spot] = kinds[spot] or value_class(cell)
        return kinds

    def _record(
        self, row: int, column: str, kind: str, code: str, detail: Mapping[str, object]
    ) -> tuple[int, str, str, str, str, str]:
        unit = _FEATURE if self._raw.kind in ("geojson", "gpkg") else _ROW
        where = unit.fill(n=row)
        if column:
            place = _COLUMN.fill(c=column)
            where = Text(where.sv + place.sv, where.en + place.en)
        reason = REFUSALS[code].fill(**{**self._common, "column": column, **detail})
        return (
            row, column, kind, code, f"{where.sv}: {reason.sv}", f"{where.en}: {reason.en}"
        )  # fmt: skip
