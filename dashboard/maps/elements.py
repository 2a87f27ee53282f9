"""Light map elements: whole layers as compact arrays, drawn by one small script on one canvas.

folium's own GeoJson layer sends every shape with its style and takes 5.6 s for 10,000 points; these send numbers only.
A clicked shape answers as streamlit-folium's own layers do, with its position (``last_object_clicked``). Each class
of a layer is a group under its key, so that the legend can switch it without asking the server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import shapely
from branca.element import MacroElement
from folium.template import Template
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dashboard.theme import ink_on

_DEGREES = 1e5
"""Positions travel as whole hundred-thousandths of a degree (about 1 m), each as the step from the one before."""


def js_json(value: object) -> str:
    """JSON that is safe inside a script: no ``<``, no ``&`` and no doubled braces, whatever a cell's text holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.replace("{{", "{\\u007b")


def steps(lon: NDArray[Any], lat: NDArray[Any]) -> list[int]:
    """Positions as alternating lat, lon steps."""
    flat: list[int] = []
    last_lat = last_lon = 0
    for x, y in zip(lon, lat, strict=True):
        now_lat, now_lon = round(y * _DEGREES), round(x * _DEGREES)
        flat += [now_lat - last_lat, now_lon - last_lon]
        last_lat, last_lon = now_lat, now_lon
    return flat


def encode(shapes: Sequence[BaseGeometry]) -> list[list[list[int]]]:
    """Each shape as a list of rings or lines, each a list of steps; empty shapes give an empty list."""
    encoded = []
    for shape in shapes:
        parts = []
        if shape is not None and not shape.is_empty:
            for part in getattr(shape, "geoms", [shape]):
                for ring in [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]:
                    xy = shapely.get_coordinates(ring)
                    parts.append(steps(xy[:, 0], xy[:, 1]))
        encoded.append(parts)
    return encoded


_TEMPLATES = files("dashboard") / "templates"
_SHARED = "\n".join((_TEMPLATES / name).read_text("utf-8") for name in ("map_marks.js", "map_shared.js"))


@dataclass(frozen=True, slots=True)
class Class:
    """One class of a layer: the key that the legend switches, and Leaflet's path options.

    Besides Leaflet's own, ``shape`` (circle, square, diamond, triangle, ring) forms a point and ``hatch`` (diagonal,
    dots, cross) fills an area.
    """

    key: str
    style: Mapping[str, Any]


class _Layer(MacroElement):
    """What the layers share: the helpers in the browser, and the data."""

    _body = ""

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = name
        self.shared = _SHARED
        self.data = js_json(data)
        self._template = Template(
            "{% macro script(this, kwargs) %}(function () { var map = {{ this._parent.get_name() }};\n"
            "{{ this.shared }}\nvar d = {{ this.data }};\n" + self._body + "\n})();{% endmacro %}"
        )


class Dots(_Layer):
    """Estates as points on one canvas, coloured by class; hover names them, a click selects.

    Parameters
    ----------
    lon, lat
        Positions, EPSG:4490 degrees, shape ``(n,)``.
    names
        What hovering shows.
    of_class
        Row of ``classes`` for each point.
    classes
        How each class is drawn.
    """

    _body = """
        var at = unstep(d.at), groups = groupsOf(map, d.keys, !!d.names);
        for (var i = 0; i < at.length; i++) {
            var dot = new Mark(at[i], pathOptions(map, d.styles[d.of[i]], true));
            dot.label = d.names[i];
            groups[d.of[i]].addLayer(dot);
        }
    """

    def __init__(
        self,
        lon: NDArray[Any],
        lat: NDArray[Any],
        names: Sequence[str],
        of_class: Sequence[int],
        classes: Sequence[Class],
    ) -> None:
        super().__init__(
            "Dots",
            {
                "at": steps(lon, lat),
                "names": list(names),
                "of": list(map(int, of_class)),
                "keys": [c.key for c in classes],
                "styles": [dict(c.style) for c in classes],
            },
        )


class Shapes(_Layer):
    """Lines or areas on one canvas, styled by class; with names they answer to hovering and clicks.

    Parameters
    ----------
    shapes
        EPSG:4490 lines, polygons or their multi-forms, already simplified for the scale shown.
    of_class, classes
        As for `Dots`.
    names
        ``None``: the layer is background and takes no part in hovering and clicks.
    area
        Whether the shapes are filled.
    """

    _body = """
        var groups = groupsOf(map, d.keys, !!d.names);
        for (var i = 0; i < d.parts.length; i++) {
            var parts = d.parts[i].map(unstep);
            if (!parts.length) { continue; }
            var style = pathOptions(map, d.styles[d.of[i]], !!d.names);
            var layer = d.area ? L.polygon(parts, style) : L.polyline(parts, style);
            if (d.names) { layer.label = d.names[i]; }
            groups[d.of[i]].addLayer(layer);
        }
    """

    def __init__(
        self,
        shapes: Sequence[BaseGeometry],
        of_class: Sequence[int],
        classes: Sequence[Class],
        *,
        names: Sequence[str] | None = None,
        area: bool,
    ) -> None:
        super().__init__(
            "Shapes",
            {
                "parts": encode(shapes),
                "of": list(map(int, of_class)),
                "keys": [c.key for c in classes],
                "styles": [dict(c.style) for c in classes],
                "names": None if names is None else list(names),
                "area": area,
            },
        )


class Numbers(_Layer):
    """Numbers in circles, in the order a route is driven."""

    _body = """
        d.items.forEach(function (item) {
            L.marker([item[1], item[0]], { icon: L.divIcon({ className: "", iconSize: [22, 22], html:
                '<div style="width:22px;height:22px;border-radius:11px;background:' + item[3] +
                ';color:' + item[5] + ';border:2px solid #fff;box-shadow:0 0 2px #0008;font:bold 12px/18px sans-serif;' +
                'text-align:center;box-sizing:border-box">' + escapeText(item[2]) + '</div>' }) })
                .bindTooltip(escapeText(item[4])).addTo(map);
        });
    """

    def __init__(self, items: Sequence[tuple[float, float, str, str, str]]) -> None:
        """``items``: lon, lat (EPSG:4490), text in the circle, colour, what hovering shows."""
        super().__init__("Numbers", {"items": [[*item, ink_on(item[3])] for item in items]})


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One row of the legend: mark, words, count; ``key`` names the class that it switches (empty: none)."""

    label: str
    color: str
    key: str = ""
    count: int | None = None
    shape: str = "circle"
    hatch: str = ""
    line: bool = False
    alpha: float = 1.0
    """Opacity of the class on the map, so that the swatch looks as it does."""


class Legend(_Layer):
    """The legend is the layer control: rows with counts that switch their class."""

    _body = "legend(map, d);"

    def __init__(self, title: str, rows: Sequence[LegendRow]) -> None:
        super().__init__("Legend", {"title": title, "rows": [asdict(row) for row in rows]})


class Frame(_Layer):
    """What every map carries: scale bar, north, source and date, 审图号; the outlook to start with.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees to fit at the start; ``None`` keeps the map's own start.
    footer
        Source, date, 审图号: one line at the lower left.
    """

    _body = "frame(map, d);"

    def __init__(self, bounds: tuple[float, float, float, float] | None, footer: str) -> None:
        super().__init__("Frame", {"bounds": bounds, "footer": footer})
