"""Former and other names of roads and places (地名对照): from any source into the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from data.registers.place_pairs import (
    PlaceKind,
    PlacePair,
    ambiguity_note,
    ambiguous_aliases,
    pair_problem,
    place_name_records,
)
from data.schemas import PLACE_NAMES
from data.store import Change, UnitOfWork

__all__ = [
    "PlaceKind",
    "PlacePair",
    "ambiguity_note",
    "ambiguous_aliases",
    "pair_problem",
    "place_name_records",
    "put_place_names",
]


def put_place_names(work: UnitOfWork, records: Sequence[Mapping[str, Any]], files: Collection[str]) -> Change:
    """Put pairs into the store; pairs that earlier versions of these files had and the new ones have not go.

    Without that a wrong pair would stay for ever, however often its table is mended.

    Parameters
    ----------
    records
        From `place_name_records`.
    files
        All files with place names that were read, also those that gave no pair.

    Raises
    ------
    InputError
        If the actor may not change tables of the whole city.
    """
    if not records and not files:
        return Change()
    frame = PLACE_NAMES.frame([dict(record) for record in records])
    of_files = work.read(PLACE_NAMES, where={"source_file": files})
    gone = of_files.index.difference(frame.index)
    n_gone = work.remove(PLACE_NAMES, list(gone), "新导入的同名文件中已没有这一条") if len(gone) else 0
    # A pair that two files have keeps the one that said it first, so that loading them in turn changes nothing.
    stored = work.read(PLACE_NAMES, where={"alias_id": list(frame.index)})
    known = frame.index.isin(stored.index[stored["kind"] == frame["kind"].reindex(stored.index)])
    change = work.put(PLACE_NAMES, frame[~known]) if not known.all() else Change()
    return Change(changed=n_gone, unchanged=int(known.sum())) + change
