"""Common points of two planes: the map is found, mistakes are named, bad configurations refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.point_fit import LIMIT_M, fit_points, residuals_of

SQUARE = np.array([[0.0, 0.0], [5000, 0], [5000, 4000], [0, 4000], [2500, 1800]])


def _moved(xy: np.ndarray, turn_deg: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    a = np.radians(turn_deg)
    return scale * xy @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]).T + np.array(shift)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-180, 180), st.floats(0.5, 2.0), st.tuples(st.floats(-5e6, 5e6), st.floats(-5e6, 5e6)), st.integers(3, 5)
)
def test_any_similarity_is_found_from_three_points(
    turn: float, scale: float, shift: tuple[float, float], n: int
) -> None:
    fit = fit_points(SQUARE[:n], _moved(SQUARE[:n], turn, scale, shift))
    assert fit.residuals.max() < 1e-6 and fit.rms_m < 1e-6
    assert fit.scale == pytest.approx(scale)
    assert np.cos(np.radians(fit.rotation_deg - turn)) == pytest.approx(1)
    elsewhere = np.array([[1234.5, 3456.7]])
    np.testing.assert_allclose(fit.apply(elsewhere), _moved(elsewhere, turn, scale, shift), atol=1e-5)


def test_residuals_are_what_is_left_over() -> None:
    """Worked by hand: four corners of a square, one pulled out by 4 mm along x; least squares spreads it evenly."""
    old = np.array([[0.0, 0.0], [1000, 0], [1000, 1000], [0, 1000]])
    new = old + np.array([[0, 0], [0.004, 0], [0, 0], [0, 0]])
    fit = fit_points(old, new)
    dense = np.zeros((8, 4))
    centred = old - old.mean(axis=0)
    dense[0::2] = np.column_stack([centred[:, 0], -centred[:, 1], np.ones(4), np.zeros(4)])
    dense[1::2] = np.column_stack([centred[:, 1], centred[:, 0], np.zeros(4), np.ones(4)])
    target = (new - new.mean(axis=0)).ravel()
    best = np.linalg.lstsq(dense, target, rcond=None)[0]
    left = (dense @ best - target).reshape(4, 2)
    np.testing.assert_allclose(fit.residuals, np.hypot(*left.T), atol=1e-12)
    assert fit.rms_m == pytest.approx(np.sqrt((left**2).sum() / 4))


def test_affine_takes_shear_that_a_similarity_refuses() -> None:
    shear = SQUARE @ np.array([[1.0, 0.01], [0.0, 1.002]]).T
    with pytest.raises(InputError, match="限差"):
        fit_points(SQUARE, shear)
    fit = fit_points(SQUARE, shear, "affine")
    assert fit.residuals.max() < 1e-9
    with pytest.raises(InputError, match="至少要 4 个"):
        fit_points(SQUARE[:3], shear[:3], "affine")


@pytest.mark.parametrize("wrong", range(5))
def test_the_one_wrong_point_is_named_with_all_residuals(wrong: int) -> None:
    new = _moved(SQUARE, 1.0, 1.0001, (500_000, 3_300_000))
    new[wrong] += (40, -25)
    assert residuals_of(SQUARE, new).suspect == wrong
    with pytest.raises(InputError) as error:
        fit_points(SQUARE, new)
    assert f"核对第 {wrong + 1} 点" in str(error.value) and f"{LIMIT_M:g} 米" in str(error.value)
    assert all(f"第 {i + 1} 点" in str(error.value) for i in range(5))


def test_small_errors_pass_and_accuse_nobody() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        fit = fit_points(SQUARE, _moved(SQUARE, 0.3, 1.0, (9, 9)) + rng.normal(0, 0.05, SQUARE.shape))
        assert fit.residuals.max() < 0.3 and fit.rms_m < 0.2


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        (SQUARE[:2], "至少要 3 个"),
        (np.array([[0, 0], [1000, 1], [2000, 0.0], [3000, 1]]), "一条直线"),
        (np.array([[0, 0], [10, 0], [0, 10.0]]), "太近"),
        (np.array([[0, 0], [0, 0], [5000, 4000.0]]), "一条直线"),
        (np.array([[0, 0], [np.nan, 0], [0, 5000.0]]), "有效数字"),
    ],
)
def test_points_that_cannot_fix_a_map_are_refused(points: np.ndarray, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        fit_points(points, points + 7)


def test_a_plane_that_was_turned_over_does_not_fit() -> None:
    with pytest.raises(InputError, match="X、Y 是否填反"):
        fit_points(SQUARE, SQUARE[:, ::-1] + 100)


def test_the_map_reaches_half_its_extent_beyond_the_points() -> None:
    fit = fit_points(SQUARE, SQUARE + 3)
    assert fit.reaches([[2500, 2000], [-3000, 2000], [-3300, 2000], [2500, 99_000]]).tolist() == [
        True,
        True,
        False,
        False,
    ]
