"""Common points of two planes: the similarity or affine map between them, with what it leaves over.

Old grids (Beijing 54, Xi'an 80, a city's own) have no exact published shift to CGCS2000; surveyors fit four parameters
to points known in both (四参数). Ghilani, *Adjustment Computations*, 6th ed., ch. 18 has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import Floats
from geo.errors import InputError

FitKind = Literal["similarity", "affine"]

LIMIT_M: Final = 3.0
"""A point that the fitted map misses by more is a mistake (a wrong pair, a typing error), and the fit is refused."""
_LEAST_SPREAD_M: Final = 100.0
_LEAST_WIDTH: Final = 0.05
"""Width of the points' cloud against its length under which they count as lying on one line."""
_REACH: Final = 0.5
"""How far beyond the points the map may be used, as a share of their extent."""
_OUTLIER_RATIO: Final = 4.0


@dataclass(frozen=True, slots=True)
class PointFit:
    """``new = matrix @ (old - origin_old) + origin_new``, both in metres, and its residuals.

    Attributes
    ----------
    residuals
        Metres by which the map misses each point, shape ``(n,)``.
    suspect
        Row of the point without which the others fit far better; ``None`` if there is none.
    """

    kind: FitKind
    matrix: Floats
    origin_old: Floats
    origin_new: Floats
    old: Floats
    residuals: Floats
    suspect: int | None

    @property
    def rms_m(self) -> float:
        """Root mean square of the residuals (中误差), divided by the degrees of freedom, metres."""
        free = 2 * len(self.residuals) - (4 if self.kind == "similarity" else 6)
        return float(np.sqrt((self.residuals**2).sum() / free)) if free > 0 else 0.0

    @property
    def scale(self) -> float:
        """New metres for one old metre (of an affine map: the square root of the area's)."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix))))

    @property
    def rotation_deg(self) -> float:
        """Anticlockwise turn, degrees."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0] - self.matrix[0, 1], np.trace(self.matrix))))

    def apply(self, xy: ArrayLike) -> Floats:
        """Points of the old plane in the new one, shape ``(n, 2)``."""
        return (np.asarray(xy, dtype=float) - self.origin_old) @ self.matrix.T + self.origin_new

    def reaches(self, xy: ArrayLike) -> NDArray[np.bool_]:
        """Whether old points lie among the common points or near enough (half their extent) for the map to hold."""
        hull = shapely.MultiPoint(self.old).convex_hull
        points = shapely.points(np.asarray(xy, dtype=float))
        return np.asarray(shapely.distance(points, hull) <= _REACH * _extent(self.old))


def fit_points(old: ArrayLike, new: ArrayLike, kind: FitKind = "similarity", limit_m: float = LIMIT_M) -> PointFit:
    """Least-squares map from old to new plane coordinates.

    Parameters
    ----------
    old, new
        The same points in both planes, metres, shape ``(n, 2)``: at least three for a similarity (shift, turn, scale),
        four for an affine map (also shear and two scales), so that a mistake shows.
    limit_m
        Largest residual that is let through, metres.

    Raises
    ------
    InputError
        If the points are too few, too close, on one line or double, or the map misses one by more than ``limit_m``.
    """
    fit = _checked_fit(np.asarray(old, dtype=float), np.asarray(new, dtype=float), kind)
    worst = int(np.argmax(fit.residuals))
    if fit.residuals[worst] > limit_m:
        at = worst if fit.suspect is None else fit.suspect
        without = "" if fit.suspect is None else "，去掉这一点后其余各点吻合"
        table = "、".join(f"第 {i + 1} 点 {r:.2f}" for i, r in enumerate(fit.residuals))
        raise InputError(
            f"控制点残差最大 {fit.residuals[worst]:.2f} 米，超过限差 {limit_m:g} 米（各点残差，米：{table}）",
            f"请核对第 {at + 1} 点的新旧坐标{without}；X、Y 是否填反、点号是否对应、是否同一中央经线",
        )
    return fit


def residuals_of(old: ArrayLike, new: ArrayLike, kind: FitKind = "similarity") -> PointFit:
    """As `fit_points`, whatever the residuals are.

    Raises
    ------
    InputError
        If the points are too few, too close, on one line or double.
    """
    return _checked_fit(np.asarray(old, dtype=float), np.asarray(new, dtype=float), kind)


def _checked_fit(old: Floats, new: Floats, kind: FitKind) -> PointFit:
    if old.shape != new.shape or old.ndim != 2 or old.shape[1] != 2:
        raise ValueError(f"points have shapes {old.shape} and {new.shape}")
    least = 3 if kind == "similarity" else 4
    if len(old) < least:
        name = "相似变换（四参数）" if kind == "similarity" else "仿射变换（六参数）"
        raise InputError(f"只有 {len(old)} 个控制点，{name}至少要 {least} 个", "请补充新旧坐标都已知的点")
    if not (np.isfinite(old).all() and np.isfinite(new).all()):
        raise InputError("控制点坐标不是有效数字", "请核对控制点表")
    for points, title in ((old, "旧"), (new, "新")):
        _check_shape(points, title)
    matrix, at_old, at_new = _solve(old, new, kind)
    residuals = _residuals(old, new, matrix, at_old, at_new)
    return PointFit(kind, matrix, at_old, at_new, old, residuals, _suspect(old, new, kind, residuals))


def _check_shape(points: Floats, title: str) -> None:
    if _extent(points) < _LEAST_SPREAD_M:
        raise InputError(
            f"控制点的{title}坐标相距不到 {_LEAST_SPREAD_M:g} 米，太近，推算出去误差会放大",
            "请选分布在所要转换的范围四周的控制点",
        )
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    if spread[1] < _LEAST_WIDTH * spread[0]:
        raise InputError(f"控制点的{title}坐标几乎在一条直线上，定不出旋转和比例", "请补充偏离这条直线的控制点")


def _solve(old: Floats, new: Floats, kind: FitKind) -> tuple[Floats, Floats, Floats]:
    at_old, at_new = old.mean(axis=0), new.mean(axis=0)
    p, q = old - at_old, new - at_new
    if kind == "affine":
        return np.linalg.lstsq(p, q, rcond=None)[0].T, at_old, at_new
    size = float((p**2).sum())
    a = float((p * q).sum()) / size
    b = float((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum()) / size
    return np.array([[a, -b], [b, a]]), at_old, at_new


def _residuals(old: Floats, new: Floats, matrix: Floats, at_old: Floats, at_new: Floats) -> Floats:
    missed = (old - at_old) @ matrix.T + at_new - new
    return np.asarray(np.hypot(missed[:, 0], missed[:, 1]))


def _suspect(old: Floats, new: Floats, kind: FitKind, residuals: Floats) -> int | None:
    """The point whose removal shrinks the others' largest residual the most, if by a factor of four at least.

    One point too few is left for redundancy when only the least number is known: then nobody can say which one it is.
    """
    if len(old) < (5 if kind == "affine" else 4) or residuals.max() < 1e-6:
        return None
    left: list[float] = []
    for row in range(len(old)):
        keep = np.arange(len(old)) != row
        rest = _solve(old[keep], new[keep], kind)
        left.append(float(_residuals(old[keep], new[keep], *rest).max()))
    best = int(np.argmin(left))
    others = min(value for row, value in enumerate(left) if row != best)
    clear = left[best] * _OUTLIER_RATIO < min(float(residuals.max()), others * 2)
    return best if clear else None


def _extent(points: Floats) -> float:
    """Diagonal of the bounding box, metres."""
    return float(np.hypot(*np.ptp(points, axis=0)))
