"""The only SQL: incidents, zones, names, presence, streets and the audit, in one SQLite file."""

from riskmiljo.store.area import Area
from riskmiljo.store.batches import BatchResult
from riskmiljo.store.store import Store, open_store

__all__ = ["Area", "BatchResult", "Store", "open_store"]
