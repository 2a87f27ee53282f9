// Marks and patterns of every map: circles, squares, diamonds, triangles, rings on a canvas; hatched areas.
function unstep(a) {
    var out = [], y = 0, x = 0;
    for (var i = 0; i < a.length; i += 2) { y += a[i]; x += a[i + 1]; out.push([y / 1e5, x / 1e5]); }
    return out;
}
function hatchPattern(kind, color) {
    var tile = document.createElement("canvas"), size = kind === "dots" ? 6 : 8;
    tile.width = tile.height = size;
    var c = tile.getContext("2d");
    c.globalAlpha = 0.35; c.fillStyle = color; c.fillRect(0, 0, size, size); c.globalAlpha = 1;
    c.strokeStyle = c.fillStyle = color; c.lineWidth = 1.6;
    if (kind === "dots") { c.beginPath(); c.arc(3, 3, 1.2, 0, 7); c.fill(); return tile; }
    c.beginPath(); c.moveTo(-2, size + 2); c.lineTo(size + 2, -2); c.moveTo(-2, 2); c.lineTo(2, -2);
    c.moveTo(size - 2, size + 2); c.lineTo(size + 2, size - 2);
    if (kind === "cross") { c.moveTo(-2, -2); c.lineTo(size + 2, size + 2); }
    c.stroke();
    return tile;
}
function tracePoint(c, shape, x, y, r) {
    if (shape === "square") { c.rect(x - r, y - r, 2 * r, 2 * r); return; }
    if (shape === "diamond") { c.moveTo(x, y - 1.3 * r); c.lineTo(x + 1.3 * r, y); c.lineTo(x, y + 1.3 * r); c.lineTo(x - 1.3 * r, y); c.closePath(); return; }
    if (shape === "triangle") { c.moveTo(x, y - 1.3 * r); c.lineTo(x + 1.2 * r, y + r); c.lineTo(x - 1.2 * r, y + r); c.closePath(); return; }
    c.arc(x, y, r, 0, 2 * Math.PI);
}
// Made once Leaflet is there.
function markClass() {
    return L.CircleMarker.extend({
        _updatePath: function () {
            var renderer = this._renderer;
            if (!renderer._drawing || this._empty()) { return; }
            var c = renderer._ctx;
            c.beginPath();
            tracePoint(c, this.options.shape, this._point.x, this._point.y, Math.max(this._radius, 1));
            renderer._fillStroke(c, this);
        }
    });
}
