"""The latest answers to costly questions, each worked out once also where several ask together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class Memory(Generic[_Made]):
    """What was made last, by what it was made of.

    Parameters
    ----------
    most
        How many answers are kept; the one asked for longest ago goes first.

    Examples
    --------
    >>> memory = Memory[int](most=2)
    >>> memory.get("a", lambda: 1), memory.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, *, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, _Made] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return an answer, made now where it is not kept.

        Parameters
        ----------
        key
            All that the answer depends on.
        make
            Makes it. Others who ask for it meanwhile wait for this one; it may ask other memories,
            but not this one for the same key.

        Returns
        -------
        object
            The same one for the same key; shared by all who ask, so nobody changes it.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            mine = self._making.setdefault(key, threading.Lock())
        with mine:
            try:
                with self._lock:
                    if key in self._kept:
                        return self._kept[key]
                made = make()
                with self._lock:
                    self._kept[key] = made
                    while len(self._kept) > self.most:
                        self._kept.popitem(last=False)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made
