"""Map elements: what is sent to the browser, and that no cell's text can break out of it."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from dashboard.maps.elements import encode, js_json
from dashboard.theme import INK, ink_on


def unstep(steps: list[int]) -> list[tuple[float, float]]:
    """(lon, lat) back from steps, as the script does it."""
    pairs = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 1e5
    return [(lon, lat) for lat, lon in pairs.tolist()]


@given(st.text())
def test_json_in_a_script_is_the_same_value_and_cannot_close_the_script(text: str) -> None:
    encoded = js_json([text, {"k": text}])
    assert json.loads(encoded) == [text, {"k": text}]
    assert "<" not in encoded
    assert "{{" not in encoded.replace("[{", "")


def test_lines_come_back_within_a_metre() -> None:
    line = LineString([(112.123456, 30.654321), (112.2, 30.7), (112.19, 30.7)])
    ((steps,),) = encode([line])
    assert np.allclose(unstep(steps), line.coords, atol=0.6e-5)


def test_rounding_does_not_add_up_along_a_line() -> None:
    line = LineString([(112 + 0.000014 * i, 30) for i in range(2000)])
    ((steps,),) = encode([line])
    assert np.allclose(unstep(steps), line.coords, atol=0.6e-5)


def test_holes_and_parts_are_kept_and_empty_shapes_give_nothing() -> None:
    square = Point(112, 30).buffer(0.1).envelope
    holed = Polygon(square.exterior, [Point(112, 30).buffer(0.01).exterior])
    both = MultiPolygon([holed, Point(113, 30).buffer(0.1).envelope])
    encoded = encode([both, Polygon(), square])
    assert [len(parts) for parts in encoded] == [3, 0, 1]


def test_ink_on_light_colours_and_white_on_dark_ones() -> None:
    assert {color: ink_on(color) == INK for color in ("#F0E442", "#56B4E9", "#E69F00", "#0072B2", "#1F2933")} == {
        "#F0E442": True, "#56B4E9": True, "#E69F00": True, "#0072B2": False, "#1F2933": False,
    }  # fmt: skip
