"""Real broker tables that nobody here made: every row is read or its fault explained."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from data.registers import RegisterResult, read_register
from data.schemas import ESTATES, REGIONS, UNITS
from geo.crs import Datum
from tests.data.workbooks import profile

# file → rows, rows with coordinates, refused rows, mapping
_TABLES = {
    "shanghai/estates_lianjia_bd09.csv": (3000, 2914, 0, "lianjia"),
    "shanghai/estates_souloula_bd09.csv": (5832, 5292, 5, "souloula"),
    "xiamen/estates_lianjia_bd09.csv": (2311, 2260, 0, "lianjia"),
    "xiamen/estates_beike_bd09.csv": (2502, 799, 0, "beike"),
    "beijing_core/estates_lianjia_bd09.csv": (545, 545, 0, "lianjia"),
}


def _read(folder: Path, name: str) -> RegisterResult:
    return read_register(folder / name, profile(), UNITS.empty())


@pytest.mark.parametrize("name", _TABLES)
def test_every_row_is_a_record_or_a_fault(shared_data: Path, name: str) -> None:
    n_rows, n_placed, n_refused, mapping = _TABLES[name]
    result = _read(shared_data, name)
    assert (result.mapping, result.datum, result.units) == (mapping, Datum.BD09, [])
    assert (result.n_rows_read, result.n_rows_refused) == (n_rows, n_refused)
    assert len(result.estates) == n_rows - n_refused == len(result.regions)
    placed = sum("lon_source" in estate for estate in result.estates)
    assert n_placed - n_refused <= placed <= n_placed
    estates = ESTATES.frame(result.estates)
    assert len(REGIONS.frame(result.regions)) == len(estates)
    assert estates["lon_source"].notna().sum() == placed


def test_the_refused_rows_are_truly_wrong(shared_data: Path) -> None:
    result = _read(shared_data, "shanghai/estates_souloula_bd09.csv")
    assert [(f.column, f.value) for f in result.faults] == [
        ("lon_bd09", "21.492499"),
        ("plot_name", "远景佳苑三期"),
        ("plot_name", "绿洲古猗新苑(二期)"),
        ("物业费", "120.00元/平米/月"),
        ("物业费", "1045.00元/平米/月"),
    ]


def test_the_company_column_gives_the_service_form(shared_data: Path) -> None:
    beijing = _read(shared_data, "beijing_core/estates_lianjia_bd09.csv").estates
    forms = Counter(estate.get("service_form") for estate in beijing)
    assert forms == {1: 336, 2: 35, 3: 75, 4: 5, 5: 75, None: 19}
    by_text = {str(estate.get("service_form_text")): estate for estate in beijing}
    assert by_text["街道办事处（委员会）代管物业"]["service_form"] == 2
    assert "company" not in by_text["无物业管理服务"]
    souloula = _read(shared_data, "shanghai/estates_souloula_bd09.csv").estates
    assert Counter(estate.get("service_form_text") for estate in souloula)["业主自管"] == 216


def test_values_are_read_with_their_units(shared_data: Path) -> None:
    first = _read(shared_data, "shanghai/estates_lianjia_bd09.csv").estates[0]
    assert (first["households"], first["year_built"], first["fee_yuan_m2"]) == (11927, 2000, 1.5)
    extra = first["extra"]
    assert isinstance(extra, dict)
    assert (extra["物业费用（下限）"], extra["物业费用（上限）"], extra["楼栋总数"]) == (1.5, 2.51, "99栋")
    assert (first["lon_source"], first["lat_source"], first["datum"]) == (121.452047, 31.259769, "bd09")
