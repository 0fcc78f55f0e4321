"""What was made lately, kept up to a number of bytes, and made once though many ask at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """Things by key, the longest unused given up first.

    Parameters
    ----------
    most_bytes
        How much all of them may take together. A single thing that takes more is not kept.
    size
        Returns how many bytes a thing takes.
    """

    def __init__(self, most_bytes: int, size: Callable[[Made], int]) -> None:
        self._most = most_bytes
        self._size = size
        self._things: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._things)

    @property
    def nbytes(self) -> int:
        """How much is held.

        Returns
        -------
        int
            Bytes, never more than the most.
        """
        return self._held

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the thing of a key, made now if it is not there.

        Parameters
        ----------
        key
            Whatever the thing depends on.
        make
            Makes it. While it runs, others who ask for the same key wait for its result; what it
            raises is raised to the one who ran it, and the next one tries again.

        Returns
        -------
        object
            The thing.
        """
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key][0]
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._things:
                    self._things.move_to_end(key)
                    return self._things[key][0]
            try:
                made = make()
                self._keep(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made

    def _keep(self, key: Hashable, made: Made) -> None:
        taken = self._size(made)
        if taken > self._most:
            return
        with self._lock:
            former = self._things.pop(key, None)
            self._held += taken - (0 if former is None else former[1])
            self._things[key] = (made, taken)
            while self._held > self._most:
                _, (_, freed) = self._things.popitem(last=False)
                self._held -= freed
