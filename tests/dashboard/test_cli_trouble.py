"""A terminal, a disk and a user as they really are: bad files, closed pipes, Ctrl-C, a store in use."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_city import City, copy_of, make_city
from openpyxl import Workbook

from data.demo import write

_RING = [[112.1, 30.1], [112.2, 30.2], [112.2, 30.1], [112.1, 30.2], [112.1, 30.1]]
_HEADER = "小区名称,所属街道,物业服务形态,户数,经度,纬度\n"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return make_city(tmp_path_factory.mktemp("cli"))[0]


def _empty_workbook(path: Path) -> None:
    Workbook().save(path)


def _no_header(path: Path) -> None:
    book = Workbook()
    for row in range(9):
        book.active.append([f"a{row}", "b", 3])
    book.save(path)


def _protected(path: Path) -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1")
    path.write_bytes(ole + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512)


def _bomb(path: Path) -> None:
    _no_header(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, content)
                continue
            with archive.open(name, "w") as stream:
                for _ in range(600):
                    stream.write(b" " * 1_000_000)


def _osm(path: Path) -> None:
    nodes = "".join(f'<node id="{i}" lat="30.1{i:02d}" lon="112.1"/>' for i in range(1, 60))
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}<way id="1"><nd ref="1"/><nd re')


def _polygon(ring: list[list[float]]) -> Callable[[Path], None]:
    feature = {
        "type": "Feature",
        "properties": {"小区名称": "没有的小区"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return lambda path: path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")


BAD: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "empty.xlsx": (_empty_workbook, 2, "没有内容"),
    "headless.xlsx": (_no_header, 2, "表头"),
    "secret.xlsx": (_protected, 2, "密码"),
    "text.xlsx": (lambda path: path.write_text("一,二\n", "utf-8"), 2, "不是 Excel"),
    "bomb.xlsx": (_bomb, 2, "压缩炸弹"),
    "nothing.csv": (lambda path: path.write_bytes(b""), 2, "空"),
    "cut.osm": (_osm, 2, "截断"),
    "cut.osm.pbf": (lambda path: None, 2, "截断"),
    "cut.geojson": (lambda path: path.write_text('{"type": "FeatureCollection", "fea'), 2, "截断"),
    "cross_wgs84.geojson": (_polygon(_RING), 1, "自相交"),
    "nan_wgs84.geojson": (_polygon([[float("nan"), 30.1], *_RING[1:-1], [float("nan"), 30.1]]), 1, "图形"),
    "swapped_wgs84.geojson": (_polygon([[y, x] for x, y in _RING]), 1, "没有这个小区"),
    "swapped.csv": (lambda path: path.write_text(_HEADER + "甲,文峰街道,1,9,30.2,112.2\n", "utf-8"), 1, "超出范围"),
    "inf.csv": (lambda path: path.write_text(_HEADER + "甲,文峰街道,1,9,inf,30.2\n", "utf-8"), 1, "经度"),
    "cell.csv": (
        lambda path: path.write_text(_HEADER + "甲" * 10_000_000 + ",文峰街道,1,9,112.2,30.2\n", "utf-8"),
        1,
        "32767",
    ),
}


def _write_bad(city: City, folder: Path, name: str) -> Path:
    path = folder / name
    BAD[name][0](path)
    if name == "cut.osm.pbf":
        whole = (city.input / "roads.osm.pbf").read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    return path


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_alone(city: City, tmp_path: Path, name: str) -> None:
    own = copy_of(city, tmp_path)
    before = own.content()
    answer = own.ask("load", _write_bad(city, tmp_path, name), "--datum", "wgs84")
    assert answer.code == BAD[name][1]
    assert any(BAD[name][2] in f"{fault['column']}{fault['problem']}" for fault in answer.body["faults"])
    assert all(fault["remedy"] and fault["file"] == name for fault in answer.body["faults"])
    assert len(answer.said) < 2000
    if answer.code == 2:
        assert own.content() == before


def test_bad_files_do_not_keep_good_ones_out(city: City, tmp_path: Path) -> None:
    own = City(tmp_path)
    shutil.copytree(city.input, own.input)
    for name in BAD:
        _write_bad(city, own.input, name)
    answer = own.ask("load", own.input, "--city", "demo")
    assert answer.code == 1
    assert answer.body["counts"]["estates"] >= 60
    named = {fault["file"] for fault in answer.body["faults"]}
    assert named >= {name for name in BAD if BAD[name][1] == 2}


def test_a_locked_store_is_read_but_not_changed(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = copy_of(city, tmp_path)
    monkeypatch.setattr("data.store.engine.BUSY_S", 0.2)
    other = sqlite3.connect(own.store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert own.ask("coverage").code == 0
        answer = own.ask("load", own.input / "teams.xlsx")
    finally:
        other.close()
    assert answer.code == 2
    assert "占用" in answer.body["error"]


def test_a_store_opened_read_only_is_not_written(city: City, tmp_path: Path) -> None:
    own = copy_of(city, tmp_path)
    before = own.content()
    (own.input / "teams.xlsx").unlink()
    url = f"sqlite:///file:{own.store}?mode=ro&uri=true"
    answer = own.ask("bundle", "--seconds", "0", "--store", url)
    assert answer.code == 2
    assert "只读" in answer.body["error"]
    assert own.content() == before


def test_a_full_disk_leaves_no_half_of_a_demo_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object) -> dict[str, int]:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write, "write_cases", full)
    answer = City(tmp_path).ask("demo", tmp_path / "d", "--estates", "20")
    assert answer.code == 2
    assert [path for path in (tmp_path / "d").rglob("*") if path.is_file()] == []


def _start(city: City, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dashboard.cli", *arguments]
    environment = {**os.environ, "WUYETU_STORE": f"sqlite:///{city.store}", **dict(options.pop("env", {}))}  # type: ignore[call-overload]
    options["preexec_fn"] = _heed_ctrl_c
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, **options)  # type: ignore[call-overload]


def _heed_ctrl_c() -> None:
    """Tests started in a shell's background would hand down that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_while_libraries_are_read_is_one_sentence(city: City) -> None:
    process = _start(city, "coverage", "--json", stdout=subprocess.PIPE)
    time.sleep(0.6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert json.loads(out)["exit"] == 2
    assert err.decode().strip() == json.loads(out)["error"]


def test_a_reader_that_goes_away_is_no_fault(city: City) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = _start(city, "coverage", "--json", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"Traceback" not in err and b"Exception" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_said(city: City) -> None:
    with Path("/dev/full").open("wb") as full:
        process = _start(city, "coverage", "--json", stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "标准输出" in err.decode()
    assert b"Traceback" not in err and b"Exception" not in err


def test_an_output_without_chinese_gets_escaped_json(city: City) -> None:
    process = _start(
        city, "coverage", "--unit", "没有", "--json", stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii"}
    )
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out.isascii()
    assert "没有编号" in json.loads(out)["error"]
    assert b"Traceback" not in err
