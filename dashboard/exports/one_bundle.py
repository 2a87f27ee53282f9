"""All papers of one bundle in one archive, for the button on the bundles' page."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

from dashboard.bundle_words import labels_of
from dashboard.exports.bundle_papers import BundlePapers, require_estates
from dashboard.exports.files import file_name
from dashboard.exports.lots import WAY_WORDS
from dashboard.words import date_text
from data.profile import Profile
from data.store import Actor, Store
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.runs import Stored


def one_bundle(
    store: Store,
    actor: Actor,
    profile: Profile,
    city: City,
    stops: pd.DataFrame,
    saved: Stored[BundlePlan],
    bundle_id: str,
) -> tuple[str, bytes]:
    """Dossier (.docx, .xlsx), a consultation sheet for each estate, the workbook for the results; as one .zip.

    What was made goes to the audit log before it is handed out.

    Parameters
    ----------
    stops
        Table of `planning.runs.stops_of`.
    saved
        The plan that is shown; ``bundle_id`` is one of its bundles.

    Returns
    -------
    tuple
        Name and content of the archive.

    Raises
    ------
    InputError
        If the plan has no such bundle, or names estates that are gone since.
    """
    way = saved.value.settings.way
    require_estates({way: saved}, city)
    held = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="wuyetu-") as folder:
        papers = BundlePapers(store, actor, profile, city, {way: saved}, lambda: stops, Path(folder))
        files = list(papers.of_bundle(way, bundle_id))
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        with store.begin(actor) as uow:
            uow.note_export([file.name for file in files])
    bundle = next(one for one in saved.value.bundles if one.bundle_id == bundle_id)
    unit = f"{city.unit_names.get(bundle.unit_id or '', '')}{labels_of(saved.value)[bundle_id]}"
    day = date_text(saved.created_at.astimezone().date())
    return file_name(unit, WAY_WORDS[way].dossier, day, ".zip"), held.getvalue()
