"""The store: one database, one unit of work through which all reads and changes go, one audit log."""

from data.store.actor import Actor, Role
from data.store.papers import Document, DocumentHead, Load
from data.store.records import Change
from data.store.store import DEFAULT_URL, Store, open_store
from data.store.unit_of_work import UnitOfWork

__all__ = [
    "DEFAULT_URL",
    "Actor",
    "Change",
    "Document",
    "DocumentHead",
    "Load",
    "Role",
    "Store",
    "UnitOfWork",
    "open_store",
]
