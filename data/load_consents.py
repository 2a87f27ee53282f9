"""Owners' answers and companies' grades of a load, joined to what the store holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data.codes import Consent
from data.load_report import Findings
from data.load_units import UnitTree, unit_key
from data.registers.companies import period_key
from data.registers.text import name_key
from data.schemas import COMPANIES, ESTATES
from data.store import Change, UnitOfWork
from geo.errors import Fault

Record = dict[str, Any]


def put_consents(work: UnitOfWork, answers: Sequence[Record], tree: UnitTree, findings: Findings) -> Change:
    """Owners' answers into the estates; rows whose estate cannot be told are refused.

    A new conclusion takes the place of the old one with its rate: a rate that the new answer does not state goes.

    Parameters
    ----------
    answers
        Records of ``RegisterResult.consents``.
    tree
        Units, for the streets' names.
    """
    if not answers:
        return Change()
    estates = work.read(ESTATES)
    index = _Names(estates, tree)
    concluded: dict[str, Record] = {}
    counted: dict[str, Record] = {}
    for answer in answers:
        found = index.find(answer)
        if isinstance(found, Fault):
            findings.refuse([found])
        elif "consent" in answer:
            concluded[found] = {"consent": answer["consent"], "consent_rate": answer.get("consent_rate")}
        else:
            counted[found] = {"consent_rate": answer["consent_rate"]}
    change = Change()
    for rows in (concluded, counted):
        if rows:
            frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(ESTATES.index)
            change += work.put(ESTATES, frame.astype({"consent_rate": float}), replace_nulls=True)
    findings.count("consents", len(concluded) + len(counted))
    if counted:
        findings.note(f"{len(counted)} 个小区只填了户数、没有结论，只更新同意率，业主意愿没有改动")
    return change


def keep_latest(into: dict[str, Record], companies: Sequence[Record]) -> None:
    """Add the companies of one more file; of two grades of a company the later period counts, of equals the later file."""
    for company in companies:
        key = str(company["company_id"])
        if key not in into or period_key(company.get("period")) >= period_key(into[key].get("period")):
            into[key] = company


def put_companies(work: UnitOfWork, companies: Sequence[Record], findings: Findings) -> Change:
    """Companies' grades; one of an earlier period than the stored one changes nothing.

    Raises
    ------
    InputError
        If the actor may not change tables of the whole city.
    """
    if not companies:
        return Change()
    stored = work.read(COMPANIES)["period"]
    newer = []
    for company in companies:
        known = stored.get(company["company_id"])
        old = None if known is None or pd.isna(known) else str(known)
        if period_key(company.get("period")) >= period_key(old):
            newer.append(company)
    if len(newer) < len(companies):
        findings.note(f"{len(companies) - len(newer)} 家企业已有更近周期的等级，没有改动")
    findings.count("companies", len(companies))
    # The whole grade of a period counts: what a newer list leaves open is not known any more.
    return work.put(COMPANIES, COMPANIES.frame(newer), replace_nulls=True) if newer else Change()


def with_consent(records: Mapping[str, Record], stored: pd.DataFrame, findings: Findings) -> list[Record]:
    """Estates of registers with the owners' will: a register that does not know it leaves a stored answer alone."""
    known = stored["consent"].to_dict()
    kept = 0
    found = []
    for estate_id, record in records.items():
        if record.get("consent") in (None, Consent.UNKNOWN.value):
            before = known.get(estate_id, Consent.UNKNOWN.value)
            record = {**record, "consent": before}
            if before != Consent.UNKNOWN.value:
                kept += 1
                record.pop("consent_rate", None)  # the stored one belongs to the stored answer
        found.append(record)
    if kept:
        findings.note(f"{kept} 个小区已有业主意愿的结论，台账未填或写“待征询”，保留原结论")
    return found


class _Names:
    """Estates by code, else by name and street."""

    def __init__(self, estates: pd.DataFrame, tree: UnitTree) -> None:
        self._names = {str(key): str(name) for key, name in estates["name"].items()}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for key, name in self._names.items():
            self._by_name[name_key(name)].append(key)
        streets = estates["street_id"].astype(object).where(estates["street_id"].notna(), None)
        self._streets = {
            str(key): unit_key(str(tree.rows[street]["name"])) if street in tree.rows else ""
            for key, street in streets.items()
        }

    def find(self, answer: Record) -> str | Fault:
        """Id of the answer's estate, or why it cannot be told."""
        code, name = answer["estate_id"], answer["name"]
        if code is not None:
            known = self._names.get(code)
            if known is None:
                return _fault(answer, "小区编号", code, "台账中没有这个小区编号", "请用本系统导出的征询结果表填写")
            if name_key(known) != name_key(name):
                problem = f"小区编号对应的是“{known}”，与名称不符"
                return _fault(answer, "小区名称", name, problem, "请核对是否错行")
            return code
        found = self._by_name.get(name_key(name), [])
        if answer["street"]:
            found = [key for key in found if self._streets[key] == unit_key(answer["street"])]
        if len(found) == 1:
            return found[0]
        if found:
            return _fault(answer, "小区名称", name, f"台账中有 {len(found)} 个同名小区", "请补填街道或小区编号")
        return _fault(answer, "小区名称", name, "台账中没有这个小区", "请核对小区名称和街道，或先导入台账")


def _fault(answer: Record, column: str, value: str, problem: str, remedy: str) -> Fault:
    place = (answer["source_file"], answer["source_sheet"], answer["source_row"])
    return Fault(problem, remedy, *place, column, value)
