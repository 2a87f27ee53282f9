"""The quality report as tables that a person reads, and links from a finding to the pages that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from planning.city import City
from planning.quality import KINDS, Finding, Severity, by_street, counts
from planning.quality.checked import Mark

COLUMNS = ["级别", "类别", "街道", "小区", "问题", "数据", "怎么办", "依据"]
_SEVERITIES = {str(severity): severity.label for severity in Severity}


def findings_table(findings: Sequence[Finding], city: City, marks: Mapping[str, Mark] | None = None) -> pd.DataFrame:
    """One row a finding, index its id, in the order given; with ``marks`` also who found it in order, when and why."""
    names, units = city.estates["name"].to_dict(), city.unit_names
    regions = city.regions["name"].to_dict()
    rows = []
    for finding in findings:
        about = [names.get(key, key) for key in finding.estates] or [regions.get(key, key) for key in finding.regions]
        about = about or [units.get(key, key) for key in finding.units]
        row = {
            "级别": finding.severity.label,
            "类别": KINDS[finding.kind].title,
            "街道": "、".join(units.get(key, key) for key in finding.streets[:4]),
            "小区": "、".join(about[:4]) + (f"等 {len(about)} 个" if len(about) > 4 else ""),
            "问题": finding.text + (f"（{finding.source}）" if finding.source else ""),
            "数据": "；".join(f"{one.name} {one.text}" for one in finding.measures),
            "怎么办": finding.remedy,
            "依据": finding.rule,
        }
        said = (marks or {}).get(finding.id)
        if said is not None:
            row |= {"核对说明": said.note, "核对人": said.person, "核对时间": said.at[:10]}
        rows.append(row)
    columns = [*COLUMNS, "核对说明", "核对人", "核对时间"] if marks is not None else COLUMNS
    return pd.DataFrame(rows, columns=columns, index=pd.Index([f.id for f in findings], dtype=object), dtype=object)


def kinds_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Counts by kind, with its heading and rule; index kind."""
    table = counts(findings)
    about = [KINDS[key] for key in table.index]
    result = pd.DataFrame({"类": [k.group for k in about], "类别": [k.title for k in about]}, index=table.index)
    for name, label in _SEVERITIES.items():
        result[label] = table[name]
    result["合计"] = table["total"]
    result["依据"] = [kind.rule for kind in about]
    return result


def streets_table(findings: Sequence[Finding], city: City) -> pd.DataFrame:
    """Counts by street, most errors first; index street id, "" for findings of no street."""
    table = by_street(findings, city)
    above = city.units["parent_id"]
    county = [city.unit_names.get(above.get(key) or "", "") if key else "" for key in table.index]
    names = [city.unit_names.get(key, key) if key else "未归入街道" for key in table.index]
    result = pd.DataFrame({"县区": county, "街道": names}, index=table.index, dtype=object)
    for name, label in _SEVERITIES.items():
        result[label] = table[name]
    return result.assign(合计=table["total"])


def selection_of(finding: Finding, city: City) -> dict[str, str]:
    """The app's selection that shows a finding: its first estate (of a region: the region's first), else its unit."""
    estates = list(finding.estates)
    if not estates and finding.regions:
        estates = sorted(city.estates.index[city.estates["region_id"].isin(list(finding.regions))])
    if estates and estates[0] in city.estates.index:
        row = city.estates.loc[estates[0]]
        unit = next((row[c] for c in ("street_id", "county_id") if isinstance(row[c], str)), "")
        return {"unit_id": unit, "estate_id": str(estates[0])}
    unit = next((key for key in finding.units if key in city.units.index), "")
    return {"unit_id": unit, "estate_id": ""}


def link(finding: Finding, city: City, page: str = "") -> str:
    """Address of a page (``""``: 总览, ``boundaries``) with this finding selected, relative to the app's root."""
    chosen = selection_of(finding, city)
    given = {"unit": chosen["unit_id"], "estate": chosen["estate_id"]}
    query = urlencode({key: value for key, value in given.items() if value})
    return f"/{page}?{query}" if query else f"/{page}"


def finding_body(finding: Finding, city: City) -> dict[str, Any]:
    """A finding for ``--json``."""
    place = finding.place
    return {
        "id": finding.id,
        "kind": finding.kind,
        "title": KINDS[finding.kind].title,
        "severity": finding.severity.value,
        "text": finding.text,
        "remedy": finding.remedy,
        "rule": finding.rule,
        "estates": list(finding.estates),
        "regions": list(finding.regions),
        "units": list(finding.units),
        "streets": list(finding.streets),
        "measures": [{"name": m.name, "value": m.value, "unit": m.unit} for m in finding.measures],
        "bounds": None if place is None else [place.west, place.south, place.east, place.north],
        "source": finding.source,
        "link": link(finding, city),
        "link_boundaries": link(finding, city, "boundaries"),
    }
