// Drawing anew, moving vertices, moving the gate. A ring here is an array of Leaflet positions without the closing one.
const MIN_VERTICES = 3;
const edit = { rings: [], layer: null, marks: [], trail: [], rubber: null, dirty: false, selected: null };

function setMode(mode) {
    if (desk.mode === mode && mode === "view") { return; }
    clearEdit();
    desk.mode = mode;
    if (desk.ui) { desk.ui.root.dataset.mode = mode; }
}
function clearEdit() {
    if (desk.ui && desk.ui.map) {
        edit.marks.forEach(item => item.remove());
        if (edit.layer) { edit.layer.remove(); }
        if (edit.rubber) { edit.rubber.remove(); }
        desk.ui.map.off("click", onMapClick).off("mousemove", onMapMove).off("dblclick", onMapDouble)
            .off("zoomend", drawMarks);
    }
    Object.assign(edit, { rings: [], layer: null, marks: [], trail: [], rubber: null, dirty: false, selected: null });
}
// Another estate was asked for while something is unsaved: stay, and say so.
function leaveEdit() {
    if (desk.mode !== "view" && (edit.dirty || edit.trail.length)) {
        say("有未保存的修改。请先保存（回车）或取消（Esc）。", true);
        return false;
    }
    return true;
}
function cancelEdit() { setMode("view"); desk.form = null; showCurrent(); }

function startDraw() {
    if (!ready()) { return; }
    setMode("draw");
    edit.rubber = L.polyline([], { color: "#1F4E79", weight: 3, dashArray: "4 4", interactive: false }).addTo(desk.ui.map);
    desk.ui.map.on("click", onMapClick).on("mousemove", onMapMove).on("dblclick", onMapDouble);
    showCurrent();
}
function startGate() {
    if (!ready()) { return; }
    setMode("gate");
    desk.ui.map.on("click", onMapClick);
    showCurrent();
}
function startEdit() {
    if (!ready()) { return; }
    const scene = sceneNow(), chosen = scene.candidates[desk.choice];
    const base = chosen && !(scene.current && scene.state === "accepted" && desk.choice === 0) ? chosen : scene.current || chosen;
    if (!base) { say("还没有可改的图形，请先画一个（D）。", true); return; }
    setMode("edit");
    edit.rings = latLngs(base.shape).map(polygon => polygon.map(ring => ring.slice(0, -1).map(p => L.latLng(p))));
    edit.layer = L.polygon(edit.rings, { color: "#1F4E79", weight: 3, fillOpacity: 0.12, interactive: false }).addTo(desk.ui.map);
    drawMarks();
    desk.ui.map.on("zoomend", drawMarks);
    if (base.simplified_m) { say(`为便于修改，已略去偏差${base.simplified_m}米以内的顶点；不保存则原图形不变。`); }
    showCurrent();
}
function ready() {
    if (!desk.mayWrite) { say("只能查看：您的角色不能修改边界。", true); return false; }
    return desk.mode === "view" && !!sceneNow() && !!desk.ui.map;
}

function onMapClick(event) {
    if (desk.mode === "gate") { saveGate(event.latlng); return; }
    if (desk.mode !== "draw") { return; }
    const at = desk.ui.map.latLngToContainerPoint(event.latlng);
    const first = edit.trail[0] && desk.ui.map.latLngToContainerPoint(edit.trail[0]);
    if (first && edit.trail.length >= MIN_VERTICES && at.distanceTo(first) < 12) { save(); return; }
    const last = edit.trail.length && desk.ui.map.latLngToContainerPoint(edit.trail[edit.trail.length - 1]);
    if (last && at.distanceTo(last) < 4) { return; }
    edit.trail.push(event.latlng);
    edit.marks.push(L.marker(event.latlng, { interactive: false, keyboard: false, icon: L.divIcon({ className: "wb-vertex", iconSize: [12, 12] }) }).addTo(desk.ui.map));
    drawTrail(null);
    drawPanel();
}
function onMapMove(event) { if (edit.trail.length) { drawTrail(event.latlng); } }
function onMapDouble() { if (desk.mode === "draw" && edit.trail.length >= MIN_VERTICES) { save(); } }
function drawTrail(mouse) {
    const line = mouse ? [...edit.trail, mouse] : edit.trail;
    edit.rubber.setLatLngs(line.length > 2 ? [...line, line[0]] : line);
}
function dropLast() {
    if (desk.mode !== "draw" || !edit.trail.length) { return; }
    edit.trail.pop();
    edit.marks.pop().remove();
    drawTrail(null);
    drawPanel();
}

// Vertices can be dragged; the smaller marks half-way become vertices when clicked or dragged; a double click removes.
function drawMarks() {
    edit.marks.forEach(item => item.remove());
    edit.marks = [];
    edit.rings.forEach((polygon, p) => polygon.forEach((ring, r) => ring.forEach((at, v) => {
        edit.marks.push(vertexMark(p, r, v));
        if (roomy(at, ring[(v + 1) % ring.length])) { edit.marks.push(middleMark(p, r, v)); }
    })));
}
// A half-way mark only where it does not lie on the vertices; zooming in shows more of them.
function roomy(a, b) { return desk.ui.map.latLngToContainerPoint(a).distanceTo(desk.ui.map.latLngToContainerPoint(b)) > 34; }
function vertexMark(p, r, v) {
    const chosen = edit.selected && edit.selected.join() === [p, r, v].join();
    const marker = L.marker(edit.rings[p][r][v], { draggable: true, keyboard: false, autoPan: true,
        icon: L.divIcon({ className: "wb-vertex" + (chosen ? " chosen" : ""), iconSize: [14, 14] }) }).addTo(desk.ui.map);
    marker.on("drag", () => { edit.rings[p][r][v] = marker.getLatLng(); redraw(); });
    marker.on("dragend", () => { edit.selected = [p, r, v]; drawMarks(); drawPanel(); });
    marker.on("click", event => { L.DomEvent.stop(event); edit.selected = [p, r, v]; markChosen(marker); });
    marker.on("dblclick", event => { L.DomEvent.stop(event); removeVertex(p, r, v); });
    return marker;
}
// Only the mark's look changes: making new marks between two clicks would lose the double click.
function markChosen(marker) {
    edit.marks.forEach(item => item.getElement() && item.getElement().classList.remove("chosen"));
    marker.getElement().classList.add("chosen");
}
function middleMark(p, r, v) {
    const ring = edit.rings[p][r], a = ring[v], b = ring[(v + 1) % ring.length];
    const marker = L.marker([(a.lat + b.lat) / 2, (a.lng + b.lng) / 2], { draggable: true, keyboard: false,
        icon: L.divIcon({ className: "wb-vertex middle", iconSize: [10, 10] }) }).addTo(desk.ui.map);
    let added = false;
    const add = () => { if (!added) { added = true; ring.splice(v + 1, 0, marker.getLatLng()); } };
    marker.on("dragstart", add);
    marker.on("drag", () => { ring[v + 1] = marker.getLatLng(); redraw(); });
    marker.on("dragend", () => { edit.selected = [p, r, v + 1]; drawMarks(); drawPanel(); });
    marker.on("click", event => { L.DomEvent.stop(event); if (!added) { add(); edit.selected = [p, r, v + 1]; redraw(); drawMarks(); drawPanel(); } });
    return marker;
}
function redraw() { edit.dirty = true; edit.layer.setLatLngs(edit.rings); }
function removeVertex(p, r, v) {
    const ring = edit.rings[p][r];
    if (ring.length <= MIN_VERTICES) { say("一圈至少要有三个顶点。", true); return; }
    ring.splice(v, 1);
    edit.selected = null;
    redraw(); drawMarks(); drawPanel();
}
function removeSelected() {
    if (desk.mode === "edit" && edit.selected) { removeVertex(...edit.selected); }
    else if (desk.mode === "edit") { say("先点一个顶点，再按删除键。", true); }
}

function crosses(ring) {
    const turn = (a, b, c) => (b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng);
    const n = ring.length;
    for (let i = 0; i < n; i++) {
        for (let j = i + 2; j < n; j++) {
            if (i === 0 && j === n - 1) { continue; }
            const a = ring[i], b = ring[i + 1], c = ring[j], d = ring[(j + 1) % n];
            if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) { return true; }
        }
    }
    return false;
}
const closed = ring => [...ring, ring[0]].map(p => [Number(p.lng.toFixed(7)), Number(p.lat.toFixed(7))]);
function shapeDrawn() {
    if (desk.mode === "draw") { return [[edit.trail]]; }
    return edit.rings;
}
function save() {
    const shape = shapeDrawn();
    if (desk.mode === "draw" && edit.trail.length < MIN_VERTICES) { say("至少点三个顶点，再按回车保存。", true); return; }
    if (desk.mode === "edit" && !edit.dirty) { say("没有改动。拖动顶点，或按 Esc 返回。", true); return; }
    if (shape.some(polygon => polygon.some(crosses))) { say("图形自己相交了，请移开交叉的顶点再保存。", true); return; }
    const what = { do: "draw", shape: shape.map(polygon => polygon.map(closed)), mark: sceneNow().mark };
    withReason("drawn", what);
}
function saveGate(at) {
    const what = { do: "gate", gate_id: sceneNow().gate_id, at: [Number(at.lng.toFixed(7)), Number(at.lat.toFixed(7))] };
    if (!decide(what)) { return; }
    const scene = sceneNow();
    scene.gate = what.at;
    setMode("view");
    say("正在保存出入口……");
    showCurrent();
    tell();
}
