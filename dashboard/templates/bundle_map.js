// The map: hulls and members on one canvas, so that 3,000 estates cost what 30 do; the chosen ones drawn above them.
const WAY_STYLES = {
    water: { fill: true, stroke: false, fillColor: "#C9DDEB", fillOpacity: 1 }, river: { color: "#C9DDEB", weight: 4 },
    minor: { color: "#E6E9ED", weight: 1.2 }, secondary: { color: "#D5D9DE", weight: 1.6 }, primary: { color: "#D5D9DE", weight: 2.4 },
    trunk: { color: "#D5D9DE", weight: 3 }, motorway: { color: "#D5D9DE", weight: 3 },
    railway: { color: "#A9B2BC", weight: 1.4, dashArray: "6 4" }
};
const ORDER = ["water", "river", "minor", "secondary", "primary", "trunk", "motorway", "railway"];
const BARRIER = { color: "#B5483A", weight: 2, opacity: 0.8, dashArray: "3 4" };
const MOST_LINKS = 8000;

function makeMap(box) {
    const { map, ...parts } = groundMap(box, { preferCanvas: true });
    Object.assign(desk.ui, parts, { map });
    desk.ui.legend.classList.add("switches");
    desk.ui.canvas = L.canvas({ padding: 0.3, tolerance: 4 });
    desk.ui.Mark = markClass();
    for (const name of ["lines", "links", "hulls", "context", "points", "chosen", "numbers"]) { desk.ui[name] = L.layerGroup().addTo(map); }
    const tools = L.control({ position: "topleft" });
    tools.onAdd = () => { desk.ui.tools = L.DomUtil.create("div", "wp-tools"); L.DomEvent.disableClickPropagation(desk.ui.tools); return desk.ui.tools; };
    tools.addTo(map);
    // A button that was replaced by its own click is no longer inside the box: Leaflet would take it for a click on the map.
    for (const box of [desk.ui.tools, desk.ui.legend]) { box.addEventListener("click", event => event.stopPropagation()); }
    map.on("click", () => { if (!desk.aim && !desk.preview) { clearChoice(); } });
    map.on("moveend", () => { drawNumbers(); if (desk.links === "view") { drawLinks(); } });
    map.on("zoomend", () => { if (markScale() !== desk.ui.scale) { desk.ui.drawnPlan = null; drawMap(); } });
    return map;
}
function drawMap() {
    if (!desk.ui.map) { return; }
    drawGround();
    const key = [desk.planVersion, desk.preview ? desk.preview.number : 0, desk.colour, desk.answer.unit].join("/");
    if (desk.ui.drawnPlan !== key) { desk.ui.drawnPlan = key; drawProposal(); }
    drawChosen();
    drawNumbers();
    drawLinks();
    drawLegend();
    drawTools();
    desk.ui.map.getContainer().classList.toggle("aiming", !!desk.aim);
    const view = JSON.stringify(desk.answer.view);
    if (desk.ui.fitted !== view) { desk.ui.fitted = view; fitTo(desk.answer.view); if (desk.bundle || desk.estate) { bringIntoView(); } }
}
function fitTo(view) {
    if (!view) { return; }
    const size = desk.ui.map.getSize();
    if (size.x < 50 || size.y < 50) { desk.ui.map.invalidateSize(false); setTimeout(() => { if (desk.ui) { fitTo(view); } }, 80); return; }
    desk.ui.map.fitBounds([[view[1], view[0]], [view[3], view[2]]], { padding: [14, 14], animate: false });
}
function drawGround() {
    const ui = desk.ui, key = desk.groundVersion + "/" + desk.plan.barriers.join();
    if (ui.drawnGround === key) { return; }
    ui.drawnGround = key;
    ui.lines.clearLayers();
    ui.foot.textContent = desk.answer.footer;
    const ways = desk.ground.ways, back = { renderer: ui.ground, pane: "back", interactive: false };
    const names = Object.keys(ways).sort((a, b) => ORDER.indexOf(a.replace("_link", "")) - ORDER.indexOf(b.replace("_link", "")));
    for (const name of names) {
        const style = WAY_STYLES[name.replace("_link", "")] || WAY_STYLES.minor;
        if (style.fill) { for (const part of ways[name]) { ui.lines.addLayer(L.polygon(part.map(unstep), { ...style, ...back })); } }
        else { ui.lines.addLayer(L.polyline(ways[name].flat().map(unstep), { ...style, ...back })); }
    }
    ui.barriers = L.layerGroup();
    for (const name of desk.plan.barriers) {
        if (ways[name]) { ui.barriers.addLayer(L.polyline(ways[name].flat().map(unstep), { ...BARRIER, ...back })); }
    }
    if (!desk.hidden.has("barriers")) { ui.lines.addLayer(ui.barriers); }
}
// Marks shrink where a whole city is in view, so that they do not cover one another.
function markScale() { const zoom = desk.ui.map.getZoom(); return zoom < 12 ? 0.4 : zoom < 13.5 ? 0.65 : 1; }
// The numbers of the bundles in view, where there is room for them.
function drawNumbers() {
    const ui = desk.ui;
    ui.numbers.clearLayers();
    if (!desk.shown || ui.map.getZoom() < 13.5 || desk.hidden.has("bundles")) { return; }
    const view = ui.map.getBounds();
    for (const bundle of desk.shown.bundles) {
        if (!placed(bundle.medoid) || !view.contains(at(bundle.medoid))) { continue; }
        const html = document.createElement("span");
        html.textContent = bundle.label.replace(desk.plan.words.unit, "");
        ui.numbers.addLayer(L.marker(at(bundle.medoid), { interactive: false, keyboard: false, icon: L.divIcon({ className: "wb-label wp-number", html, iconSize: [0, 0] }) }));
    }
}
function fillOf(bundle) { return desk.colour === "bundle" ? desk.plan.colors[bundle.color] : STATE_COLOURS[bundle.state]; }
function hullStyle(bundle, strong) {
    const color = fillOf(bundle), ui = desk.ui;
    let fill = color, opacity = strong ? 0.42 : 0.22;
    if (desk.colour === "state" && bundle.consent) {
        ui.hatch = ui.hatch || {};
        fill = ui.hatch[color] = ui.hatch[color] || document.createElement("canvas").getContext("2d").createPattern(hatchPattern("diagonal", color), "repeat");
        opacity = strong ? 1 : 0.75;
    }
    return { color, weight: strong ? 4 : 1.6, fillColor: fill, fillOpacity: opacity, dashArray: bundle.state === "hand" ? "7 4" : null, renderer: ui.canvas };
}
function drawProposal() {
    const ui = desk.ui, { shown, ground } = desk, Mark = ui.Mark;
    const scale = ui.scale = markScale();
    for (const name of ["hulls", "context", "points"]) { ui[name].clearLayers(); }
    if (!desk.hidden.has("context")) {
        for (let row = 0; row < ground.id.length; row++) {
            if (!placed(row) || shown.place.has(row)) { continue; }
            ui.context.addLayer(named(new Mark(at(row), { radius: 2.5 * scale, stroke: false, fillColor: ground.state[row] === "失管" || ground.state[row] === "无物管" ? "#9AA5B1" : "#8CC5BE",
                fillOpacity: 0.75, renderer: ui.canvas }), row));
        }
    }
    if (!desk.hidden.has("bundles")) {
        for (const bundle of shown.bundles) {
            const hull = L.polygon(bundle.hull.map(unstep), { ...hullStyle(bundle, false), bubblingMouseEvents: false });
            hull.bindTooltip(() => `${bundle.label}　${bundle.members.length}个小区　${number(bundle.homes)}户`, { sticky: true });
            hull.on("click", event => { L.DomEvent.stop(event); chooseBundle(bundle); });
            ui.hulls.addLayer(hull);
        }
    }
    // Above the hulls, so that an estate inside one can be clicked; below the members.
    const others = [["alone", shown.alone, ALONE, "diamond", 5], ["fallback", shown.fallback, LEFT, "square", 4]];
    for (const [key, list, color, shape, radius] of others) {
        if (desk.hidden.has(key)) { continue; }
        for (const one of list) {
            if (!placed(one[0])) { continue; }
            ui.points.addLayer(named(new Mark(at(one[0]), { radius: radius * scale, shape, color: "#FFFFFF", weight: 0.8 * scale, fillColor: color, fillOpacity: 0.95, renderer: ui.canvas }), one[0]));
        }
    }
    if (!desk.hidden.has("bundles")) {
        for (const bundle of shown.bundles) {
            for (const row of bundle.members) {
                if (!placed(row)) { continue; }
                const anchor = row === bundle.anchor;
                ui.points.addLayer(named(new Mark(at(row), { radius: (anchor ? 6 : 4.2) * Math.max(scale, 0.6), shape: anchor ? "triangle" : "circle",
                    color: "#FFFFFF", weight: 0.8 * scale, fillColor: anchor ? "#2F7F79" : fillOf(bundle), fillOpacity: 0.95, renderer: ui.canvas }), row));
            }
            if (placed(bundle.medoid)) {
                ui.points.addLayer(new Mark(at(bundle.medoid), { radius: 2 + 5.5 * scale, color: "#1F2933", weight: scale < 1 ? 1 : 1.6, fill: false, interactive: false, renderer: ui.canvas }));
            }
        }
    }
}
function named(mark, row) {
    mark.options.bubblingMouseEvents = false;
    mark.bindTooltip(() => {
        const spot = placeOf(row);
        const where = !spot ? desk.ground.state[row] : spot.kind === "bundle" ? spot.bundle.label : spot.kind === "alone" ? desk.plan.words.alone : desk.plan.words.left + "：" + spot.words;
        return h("span", {}, `${nameOf(row)}　${homesOf(row)}　${where}`);
    }, { sticky: true });
    mark.on("click", event => {
        L.DomEvent.stop(event);
        const key = event.originalEvent;
        chooseRow(row, key.shiftKey || key.ctrlKey || key.metaKey || desk.many);
    });
    return mark;
}
function drawChosen() {
    const ui = desk.ui, bundle = bundleNow(), above = { interactive: false, renderer: ui.canvas };
    ui.chosen.clearLayers();
    if (bundle) {
        ui.chosen.addLayer(L.polygon(bundle.hull.map(unstep), { ...hullStyle(bundle, true), ...above, color: "#1F2933", weight: 3, fillOpacity: 0.1 }));
        for (const row of bundle.members) {
            if (placed(row) && placed(bundle.medoid) && row !== bundle.medoid) {
                ui.chosen.addLayer(L.polyline([at(row), at(bundle.medoid)], { color: "#1F2933", weight: 1, opacity: 0.7, ...above }));
            }
        }
    }
    for (const row of desk.shown.changed) {
        if (placed(row)) { ui.chosen.addLayer(L.circleMarker(at(row), { radius: 10, color: CHANGED, weight: 2.5, dashArray: "4 3", fill: false, ...above })); }
    }
    const row = rowNow();
    if (row !== null && placed(row)) { ui.chosen.addLayer(L.circleMarker(at(row), { radius: 9, color: "#1F2933", weight: 3, fill: false, ...above })); }
    for (const one of desk.picked) {
        if (placed(one)) { ui.chosen.addLayer(L.circleMarker(at(one), { radius: 9, color: "#FFFFFF", weight: 5, fill: false, ...above }));
            ui.chosen.addLayer(L.circleMarker(at(one), { radius: 9, color: "#1F4E79", weight: 3, fill: false, ...above })); }
    }
    const note = row === null ? null : noteOf("e:" + desk.estate);
    if (note) {
        for (const [other] of note.near) {
            if (placed(other) && placed(row)) { ui.chosen.addLayer(L.polyline([at(row), at(other)], { color: "#8F2D29", weight: 1.2, dashArray: "2 4", ...above })); }
        }
    }
}
function drawLinks() {
    const ui = desk.ui;
    ui.links.clearLayers();
    if (desk.links === "off" || !desk.linkRows) { return; }
    const { i, j } = desk.linkRows, bundle = bundleNow(), row = rowNow();
    const chosen = new Set(row !== null ? [row] : bundle ? bundle.members : []), view = ui.map.getBounds(), lines = [];
    for (let k = 0; k < i.length && lines.length < MOST_LINKS; k++) {
        const a = i[k], b = j[k];
        if (!placed(a) || !placed(b)) { continue; }
        if (desk.links === "chosen" ? chosen.has(a) || chosen.has(b) : view.contains(at(a)) || view.contains(at(b))) { lines.push([at(a), at(b)]); }
    }
    ui.links.addLayer(L.polyline(lines, { color: "#0072B2", weight: 1, opacity: 0.65, interactive: false, renderer: ui.ground, pane: "back" }));
    ui.root.dataset.links = String(lines.length);
}
function bringIntoView() {
    const bundle = bundleNow(), row = rowNow(), map = desk.ui && desk.ui.map;
    if (!map) { return; }
    if (bundle) {
        const bounds = L.latLngBounds(bundle.hull.flatMap(unstep));
        if (!bounds.isValid()) { return; }
        if (!map.getBounds().contains(bounds) || map.getZoom() < 13) { map.fitBounds(bounds.pad(0.6), { animate: false, maxZoom: 17 }); }
    } else if (row !== null && placed(row)) {
        if (!map.getBounds().contains(at(row)) || map.getZoom() < 14) { map.setView(at(row), Math.max(map.getZoom(), 15.5), { animate: false }); }
    }
}
// What a tried-out change moves comes into view, if it is not there.
function showChange() {
    const map = desk.ui && desk.ui.map;
    if (!map || !desk.preview || !desk.preview.bundles.length) { return; }
    const bounds = L.latLngBounds(desk.preview.bundles.flatMap(bundle => bundle.hull.flatMap(unstep)));
    for (const row of desk.shown.changed) { if (placed(row)) { bounds.extend(at(row)); } }
    if (bounds.isValid() && !map.getBounds().contains(bounds)) { map.fitBounds(bounds.pad(0.15), { animate: false, maxZoom: 17 }); }
}
function drawTools() {
    const choice = (now, value, words, press) => h("button", { type: "button", class: "wp-tool", "aria-pressed": String(now === value), onclick: press }, words);
    desk.ui.tools.replaceChildren(
        h("div", { role: "group", "aria-label": "着色" }, h("span", {}, "着色"),
            ...[["bundle", "按单元"], ["state", "按状态"]].map(([value, words]) => choice(desk.colour, value, words, () => { desk.colour = value; draw(); }))),
        h("div", { role: "group", "aria-label": "连线" }, h("span", {}, "可同包连线"),
            ...[["off", "不画"], ["chosen", "所选"], ["view", "视野"]].map(([value, words]) => choice(desk.links, value, words, () => { desk.links = value; draw(); tell(); }))));
}
function drawLegend() {
    const { shown, ui } = desk, rows = [];
    const switched = (key, kind, words, count, color) => rows.push(h("label", {},
        h("input", { type: "checkbox", checked: !desk.hidden.has(key), onchange: event => {
            if (event.target.checked) { desk.hidden.delete(key); } else { desk.hidden.add(key); }
            ui.drawnPlan = ui.drawnGround = null; drawMap(); } }),
        h("i", { class: kind, style: color ? `--c:${color}` : null }), h("span", {}, words), count === null ? null : h("b", {}, number(count))));
    const plain = (kind, words, color) => rows.push(h("div", {}, h("i", { class: kind, style: color ? `--c:${color}` : null }), h("span", {}, words)));
    switched("bundles", "hull", desk.plan.words.unit, shown.bundles.length, desk.plan.colors[1]);
    if (desk.colour === "state") {
        for (const state of ["proven", "open", "hand"]) { plain("hull", STATES[state], STATE_COLOURS[state]); }
        plain("hull hatched", "有待征询小区", "#2F7F79");
    }
    if (shown.bundles.some(bundle => bundle.anchor === null)) { plain("ring", "中心小区"); }
    if (shown.bundles.some(bundle => bundle.anchor !== null)) { plain("up", "带动小区", "#2F7F79"); }
    switched("alone", "turn", desk.plan.words.alone, shown.alone.length, ALONE);
    switched("fallback", "box", desk.plan.words.left, shown.fallback.length, LEFT);
    switched("context", "small", "不参加打捆的小区", null, "#8CC5BE");
    switched("barriers", "line", "阻隔", null, BARRIER.color);
    if (desk.preview) { plain("ring dashed", "改动的小区", CHANGED); }
    const open = ui.legendOpen === undefined ? ui.map.getSize().x >= 480 : ui.legendOpen;
    ui.legend.replaceChildren(h("button", { type: "button", class: "wp-legend-title", "aria-expanded": String(open),
        onclick: () => { ui.legendOpen = !open; drawLegend(); } }, "图例"), ...(open ? rows : []));
}
