"""Candidates for boundaries (边界候选) in the store: each run replaces those of the estates it looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
import shapely

from data.boundaries.journal import plain_rows
from data.registers.text import key_id
from data.schemas import BOUNDARY_PROPOSALS
from data.store import Change, UnitOfWork


def put_proposals(
    work: UnitOfWork,
    rows: pd.DataFrame | Sequence[Mapping[str, Any]],
    estate_ids: Collection[str] | None = None,
) -> Change:
    """Put the candidates of some estates in place of their old ones; those of other estates stay.

    Ids are made here from what a candidate says, so that one who decides on an old candidate never takes a new one
    unawares. The same candidates again change nothing.

    Parameters
    ----------
    rows
        ``BOUNDARY_PROPOSALS`` frame or rows for one; ids that they have are not kept.
    estate_ids
        All estates that were looked at; by default those that have rows. Without rows an estate loses its old ones.

    Raises
    ------
    InputError
        If the actor may not write, or an estate lies outside the actor's area.
    ValueError
        If the rows break the schema, or two candidates of an estate are the same.
    """
    if not isinstance(rows, pd.DataFrame):
        rows = BOUNDARY_PROPOSALS.frame([{"proposal_id": str(i), **dict(row)} for i, row in enumerate(rows)])
    frame = BOUNDARY_PROPOSALS.check(rows)
    cells = plain_rows(frame).values()
    frame = frame.set_axis(pd.Index([_proposal_id(row) for row in cells], dtype="str"), axis=0)
    looked_at = sorted({*frame["estate_id"].astype(str), *(estate_ids or ())})
    stored = work.read(BOUNDARY_PROPOSALS, where={"estate_id": looked_at})
    gone = stored.index.difference(frame.index)
    with work.together():
        n_gone = work.remove(BOUNDARY_PROPOSALS, list(gone), "候选边界已重新计算") if len(gone) else 0
        change = work.put(BOUNDARY_PROPOSALS, frame, replace_nulls=True) if len(frame) else Change()
    return Change(changed=n_gone) + change


def _proposal_id(row: Mapping[str, Any]) -> str:
    shape = row["geometry"]
    outline = "" if shape is None else shapely.to_wkb(shapely.normalize(shapely.force_2d(shape)), hex=True)
    said = (row["estate_id"], row["rank"], row["outcome"], row["confidence"], row["step"], row["model"], row["text"])
    return key_id("P", *(str(part) for part in said), outline)
