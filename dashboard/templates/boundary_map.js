// The map of one estate: roads of the four sides, neighbours, candidates, boundary in force, gate and point.
const latLngs = shape => shape.map(polygon => polygon.map(ring => ring.map(p => [p[1], p[0]])));

function makeMap(box) {
    const { map, ...parts } = groundMap(box, { preferCanvas: false });
    Object.assign(desk.ui, parts);
    desk.ui.layers = L.layerGroup().addTo(map);
    desk.ui.shapes = L.layerGroup().addTo(map);
    map.on("zoomend", declutter);
    return map;
}
function label(at, text, kind, style) {
    const html = document.createElement("span");
    html.textContent = text;
    if (style) { html.style.cssText = style; }
    const marker = L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "wb-label " + kind, html, iconSize: [0, 0] }) });
    marker.weight = WEIGHT[kind.split(" ")[0]];
    marker.wide = 11 * text.length + 10;
    return marker;
}
function drawScene() {
    const ui = desk.ui, scene = sceneNow();
    if (!ui.map) { return; }
    ui.veil.hidden = !!scene || !desk.current;
    if (!scene) { ui.drawn = null; ui.layers.clearLayers(); ui.shapes.clearLayers(); ui.legend.replaceChildren(); return; }
    if (ui.drawn !== scene) {
        ui.drawn = scene;
        ui.layers.clearLayers();
        drawGround(scene);
        drawNeighbours(scene);
        const [west, south, east, north] = scene.view;
        ui.map.fitBounds([[south, west], [north, east]], { padding: [16, 16], animate: false });
        ui.foot.textContent = desk.ui.footer;
    }
    drawShapes(scene);
    declutter();
}
// Of labels that would lie on one another the more telling stays: sides, numbers and the gate, then estates, then roads.
const WEIGHT = { side: 4, number: 4, gate: 4, estate: 2, road: 1 };
function declutter() {
    const { map, layers, shapes } = desk.ui, boxes = [];
    const labels = [...layers.getLayers(), ...shapes.getLayers()].filter(layer => layer.weight);
    labels.sort((a, b) => b.weight - a.weight);
    for (const layer of labels) {
        const at = map.latLngToContainerPoint(layer.getLatLng()), half = layer.wide / 2;
        const box = [at.x - half, at.y - 9, at.x + half, at.y + 9];
        const hidden = layer.weight < 4 && boxes.some(b => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1]);
        if (layer.getElement()) { layer.getElement().style.visibility = hidden ? "hidden" : ""; }
        if (!hidden) { boxes.push(box); }
    }
}
function drawGround(scene) {
    const { layers, ground } = desk.ui;
    const named = new Map();
    for (const way of scene.ways) {
        const style = desk.ui.wayStyles[way.k];
        const lines = way.p.map(unstep);
        const options = { ...style, renderer: ground, pane: "back", interactive: false };
        layers.addLayer(style.fill ? L.polygon(lines, options) : L.polyline(lines, options));
        if (way.n && way.s === null && !style.fill) {
            for (const line of lines) {
                if (!named.has(way.n) || named.get(way.n).length < line.length) { named.set(way.n, line); }
            }
        }
    }
    for (const way of scene.ways) {
        if (way.s === null) { continue; }
        const side = desk.ui.sides[way.s], lines = way.p.map(unstep);
        layers.addLayer(L.polyline(lines, { color: "#FFFFFF", weight: 8, opacity: 0.9, renderer: ground, pane: "back", interactive: false }));
        layers.addLayer(L.polyline(lines, { color: side.color, weight: 5, dashArray: side.dash || null, lineCap: "butt",
            renderer: ground, pane: "back", interactive: false }));
    }
    for (const [name, line] of [...named].slice(0, 40)) { layers.addLayer(label(line[Math.floor(line.length / 2)], name, "road")); }
    for (const spot of scene.letters) {
        const side = desk.ui.sides[spot.s];
        layers.addLayer(label([spot.at[1], spot.at[0]], side.letter + " " + spot.name, "side", `background:${side.color}`));
    }
}
function drawNeighbours(scene) {
    const known = new Map(scene.neighbours.map(item => [item.id, item]));
    for (const [id, item] of desk.fresh) {
        if (id === desk.current) { continue; }
        if (item.shape && touches(item.shape, scene.window)) { known.set(id, { id, name: item.name, shape: item.shape, side: null }); }
        else { known.delete(id); }
    }
    for (const item of known.values()) {
        const side = item.side ? desk.ui.sides[item.side] : null;
        const polygon = L.polygon(latLngs(item.shape), { color: side ? side.color : "#8592A0", weight: side ? 3 : 1.2,
            dashArray: side ? side.dash || null : null, fillColor: "#9AA5B1", fillOpacity: 0.22, bubblingMouseEvents: true });
        polygon.bindTooltip(() => h("span", {}, item.name), { sticky: true });
        desk.ui.layers.addLayer(polygon);
        desk.ui.layers.addLayer(label(polygon.getBounds().getCenter(), item.name, "estate"));
    }
}
function touches(shape, [west, south, east, north]) {
    return shape.some(polygon => polygon[0].some(p => p[0] >= west && p[0] <= east && p[1] >= south && p[1] <= north));
}
function drawShapes(scene) {
    const { shapes, map } = desk.ui;
    shapes.clearLayers();
    const rows = [];
    if (scene.current && desk.mode !== "edit") {
        shapes.addLayer(L.polygon(latLngs(scene.current.shape), { color: "#1F2933", weight: 2.5, dashArray: "1 5", fillOpacity: 0.04, interactive: false }));
        rows.push(["box force", "现有边界"]);
    }
    if (desk.mode === "view" || desk.mode === "gate") {
        scene.candidates.forEach((candidate, i) => {
            if (i === desk.choice) { return; }
            shapes.addLayer(L.polygon(latLngs(candidate.shape), { color: "#1F4E79", weight: 2, dashArray: "6 5", fillOpacity: 0.02 })
                .on("click", () => { if (desk.mode === "view") { choose(i); } }));
        });
        const chosen = scene.candidates[desk.choice];
        if (chosen) {
            shapes.addLayer(L.polygon(latLngs(chosen.shape), { color: "#1F4E79", weight: 4, fillColor: "#1F4E79", fillOpacity: 0.16, interactive: false }));
        }
        scene.candidates.forEach((candidate, i) => shapes.addLayer(
            label([candidate.at[1], candidate.at[0]], String(i + 1), "number" + (i === desk.choice ? " chosen" : ""))));
        if (scene.candidates.length) { rows.push(["box chosen", "选中的候选"]); }
        if (scene.candidates.length > 1) { rows.push(["box other", "其他候选"]); }
    }
    if (scene.point) {
        shapes.addLayer(L.circleMarker([scene.point[1], scene.point[0]], { radius: 5, color: "#1F2933", weight: 2, fillColor: "#FFFFFF", fillOpacity: 1, interactive: false }));
        rows.push(["dot", "台账位置"]);
    }
    if (scene.gate) {
        shapes.addLayer(label([scene.gate[1], scene.gate[0]], "门", "gate"));
        rows.push(["door", "出入口"]);
    }
    if (scene.neighbours.length || desk.fresh.size) { rows.push(["box other-estate", "相邻小区"]); }
    desk.ui.legend.replaceChildren(...rows.map(([kind, words]) => h("div", {}, h("i", { class: kind }, kind === "door" ? "门" : ""), words)));
    map.getContainer().classList.toggle("aiming", desk.mode === "draw" || desk.mode === "gate");
}
