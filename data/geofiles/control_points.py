"""Tables of common points (控制点、公共点): old and new coordinates of the same places, and the map fitted to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from data.geofiles.cells import number
from data.geofiles.zones import HOW, Zone, plane_order, prefixed
from data.registers.header import stated_datum
from data.registers.text import Cell, clean, squeezed
from data.registers.workbook import Sheet, read_workbook
from geo.crs import STORAGE_CRS, Datum, Floats, from_metric, metric_crs, position_kinds, to_metric, to_storage
from geo.errors import Fault, InputError
from geo.point_fit import LIMIT_M, FitKind, PointFit, fit_points, residuals_of

_SEARCHED_ROWS: Final = 10
_OLD = re.compile(r"旧|原|老|源|54|80|地方|独立|城建|old|src|from", re.I)
_NEW = re.compile(r"新|2000|cgcs|wgs|gcj|bd09|目标|new|dst|target|4490|4326", re.I)
_AXES: Final = (
    ("lon", re.compile(r"经度|lon|lng", re.I)),
    ("lat", re.compile(r"纬度|lat", re.I)),
    ("x", re.compile(r"[xX]|北坐标|纵坐标|north", re.I)),
    ("y", re.compile(r"[yY]|东坐标|横坐标|east", re.I)),
)
_NAME = re.compile(r"点名|点号|名称|编号|序号|name|id", re.I)
_TITLES: Final = {"x": "X", "y": "Y", "lon": "经度", "lat": "纬度"}


@dataclass(frozen=True, slots=True)
class Control:
    """Common points and the map that they give.

    Attributes
    ----------
    file
        Table that the points come from.
    names
        One a point.
    fit
        From the old plane ``(east, north)`` to ``plane``, metres.
    plane
        Metric CRS of the new side.
    degrees
        Longitude of the old side's own metric plane where its coordinates are degrees; ``None`` for plane ones.
    notes
        How the table was read.
    """

    file: str
    names: tuple[str, ...]
    fit: PointFit
    plane: CRS
    degrees: float | None
    notes: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """What is kept with each boundary that the map has carried over."""
        kind = "相似变换（四参数）" if self.fit.kind == "similarity" else "仿射变换（六参数）"
        return (
            f"由旧坐标系按 {self.file} 的 {len(self.names)} 个控制点拟合（fitted，{kind}），"
            f"中误差 {self.fit.rms_m:.2f} 米，最大残差 {self.fit.residuals.max():.2f} 米"
        )

    def table(self) -> list[dict[str, object]]:
        """One row a point: name, residual in metres, whether it looks like a mistake."""
        pairs = zip(self.names, self.fit.residuals, strict=True)
        return [
            {"point": name, "residual_m": round(float(residual), 3), "suspect": row == self.fit.suspect}
            for row, (name, residual) in enumerate(pairs)
        ]

    def carries(self, bounds: Floats) -> bool:
        """Whether shapes with these bounds (rows of ``x0, y0, x1, y1`` as the file has them) lie among the points."""
        return self._order(bounds) != ""

    def to_storage(self, shapes: NDArray[np.object_], bounds: Floats) -> tuple[NDArray[np.object_], bool]:
        """Shapes of the old system in EPSG:4490, and whether their axes were changed over.

        Raises
        ------
        InputError
            If they lie farther from the points than half the points' extent.
        """
        order = self._order(bounds)
        if not order:
            raise InputError(
                f"图形超出控制点（{self.file}）范围太远，或与其旧坐标不是同一坐标系，不能推算",
                "请补充分布在该文件范围四周的控制点，或核对旧坐标",
            )

        def moved(xy: Floats) -> Floats:
            old = self._old_plane(xy if order == "en" else xy[:, ::-1])
            new = self.fit.apply(old)
            return np.column_stack(from_metric(new[:, 0], new[:, 1], self.plane))

        return shapely.transform(shapely.force_2d(shapes), moved), order == "ne"

    def _order(self, bounds: Floats) -> str:
        known = bounds[np.isfinite(bounds).all(axis=1)]
        if not len(known):
            return "en"
        corners = np.vstack([known[:, :2], known[:, 2:]])
        for order, xy in (("en", corners), ("ne", corners[:, ::-1])):
            if bool(self.fit.reaches(self._old_plane(xy)).all()):
                return order
        return ""

    def _old_plane(self, xy: Floats) -> Floats:
        return xy if self.degrees is None else _degrees_to_plane(xy, self.degrees)


def read_control(path: Path, kind: FitKind = "similarity", zone: Zone | None = None) -> Control:
    """Common points of a table (.xlsx, .xls, .csv) and the fitted map.

    Each row is a point with its old pair (X, Y in metres, or 经度, 纬度) and its new pair (经度, 纬度, or X, Y of CGCS2000
    with a zone number in front of Y or with ``zone``). X is the northing, Y the easting, as surveyors write them; where
    only the other order fits, that one is taken and said.

    Raises
    ------
    InputError
        If the table cannot be read, or `geo.point_fit.fit_points` refuses the points (the residuals are in the message).
    """
    book = read_workbook(path)
    for sheet in book.sheets:
        found = _header(sheet)
        if found is not None:
            return _control(path.name, sheet, *found, kind, zone)
    raise InputError(
        "没有找到控制点表的列名",
        "请在前 10 行写明列名，例如 点名、旧X、旧Y、经度、纬度（或 新X、新Y）",
        file=path.name,
    )


def _header(sheet: Sheet) -> tuple[int, dict[tuple[str, str], int], int | None, Datum] | None:
    """Row of the header, columns by (side, axis), the column of names, the datum of new degrees."""
    for last in range(min(_SEARCHED_ROWS, len(sheet.rows))):
        for depth in (2, 1):
            if depth > last + 1:
                continue
            titles = _titles(sheet.rows[last - depth + 1 : last + 1])
            places = _places(titles)
            if places is not None:
                name = next((i for i, t in enumerate(titles) if i not in places.values() and _NAME.search(t)), None)
                return last, places, name, stated_datum("，".join(titles)) or Datum.CGCS2000
    return None


def _titles(rows: Sequence[Sequence[Cell]]) -> list[str]:
    width = max(len(row) for row in rows)
    texts = [[squeezed(clean(row[i])) if i < len(row) else "" for i in range(width)] for row in rows]
    if len(texts) > 1:  # a title over two columns stands in its first
        for i in range(1, width):
            texts[0][i] = texts[0][i] or texts[0][i - 1]
    return ["".join(column) for column in zip(*texts, strict=True)]


def _places(titles: Sequence[str]) -> dict[tuple[str, str], int] | None:
    axes = [next((axis for axis, pattern in _AXES if pattern.search(_without_side(t))), None) for t in titles]
    sides = ["old" if _OLD.search(t) else "new" if _NEW.search(t) else "" for t in titles]
    places: dict[tuple[str, str], int] = {}
    for wanted in (True, False):  # stated sides first
        for i, (axis, side) in enumerate(zip(axes, sides, strict=True)):
            if axis is None or bool(side) != wanted:
                continue
            for choice in [side] if side else (["new", "old"] if axis in ("lon", "lat") else ["old", "new"]):
                if (choice, axis) not in places:
                    places[choice, axis] = i
                    break
    old = [pair for pair in (("x", "y"), ("lon", "lat")) if all(("old", a) in places for a in pair)]
    new = [pair for pair in (("lon", "lat"), ("x", "y")) if all(("new", a) in places for a in pair)]
    if not old or not new:
        return None
    kept = {("old", a): places["old", a] for a in old[0]} | {("new", a): places["new", a] for a in new[0]}
    return kept if len(set(kept.values())) == 4 else None


def _without_side(title: str) -> str:
    """The title without words whose letters could be taken for an axis (原坐标系, xian80, target …)."""
    return re.sub(r"xi'?an|cgcs|target|north(?=.*x)|east(?=.*y)|点.|编号|序号", "", title, flags=re.I)


def _control(
    file: str,
    sheet: Sheet,
    header: int,
    places: Mapping[tuple[str, str], int],
    name_column: int | None,
    datum: Datum,
    kind: FitKind,
    zone: Zone | None,
) -> Control:
    names: list[str] = []
    rows: list[dict[tuple[str, str], float]] = []
    faults: list[Fault] = []
    for at in range(header + 1, len(sheet.rows)):
        cells = sheet.rows[at]
        texts = {key: clean(cells[i]) if i < len(cells) else "" for key, i in places.items()}
        if not any(texts.values()):
            continue
        values = {key: number(text, degrees=key[1] in ("lon", "lat")) for key, text in texts.items()}
        bad = [key for key, value in values.items() if value is None]
        faults.extend(
            Fault("不是数字", "请填写十进制数，经纬度也可写成度分秒", file, sheet.name, sheet.row_number(at),
                  f"{'旧' if key[0] == 'old' else '新'}{_TITLES[key[1]]}", texts[key])
            for key in bad
        )  # fmt: skip
        rows.append({key: value for key, value in values.items() if value is not None})
        name = clean(cells[name_column]) if name_column is not None and name_column < len(cells) else ""
        names.append(name or f"第 {sheet.row_number(at)} 行")
    if faults:
        raise InputError(faults)
    degrees_old = ("old", "lon") in places
    pair = ("lon", "lat") if degrees_old else ("x", "y")
    old = np.array([[row["old", a] for a in pair] for row in rows]).reshape(len(rows), 2)
    lon, lat, notes = _new_positions(file, rows, places, datum, zone)
    plane = metric_crs(float(np.median(lon))) if len(lon) else metric_crs(105.0)
    new = np.column_stack(to_metric(lon, lat, plane)) if len(lon) else np.zeros((0, 2))
    try:
        if degrees_old:
            middle = float(np.median(old[:, 0])) if len(old) else 105.0
            fit = fit_points(_degrees_to_plane(old, middle), new, kind)
            return Control(file, tuple(names), fit, plane, middle, notes)
        fit, note = _either_order(old, new, kind)
    except InputError as error:
        raise InputError([Fault(f.problem, f.remedy, file, sheet.name) for f in error.faults]) from None
    return Control(file, tuple(names), fit, plane, None, (*notes, *((f"{file}：{note}",) if note else ())))


def _either_order(old: Floats, new: Floats, kind: FitKind) -> tuple[PointFit, str]:
    """The fit with X as northing, or as easting where only that fits: a map of planes cannot turn them over."""
    survey, other = old[:, ::-1], old
    by_survey, by_other = residuals_of(survey, new, kind), residuals_of(other, new, kind)
    if kind == "affine":  # an affine map can turn the plane over: the one that does not is right
        turned = bool(np.linalg.det(by_survey.matrix) < 0)
    else:
        turned = bool(by_survey.residuals.max() > LIMIT_M >= by_other.residuals.max())
    fit = fit_points(other if turned else survey, new, kind)
    return fit, "旧坐标的 X 是东坐标、Y 是北坐标（与测绘习惯相反），已按此读取" if turned else ""


def _new_positions(
    file: str,
    rows: Sequence[Mapping[tuple[str, str], float]],
    places: Mapping[tuple[str, str], int],
    datum: Datum,
    zone: Zone | None,
) -> tuple[Floats, Floats, tuple[str, ...]]:
    if ("new", "lon") in places:
        x, y = (np.array([row["new", a] for row in rows], dtype=float) for a in ("lon", "lat"))
        wrong = position_kinds(x, y)
        if len(rows) and (wrong == "swapped").all():
            return *to_storage(y, x, datum), (f"{file}：新坐标的经度和纬度填反，已对调",)
        if (wrong != "").any():
            at = int(np.flatnonzero(wrong != "")[0])
            raise InputError(
                f"第 {at + 1} 个控制点的新坐标（{x[at]:g}, {y[at]:g}）不在中国范围内", "请核对经度和纬度", file=file
            )
        return *to_storage(x, y, datum), ()
    x, y = (np.array([row["new", a] for row in rows], dtype=float) for a in ("x", "y"))
    if not len(rows):
        return x, y, ()
    order = plane_order(float(np.median(x)), float(np.median(y)))
    east, north = (y, x) if order == "ne" else (x, y)
    found = prefixed(float(np.median(east))) or zone
    if not order or found is None:
        raise InputError(
            "新坐标是平面坐标，但没有说明是哪个投影带", f"请改填经纬度；或{HOW.removeprefix('请')}", file=file
        )
    proj = Transformer.from_crs(found.crs, CRS.from_string(STORAGE_CRS), always_xy=True)
    lon, lat = proj.transform(east, north)
    return np.asarray(lon), np.asarray(lat), (f"{file}：新坐标按{found.label}读取",)


def _degrees_to_plane(xy: Floats, lon: float) -> Floats:
    """Degrees of an old geographic system in a plane of metres: any smooth plane does, the fit takes up the rest."""
    return np.column_stack(to_metric(xy[:, 0], xy[:, 1], metric_crs(lon)))
