"""Counts of the joint picture: told as a band wherever a number would stand."""

from __future__ import annotations

from typing import Self

from riskmiljo.wording import Text


class Banded(int):
    """The lower end of a band, which is written as the band.

    Its value is the lower end, so that tables can be sorted and charts drawn by it.

    Attributes
    ----------
    band
        The band in words, ``50–99``.
    """

    band: Text

    @classmethod
    def of(cls, low: int, band: Text) -> Self:
        """Return a banded count.

        Parameters
        ----------
        low
            The lower end.
        band
            The band in words.

        Returns
        -------
        Banded
            To be written with the filter ``number``.
        """
        made = cls(low)
        made.band = band
        return made
