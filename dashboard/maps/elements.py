"""Light map elements: whole layers as compact arrays, drawn by one small script on one canvas.

folium's own GeoJson layer sends every shape with its style and takes 5.6 s for 10,000 points; these send numbers only.
Every element keeps streamlit-folium's click contract: a clicked shape answers with its position (``last_object_clicked``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import shapely
from branca.element import MacroElement
from folium.template import Template
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_DEGREES = 1e5
"""Positions travel as whole hundred-thousandths of a degree (about 1 m), each as the step from the one before."""


def js_json(value: object) -> str:
    """JSON that is safe inside a script: no ``<``, no ``&`` and no doubled braces, whatever a cell's text holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.replace("{{", "{\\u007b")


def _steps(lon: NDArray[Any], lat: NDArray[Any]) -> list[int]:
    """Positions as alternating lat, lon steps."""
    flat: list[int] = []
    last_lat = last_lon = 0
    for x, y in zip(lon, lat, strict=True):
        now_lat, now_lon = round(y * _DEGREES), round(x * _DEGREES)
        flat += [now_lat - last_lat, now_lon - last_lon]
        last_lat, last_lon = now_lat, now_lon
    return flat


def encode_lines(shapes: Sequence[BaseGeometry]) -> list[list[list[int]]]:
    """Each shape as a list of rings or lines, each a list of steps; empty shapes give an empty list."""
    encoded = []
    for shape in shapes:
        parts = []
        if shape is not None and not shape.is_empty:
            for part in getattr(shape, "geoms", [shape]):
                for ring in [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]:
                    xy = shapely.get_coordinates(ring)
                    parts.append(_steps(xy[:, 0], xy[:, 1]))
        encoded.append(parts)
    return encoded


_DECODE = """
    function unstep(a) {
        var out = [], y = 0, x = 0;
        for (var i = 0; i < a.length; i += 2) { y += a[i]; x += a[i + 1]; out.push([y / 1e5, x / 1e5]); }
        return out;
    }
    // One canvas takes all hovering and clicks: a second one above it would swallow them. The background has its own.
    function canvasOf(map, interactive) {
        if (interactive) { return map.ownCanvas = map.ownCanvas || L.canvas({ padding: 0.3 }); }
        if (!map.getPane("background")) {
            var pane = map.createPane("background");
            pane.style.zIndex = 350;
            pane.style.pointerEvents = "none";
        }
        return map.backCanvas = map.backCanvas || L.canvas({ padding: 0.3, pane: "background" });
    }
    function escapeText(t) { var d = document.createElement("div"); d.textContent = t; return d.innerHTML; }
"""


class Dots(MacroElement):
    """Estates as points on one canvas, coloured by class; hover names them, a click selects.

    Parameters
    ----------
    lon, lat
        Positions, EPSG:4490 degrees, shape ``(n,)``.
    names
        What hovering shows.
    classes
        Row of ``styles`` for each point.
    styles
        For each class the Leaflet path options (``radius``, ``color``, ``fillColor`` …).
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
            var map = {{ this._parent.get_name() }};
            """
        + _DECODE
        + """
            var d = {{ this.data }};
            var canvas = canvasOf(map, true);
            var group = L.featureGroup();
            var at = unstep(d.at);
            for (var i = 0; i < at.length; i++) {
                var style = Object.assign({ renderer: canvas }, d.styles[d.classes[i]]);
                var dot = L.circleMarker(at[i], style);
                dot.label = d.names[i];
                group.addLayer(dot);
            }
            group.bindTooltip(function (layer) { return escapeText(layer.label); }, { sticky: true });
            group.addTo(map);
        })();
        {% endmacro %}
        """
    )

    def __init__(
        self,
        lon: NDArray[Any],
        lat: NDArray[Any],
        names: Sequence[str],
        classes: Sequence[int],
        styles: Sequence[dict[str, Any]],
    ) -> None:
        super().__init__()
        self._name = "Dots"
        self.data = js_json(
            {"at": _steps(lon, lat), "names": list(names), "classes": list(map(int, classes)), "styles": list(styles)}
        )


class Shapes(MacroElement):
    """Lines or areas on one canvas, styled by class; with names they answer to hovering and clicks.

    Parameters
    ----------
    shapes
        EPSG:4490 lines, polygons or their multi-forms, already simplified for the scale shown.
    classes, styles
        As for `Dots`.
    names
        ``None``: the layer is background and takes no part in hovering and clicks.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
            var map = {{ this._parent.get_name() }};
            """
        + _DECODE
        + """
            var d = {{ this.data }};
            var canvas = canvasOf(map, !!d.names);
            var group = L.featureGroup();
            for (var i = 0; i < d.parts.length; i++) {
                var style = Object.assign({ renderer: canvas, interactive: !!d.names }, d.styles[d.classes[i]]);
                var parts = d.parts[i].map(unstep);
                if (!parts.length) { continue; }
                var layer = d.area ? L.polygon(parts, style) : L.polyline(parts, style);
                if (d.names) { layer.label = d.names[i]; }
                group.addLayer(layer);
            }
            if (d.names) {
                group.bindTooltip(function (layer) { return escapeText(layer.label); }, { sticky: true });
            }
            group.addTo(map);
        })();
        {% endmacro %}
        """
    )

    def __init__(
        self,
        shapes: Sequence[BaseGeometry],
        classes: Sequence[int],
        styles: Sequence[dict[str, Any]],
        *,
        names: Sequence[str] | None = None,
        area: bool,
    ) -> None:
        super().__init__()
        self._name = "Shapes"
        self.data = js_json(
            {
                "parts": encode_lines(shapes),
                "classes": list(map(int, classes)),
                "styles": list(styles),
                "names": None if names is None else list(names),
                "area": area,
            }
        )
