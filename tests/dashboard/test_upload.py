"""The upload form: what it accepts is what a load takes; its choices reach the load; text is shown before it is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from streamlit.testing.v1 import AppTest

from dashboard.upload import checks_table, control_table, preview_table
from data.geofiles.encoding import preview
from data.load_files import SUFFIXES, UPLOADS, collect
from data.load_report import Findings
from data.schemas import BOUNDARIES
from data.store import open_store
from tests.conftest import ROOT
from tests.dashboard.boundary_cases import clear_caches
from tests.data.load_inputs import ACTOR, estates, write_boundaries, write_register, write_units


@pytest.fixture
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("WUYETU_STORE", url)
    clear_caches()
    yield url
    clear_caches()


def _files(folder: Path) -> list[tuple[str, bytes, str]]:
    return [(path.name, path.read_bytes(), "application/octet-stream") for path in sorted(folder.iterdir())]


def _open() -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120)
    app.switch_page("views/ledger.py").run()
    assert not app.exception
    return app


def test_the_form_accepts_what_a_load_takes(tmp_path: Path) -> None:
    """Each ending that is told to people is accepted, each accepted one is read, is a part, or has its own remedy."""
    assert {suffix.rpartition(".")[2] for suffix in SUFFIXES} <= set(UPLOADS)
    assert {"kml", "kmz", "dxf", "zip", "tab", "mif", "gpkg", "cpg", "dat", "dwg"} <= set(UPLOADS)
    for ending in UPLOADS:
        folder = tmp_path / ending
        folder.mkdir()
        (folder / f"a.{ending}").write_bytes(b'{"type":"FeatureCollection"}')
        findings = Findings()
        try:
            sources = collect([folder], findings, tmp_path)
        except Exception as error:  # noqa: BLE001
            assert "a." in str(error) or "没有可读入的文件" in str(error)
        else:
            assert sources


def test_a_form_in_another_encoding_and_zone_is_loaded(store_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    frame = estates(12)
    write_units(folder)
    write_register(folder, frame)
    source = gpd.read_file(write_boundaries(folder, frame), layer="boundaries")
    (folder / "boundaries.gpkg").unlink()
    plane = Transformer.from_crs(4490, 4546, always_xy=True)
    moved = [shapely.transform(shape, lambda xy: np.column_stack(plane.transform(*xy.T))) for shape in source.geometry]
    gpd.GeoDataFrame(source.drop(columns="geometry"), geometry=moved).to_file(folder / "边界.shp", encoding="GB18030")
    (folder / "边界.cpg").unlink()
    app = _open()
    app.file_uploader(key="upload-files").set_value(_files(folder)).run()
    assert not app.exception
    assert any("边界.dbf" in item.label and "GB18030" in item.label for item in app.expander)
    next(box for box in app.selectbox if box.label == "城市规则").set_value("demo")
    next(box for box in app.selectbox if box.label == "属性表文字编码").set_value("GB18030")
    next(box for box in app.text_input if "中央经线" in box.label).set_value("111")
    next(button for button in app.button if button.label == "导入").click().run()
    assert not app.exception and [error.value for error in app.error] == []
    assert any("退回 0 行" in item.value for item in app.success)
    with open_store(store_url) as store, store.begin(ACTOR) as work:
        assert len(work.read(BOUNDARIES)) == 12


def test_tables_of_the_form_read_like_the_report() -> None:
    hits = {"wgs84": 3, "gcj02": 40, "bd09": 1}
    check = {"place": "a.kml", "check": "落入街道", "datum": "wgs84", "of": 46, "hits": hits, "likely": "gcj02"}
    row = checks_table([check]).iloc[0]
    assert (row["GCJ-02"], row["核对数"], row["结论"]) == (40, 46, "可能是 GCJ-02")
    points = control_table([{"point": "G1", "residual_m": 0.012, "suspect": True}])
    assert points.iloc[0].tolist() == ["G1", 0.012, "可疑，请核对"]


def test_previews_show_each_encoding_with_columns_of_one_name(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"小区名称": ["阳光花园"]}, geometry=[shapely.box(112, 30, 112.1, 30.1)], crs=4490)
    frame.to_file(tmp_path / "a.shp", encoding="GB18030")
    shown = preview(tmp_path / "a.dbf")
    assert shown[0].encoding == "GB18030" and shown[0].chosen
    assert preview_table(shown[0]).to_dict("list") == {"小区名称": ["阳光花园"]}
    assert all(preview_table(item).shape == (1, 1) for item in shown)
