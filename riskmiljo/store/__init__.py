"""The only SQL: incidents, zones, names, presence, streets and the audit, in one SQLite file."""

from riskmiljo.store.area import Area
from riskmiljo.store.batches import BatchResult
from riskmiljo.store.store import Store, open_store
from riskmiljo.store.streets import GROUND_KINDS

__all__ = ["GROUND_KINDS", "Area", "BatchResult", "Store", "open_store"]
