// What the pages with a map of their own share: a DOM builder, the tab's mark, Leaflet and the frame of a map.
// A small DOM builder: text is always text, never markup.
function h(tag, given, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(given || {})) {
        if (value === null || value === undefined || value === false) { continue; }
        if (key.startsWith("on")) { element.addEventListener(key.slice(2), value); }
        else if (key === "style") { element.style.cssText = value; }
        else { element.setAttribute(key, value === true ? "" : value); }
    }
    for (const child of children.flat()) {
        if (child !== null && child !== undefined && child !== false) { element.append(child); }
    }
    return element;
}
function number(value) { return Math.round(value).toLocaleString("en-US"); }
// The tab's own mark, kept over a reload: what was decided here, and nothing else, can be undone here.
let ownMark = null;
function tabMark() {
    if (ownMark) { return ownMark; }
    try { ownMark = sessionStorage.getItem("wuyetu-tab"); } catch { ownMark = null; }
    if (!/^[0-9a-f]{32}$/.test(ownMark || "")) {
        ownMark = [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
        try { sessionStorage.setItem("wuyetu-tab", ownMark); } catch { /* a browser that keeps nothing: undo ends with the page */ }
    }
    return ownMark;
}
function typing(target) {
    return !!target && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);
}
function button(words, key, act, given) {
    return h("button", { type: "button", ...given, onclick: event => { event.currentTarget.blur(); act(); } }, words,
        key ? h("kbd", {}, key) : null);
}

let leafletComing = null;
function leaflet() {
    if (window.L && window.L.map) { return Promise.resolve(); }
    if (leafletComing) { return leafletComing; }
    const base = location.href.split(/[?#]/)[0].replace(/\/+$/, "");
    const url = file => new URL("app/static/leaflet/" + file, base).href;
    leafletComing = new Promise((resolve, reject) => {
        document.head.append(h("link", { rel: "stylesheet", href: url("leaflet.css") }));
        document.head.append(h("script", { src: url("leaflet.js"), onload: resolve,
            onerror: () => { leafletComing = null; reject(new Error("leaflet")); } }));
    });
    return leafletComing;
}
function corner(map, position, fill) {
    const control = L.control({ position });
    control.onAdd = () => { const box = L.DomUtil.create("div"); fill(box); return box; };
    control.addTo(map);
}
// A map with scale, north, source line and an empty legend; "back" lies under everything and takes no clicks.
function groundMap(box, options) {
    const map = L.map(box, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5,
        wheelPxPerZoomLevel: 90, doubleClickZoom: false, keyboard: false, maxZoom: 20, fadeAnimation: false,
        zoomAnimation: false, ...options });
    map.setView([30, 110], 15);
    L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
    const scale = L.control.scale({ imperial: false, position: "bottomleft" });
    scale._updateMetric = function (most) {
        const metres = this._getRoundNum(most);
        this._updateScale(this._mScale, metres < 1000 ? metres + "米" : metres / 1000 + "公里", metres / most);
    };
    scale.addTo(map);
    const parts = { map };
    corner(map, "topright", box => { box.className = "wb-north"; box.append("北", h("br"), "▲"); });
    corner(map, "bottomleft", box => { box.className = "wb-foot"; parts.foot = box; });
    corner(map, "bottomright", box => { box.className = "wb-legend"; parts.legend = box; L.DomEvent.disableClickPropagation(box); });
    map.createPane("back").style.zIndex = 350;
    map.getPane("back").style.pointerEvents = "none";
    parts.ground = L.canvas({ pane: "back", padding: 0.4 });
    parts.watch = new ResizeObserver(() => map.invalidateSize(false));
    parts.watch.observe(box);
    return parts;
}
