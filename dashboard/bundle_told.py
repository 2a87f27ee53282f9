"""Changes, wishes, links and explanations as the bundles' page is told them: plain JSON by rows of the page's ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard import bundle_words as words
from dashboard.bundle_hands import names
from dashboard.bundle_scene import Stage, bundle_details, fallback_details, scene
from planning import bundle_versions as versions
from planning.bundles.prepare import Prepared
from planning.bundles.revision.difference import Difference
from planning.bundles.revision.revise import Revision
from planning.bundles.settings import Way
from planning.bundles.types import Bundle, BundlePlan
from planning.bundles.wishes.by_hand import broken_rules


def links_json(prepared: Prepared, stage: Stage) -> dict[str, list[int]]:
    """Allowed pairs by the rows of the page's ground."""
    ids, i, j, _ = prepared.links()
    rows = [stage.row.get(one, -1) for one in ids]
    pairs = [(rows[a], rows[b]) for a, b in zip(map(int, i), map(int, j), strict=True)]
    kept = [(a, b) for a, b in pairs if a >= 0 and b >= 0]
    return {"i": [a for a, _ in kept], "j": [b for _, b in kept]}


def preview_json(
    number: int, title: str, before: BundlePlan, revision: Revision, stage: Stage, asked: str = ""
) -> dict[str, Any]:
    """A change as the browser lays it over the stored proposal: only the bundles that differ.

    Parameters
    ----------
    asked
        The wish whose release was asked for; others that fall are told.
    """
    after, difference = revision.plan, revision.difference
    labels, way = words.labels_of(before) | words.labels_of(after), after.settings.way
    whole = scene(after, stage)
    fresh = {one.bundle_id for one in difference.after}
    return {
        "number": number,
        "title": title,
        "before": figures(before),
        "after": figures(after),
        "margin": _margins(difference),
        "totals": whole["totals"],
        "units": whole["units"],
        "bundles": [one for one in whole["bundles"] if one["id"] in fresh],
        "removed": [one.bundle_id for one in difference.before if one.bundle_id not in fresh],
        "alone": whole["alone"],
        "fallback": whole["fallback"],
        "changes": [
            [stage.row[one.estate_id], _where(one.before, labels, way), _where(one.after, labels, way)]
            for one in difference.changed
            if one.estate_id in stage.row
        ],
        "broken": [f"{labels.get(one.subject, '')}：{one.message}".removeprefix("：") for one in revision.broken],
        "released": _released(before, revision, asked, stage),
    }


def figures(plan: BundlePlan) -> dict[str, Any]:
    """The figures that a difference is told in."""
    return {
        "households": plan.households_covered,
        "metres": round(sum(sum(one.distances_m) for one in plan.bundles)),
        "bundles": len(plan.bundles),
    }


def wishes_json(plan: BundlePlan, stage: Stage) -> list[dict[str, Any]]:
    """The wishes in force."""
    return [
        {
            "id": wish.wish_id,
            "words": words.WISHES[wish.kind],
            "rows": stage.rows(wish.estates),
            "reason": wish.reason,
            "person": wish.person,
        }
        for wish in plan.wishes
    ]


def notes(
    plan: BundlePlan, stage: Stage, keys: Sequence[tuple[str, str]], mark: str, prepared: Prepared | None = None
) -> dict[str, Any]:
    """Explanations of those of the wanted bundles (``b``, id) and leftovers (``e``, id) that exist, by their key.

    Which rules a bundle made by hand breaks is told once its pairs are known (`prepared`).
    """
    bundles = {one.bundle_id: one for one in plan.bundles}
    left = {one.estate_id: one for one in plan.fallback}
    found: dict[str, Any] = {}
    for kind, name in keys:
        if kind == "b" and name in bundles:
            found[f"{mark}/b:{name}"] = {
                **bundle_details(bundles[name], stage),
                "broken": _broken(bundles[name], plan, prepared),
            }
        elif kind == "e" and name in left:
            found[f"{mark}/e:{name}"] = fallback_details(left[name], stage)
    return found


def _broken(bundle: Bundle, plan: BundlePlan, prepared: Prepared | None) -> list[str]:
    """Rules that a bundle made by hand breaks, with or without a reason."""
    if prepared is None or not bundle.by_hand:
        return []
    return list(dict.fromkeys(one.message for one in broken_rules(prepared, bundle, plan.bundles)))


def _released(before: BundlePlan, revision: Revision, asked: str, stage: Stage) -> list[str]:
    """Wishes that fall though nobody asked for it; a fixed bundle that another takes the place of does not fall."""
    kept = {wish.wish_id for wish in revision.plan.wishes}
    fixed = {one for wish in revision.plan.wishes if wish.kind == "fix" for one in wish.estates}
    gone = [wish for wish in before.wishes if wish.wish_id not in kept and wish.wish_id != asked]
    return [
        f"{words.WISHES[wish.kind]}（{names(wish.estates, stage)}）"
        for wish in gone
        if wish.kind != "fix" or not fixed.intersection(wish.estates)
    ]


def step_words(step: versions.Step | None, stage: Stage) -> str:
    """A decision in words; empty where there is none."""
    if step is None:
        return ""
    word = words.STEPS.get(step.kind, step.kind)
    return f"{word}（{names(step.estates, stage, most=3)}）" if step.estates else word


def _margins(difference: Difference) -> list[int] | None:
    """Yuan a year of the bundles that differ, before and after; ``None`` where none does or one cannot be reckoned."""
    if not (difference.before or difference.after):
        return None
    sums = []
    for bundles in (difference.before, difference.after):
        money = [one.money for one in bundles]
        if any(one is None for one in money):
            return None
        sums.append(sum(one.margin for one in money if one is not None))
    return sums


def _where(end: str, labels: Mapping[str, str], way: Way) -> str:
    return labels.get(end) or words.place_words(end, way)
