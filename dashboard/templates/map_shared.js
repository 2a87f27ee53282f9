// Helpers that the map layers share, after map_marks.js; written once into each layer's own scope.
var Mark = markClass();
function escapeText(t) { var d = document.createElement("div"); d.textContent = t; return d.innerHTML; }
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
function groupsOf(map, keys, interactive) {
    map.classGroups = map.classGroups || {};
    return keys.map(function (key) {
        var group = L.featureGroup();
        if (interactive) { group.bindTooltip(function (l) { return escapeText(l.label); }, { sticky: true }); }
        (map.classGroups[key] = map.classGroups[key] || []).push(group);
        return group.addTo(map);
    });
}
function pathOptions(map, style, interactive) {
    var o = Object.assign({ interactive: interactive, renderer: canvasOf(map, interactive) }, style);
    if (!interactive) { o.pane = "background"; }
    if (o.hatch) {
        o.fillColor = document.createElement("canvas").getContext("2d")
            .createPattern(hatchPattern(o.hatch, o.fillColor), "repeat");
        o.fillOpacity = 1;
    }
    return o;
}
function legend(map, d) {
    var control = L.control({ position: "bottomright" });
    control.onAdd = function () {
        var box = L.DomUtil.create("div");
        box.style.cssText = "background:#fffffff0;border:1px solid #D9E2EC;border-radius:4px;padding:6px 10px;font:12px/20px sans-serif;color:#1F2933;max-height:300px;overflow:auto";
        var title = L.DomUtil.create("button", "", box);
        title.type = "button"; title.textContent = d.title;
        title.style.cssText = "all:unset;cursor:pointer;font-weight:600;display:block";
        title.setAttribute("aria-expanded", "true");
        var rows = L.DomUtil.create("div", "", box);
        title.onclick = function () {
            var shown = rows.style.display !== "none";
            rows.style.display = shown ? "none" : "block";
            title.setAttribute("aria-expanded", shown ? "false" : "true");
        };
        if (map.getSize().x < 480) { title.onclick(); }
        d.rows.forEach(function (row) { legendRow(map, rows, row); });
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        return box;
    };
    control.addTo(map);
    map.legendBox = control.getContainer();
}
function legendRow(map, rows, row) {
    var line = L.DomUtil.create(row.key ? "label" : "div", "", rows);
    line.style.cssText = "display:flex;align-items:center;gap:6px;white-space:nowrap" + (row.key ? ";cursor:pointer" : "");
    if (row.key) {
        var tick = L.DomUtil.create("input", "", line);
        tick.type = "checkbox"; tick.checked = true; tick.style.margin = "0";
        tick.onchange = function () {
            (map.classGroups[row.key] || []).forEach(function (g) { tick.checked ? g.addTo(map) : g.remove(); });
        };
    }
    var swatch = L.DomUtil.create("canvas", "", line), c = swatch.getContext("2d");
    swatch.width = 16; swatch.height = 14;
    c.fillStyle = c.strokeStyle = row.color;
    c.globalAlpha = row.alpha;
    if (row.shape === "none") { swatch.width = 1; }
    if (row.line) { c.lineWidth = 4; c.beginPath(); c.moveTo(0, 7); c.lineTo(16, 7); c.stroke(); }
    else if (row.shape === "none") { c.globalAlpha = 0; }
    else if (row.shape === "area") {
        c.fillStyle = row.hatch ? c.createPattern(hatchPattern(row.hatch, row.color), "repeat") : row.color;
        c.fillRect(0, 1, 16, 12);
    } else {
        c.beginPath(); tracePoint(c, row.shape, 8, 7, 4.5);
        if (row.shape === "ring") { c.lineWidth = 2; c.stroke(); } else { c.fill(); }
    }
    var words = L.DomUtil.create("span", "", line);
    words.textContent = row.label;
    if (row.count !== null) {
        var count = L.DomUtil.create("span", "", line);
        count.textContent = row.count.toLocaleString("en-US");
        count.style.cssText = "margin-left:auto;padding-left:10px;font-variant-numeric:tabular-nums;color:#52606D";
    }
}
function frame(map, d) {
    map.attributionControl.setPrefix(false);
    L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
    var scale = L.control.scale({ imperial: false, position: "bottomleft" });
    scale._updateMetric = function (maxMetres) {
        var metres = this._getRoundNum(maxMetres);
        this._updateScale(this._mScale, metres < 1000 ? metres + "米" : metres / 1000 + "公里", metres / maxMetres);
    };
    scale.addTo(map);
    var north = L.control({ position: "topright" });
    north.onAdd = function () {
        var box = L.DomUtil.create("div");
        box.style.cssText = "font:600 12px/14px sans-serif;color:#52606D;text-align:center;text-shadow:0 0 2px #fff";
        box.innerHTML = "北<br>▲";
        return box;
    };
    north.addTo(map);
    var foot = L.control({ position: "bottomleft" });
    foot.onAdd = function () {
        var box = L.DomUtil.create("div");
        box.style.cssText = "background:#ffffffd0;padding:0 6px;font:11px/16px sans-serif;color:#52606D;margin:0";
        box.textContent = d.footer;
        return box;
    };
    foot.addTo(map);
    map.getContainer().style.background = "#FBFCFD";
    if (d.bounds) { fit(map, d.bounds); }
}
function fit(map, b) {
    // A frame that is still being laid out has no size yet, and no zoom can be found for it.
    map.invalidateSize(false);
    if (map.getSize().x < 50 || map.getSize().y < 50) { setTimeout(function () { fit(map, b); }, 60); return; }
    // The legend lies over the lower right: what is shown keeps clear of it where the map is wide enough.
    // Its style sheet may still be on the way, and it as wide as the map.
    var covered = map.legendBox && map.getSize().x > 560 ? Math.min(map.legendBox.offsetWidth, 210) + 16 : 12;
    map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { paddingTopLeft: [12, 12], paddingBottomRight: [covered, 12] });
}
