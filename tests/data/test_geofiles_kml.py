"""KML and KMZ: folders, attributes, shapes; and files that mean harm."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely

from data.geofiles import boundary_shapes, read_layers, recognise
from data.geofiles.kml import kml_layers
from geo.crs import Datum
from geo.errors import InputError

RING = "112.1,30.1,0 112.11,30.1,0 112.11,30.11,0 112.1,30.11,0 112.1,30.1,0"
HOLE = "112.104,30.104 112.106,30.104 112.106,30.106 112.104,30.106 112.104,30.104"
POLYGON = (
    f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{RING}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>成果</name>'
TAIL = "</Document></kml>"


def _mark(name: str, geometry: str = POLYGON, more: str = "") -> str:
    return f"<Placemark><name>{name}</name>{more}{geometry}</Placemark>"


def _kml(path: Path, body: str, head: str = HEAD, tail: str = TAIL, encoding: str = "utf-8") -> Path:
    path.write_bytes((head + body + tail).encode(encoding))
    return path


def test_folders_are_layers_and_streets(tmp_path: Path) -> None:
    body = (
        f"<Folder><name>东市街道</name>{_mark('甲小区')}{_mark('乙小区')}</Folder>"
        f"<Folder><name>其他</name><Folder><name>西市镇</name>{_mark('丙小区')}</Folder></Folder>{_mark('丁小区')}"
    )
    layers = read_layers(_kml(tmp_path / "成果.kml", body))
    assert [(layer.name, layer.frame["name"].tolist()) for layer in layers] == [
        ("东市街道", ["甲小区", "乙小区"]), ("其他/西市镇", ["丙小区"]), ("成果", ["丁小区"]),
    ]  # fmt: skip
    assert layers[0].frame["所属街道"].tolist() == ["东市街道"] * 2
    assert layers[1].frame["所属街道"].tolist() == ["西市镇"]
    assert "所属街道" not in layers[2].frame
    assert layers[0].datum is Datum.WGS84 and layers[2].sheet is None
    assert [layer.frame.index.tolist() for layer in layers] == [[1, 2], [3], [4]]


def test_attributes_come_from_extended_data_and_from_tables_in_descriptions(tmp_path: Path) -> None:
    extended = (
        '<ExtendedData><Data name="小区名称"><value>甲小区</value></Data><SchemaData schemaUrl="#s">'
        '<SimpleData name="户数">120</SimpleData></SchemaData></ExtendedData>'
    )
    rows = "<tr><td>小区名称</td><td>乙&amp;小区</td></tr><tr><td>户数：</td><td>80</td></tr>"
    table = f"<description><![CDATA[<table>{rows}</table>]]></description>"
    (layer,) = read_layers(_kml(tmp_path / "a.kml", _mark("1", more=extended) + _mark("2", more=table)))
    assert layer.frame["小区名称"].tolist() == ["甲小区", "乙&小区"]
    assert layer.frame["户数"].tolist() == ["120", "80"]
    assert [row.estate for row in boundary_shapes(layer).rows] == ["甲小区", "乙&小区"]


def test_holes_parts_and_lines_that_close(tmp_path: Path) -> None:
    holed = POLYGON.replace(
        "</Polygon>",
        f"<innerBoundaryIs><LinearRing><coordinates>{HOLE}</coordinates></LinearRing></innerBoundaryIs></Polygon>",
    )
    inner = f"<MultiGeometry>{POLYGON.replace('112.1', '112.3')}</MultiGeometry>"
    pin = "<Point><coordinates>112.1,30.1</coordinates></Point>"
    parts = f"<MultiGeometry>{POLYGON}{inner}{pin}</MultiGeometry>"
    closed = f"<LineString><coordinates>{RING}</coordinates></LineString>"
    open_line = "<LineString><coordinates>112.1,30.1 112.2,30.2 112.3,30.1</coordinates></LineString>"
    body = _mark("有洞", holed) + _mark("两块", parts) + _mark("闭合线", closed) + _mark("路", open_line)
    areas, lines = read_layers(_kml(tmp_path / "a.kml", body))
    assert (areas.shapes, lines.shapes) == ("polygon", "line")
    assert areas.frame["name"].tolist() == ["有洞", "两块", "闭合线"] and lines.frame["name"].tolist() == ["路"]
    assert areas.frame.index.tolist() == [1, 2, 3] and lines.frame.index.tolist() == [4]
    assert areas.n_read + lines.n_read == 4
    assert [len(p.interiors) for p in areas.frame.geometry if p.geom_type == "Polygon"] == [1, 0]
    assert shapely.get_num_geometries(areas.frame.geometry.iloc[1]) == 2
    assert any("1 条首尾相接的线按面读取" in note for note in areas.notes)


@pytest.mark.parametrize("name", ["未命名多边形", "Untitled Polygon", "", "多边形 12", "面1"])
def test_placeholder_names_are_none(tmp_path: Path, name: str) -> None:
    (layer,) = read_layers(_kml(tmp_path / "a.kml", _mark(name)))
    assert layer.frame["name"].tolist() == [None]
    assert layer.nameless and recognise(layer).kind == "boundaries"
    assert [row.estate for row in boundary_shapes(layer).rows] == [""]


def test_swapped_axes_are_put_right_aloud(tmp_path: Path) -> None:
    swapped = " ".join(",".join(word.split(",")[1::-1]) for word in RING.split())
    (layer,) = read_layers(_kml(tmp_path / "a.kml", _mark("甲", POLYGON.replace(RING, swapped))))
    assert layer.frame.geometry.iloc[0].bounds == pytest.approx((112.1, 30.1, 112.11, 30.11))
    assert any("写反" in text and "对调" in text for text in layer.warnings)


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gb18030", "gbk"), ("gb18030", "UTF-8"), ("utf-16", "UTF-16"), ("utf-8-sig", "utf-8")]
)
def test_texts_in_other_encodings(tmp_path: Path, encoding: str, declared: str) -> None:
    head = HEAD.replace("UTF-8", declared)
    (layer,) = read_layers(_kml(tmp_path / "a.kml", _mark("阳光花园"), head, encoding=encoding))
    assert layer.frame["name"].tolist() == ["阳光花园"]


def test_kmz_is_unpacked_and_its_pictures_are_left_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", HEAD + _mark("甲小区") + TAIL)
        archive.writestr("files/icon.png", b"\x89PNG")
    (layer,) = read_layers(tmp_path / "a.kmz")
    assert layer.frame["name"].tolist() == ["甲小区"]


ENTITY = '<?xml version="1.0"?><!DOCTYPE kml [{}]><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
LAUGHS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(12))


@pytest.mark.parametrize(
    "entities",
    ['<!ENTITY x SYSTEM "file:///etc/passwd">', LAUGHS, '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;', ""],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, entities: str) -> None:
    body = _mark("&x;" if "x " in entities else "&a11;" if "a11" in entities else "甲")
    path = _kml(tmp_path / "a.kml", body, ENTITY.format(entities))
    with pytest.raises(InputError, match="实体") as error:
        read_layers(path)
    assert "root:" not in str(error.value)


def test_network_links_are_counted_and_never_followed(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/more.kml</href></Link></NetworkLink>"
    (layer,) = read_layers(_kml(tmp_path / "a.kml", link * 3 + _mark("甲")))
    assert any("NetworkLink 3 个" in note for note in layer.notes)


def test_a_kmz_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b" " * 300_000_000)
    with pytest.raises(InputError, match="炸弹"):
        read_layers(tmp_path / "a.kmz")


def test_a_kmz_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b" " * 100_000_000)
    data = bytearray(path.read_bytes())
    size = (100_000_000).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_layers(path)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (_mark("少点", POLYGON.replace(RING, "112.1,30.1 112.2,30.2")), "环只有 2 个点"),
        (_mark("乱字", POLYGON.replace(RING, "a,b c,d e,f")), "坐标文字"),
        (_mark("无外环", "<Polygon/>"), "没有外环"),
    ],
)
def test_a_broken_placemark_is_one_fault_and_the_others_stay(tmp_path: Path, body: str, problem: str) -> None:
    (layer,) = read_layers(_kml(tmp_path / "a.kml", _mark("好") + body))
    assert layer.frame["name"].tolist() == ["好"] and layer.n_read == 2
    (fault,) = layer.faults
    assert fault.row == 2 and problem in fault.problem and fault.value


def test_a_deep_pile_of_folders_is_refused(tmp_path: Path) -> None:
    body = "<Folder>" * 5000 + _mark("甲") + "</Folder>" * 5000
    with pytest.raises(InputError):
        read_layers(_kml(tmp_path / "a.kml", body))


def test_control_characters_do_not_survive_in_names(tmp_path: Path) -> None:
    (layer,) = read_layers(_kml(tmp_path / "a.kml", _mark("甲&#x200B;小&#9;&#10;区&#x202E;")))
    assert layer.frame["name"].tolist() == ["甲小 区"]


def test_a_file_without_placemarks_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="地标"):
        kml_layers(_kml(tmp_path / "a.kml", ""), "a.kml")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_cut_file_is_refused(tmp_path: Path, share: float) -> None:
    whole = (HEAD + _mark("甲") * 20 + TAIL).encode()
    (tmp_path / "a.kml").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError):
        read_layers(tmp_path / "a.kml")
