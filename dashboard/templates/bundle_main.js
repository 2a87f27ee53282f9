// Keys, and the start of the three components.
function onKey(event) {
    const ui = desk.ui;
    if (!ui || !ui.root.isConnected || event.isComposing || event.altKey || event.defaultPrevented) { return; }
    if (typing(event.target) || document.querySelector("[role=dialog], [data-testid=stPopoverBody]")) { return; }
    const control = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (control && !/^[zy]$/.test(key)) { return; }
    const focused = document.activeElement;
    if (key === "enter" && focused && focused.tagName === "BUTTON" && !ui.root.contains(focused)) { return; }
    const keys = control ? { z: event.shiftKey ? redo : undo, y: redo } : {
        enter: desk.preview ? accept : null, escape: desk.aim ? stopAiming : desk.preview ? discard : clearChoice,
        arrowdown: () => step(1), arrowup: () => step(-1), j: () => step(1), k: () => step(-1)
    };
    if (!keys[key]) { return; }
    event.preventDefault();
    keys[key]();
}
// A change that is tried out and not yet decided: the browser asks before it leaves.
function onLeave(event) { if (desk.queue.length || desk.preview) { event.preventDefault(); event.returnValue = ""; } }
// Where an estate is on the screen, in pixels of the window; null where it is not in view.
function spotOf(id) {
    const row = desk.ground && desk.ground.byId.get(id), map = desk.ui && desk.ui.map;
    if (row === undefined || !map || !placed(row) || !map.getBounds().contains(at(row))) { return null; }
    const point = map.latLngToContainerPoint(at(row)), box = map.getContainer().getBoundingClientRect();
    return [box.left + point.x, box.top + point.y];
}
// The part of the map that was in view before the component was taken down.
function showAgain(ui) {
    if (!desk.seen || !(performance.now() - desk.left < 10000)) { return; }
    ui.map.setView(desk.seen.center, desk.seen.zoom, { animate: false });
    ui.fitted = desk.seen.fitted;
}
function mountDesk(parent, data) {
    let root = parent.querySelector(".wp-desk");
    if (!root) {
        const map = h("div", { class: "wb-map" }), veil = h("div", { class: "wb-veil" }, "正在取图……");
        const summary = h("div", { class: "wp-summary" }), tabs = h("div", { class: "wb-chips", role: "tablist", "aria-label": "列表" });
        const search = h("input", { type: "search", placeholder: "搜索小区、街道、原因", "aria-label": "搜索", oninput: event => { desk.search = event.target.value.trim(); drawTable(); } });
        const heads = h("div", { class: "wp-heads" }), inner = h("div", { class: "wb-rows" }), none = h("div", { class: "wb-none" });
        const scroll = h("div", { class: "wb-scroll", role: "table", tabindex: "0", onscroll: () => drawRows() }, none, inner);
        const list = h("div", { class: "wp-list" }, h("div", { class: "wp-bar" }, tabs, search), heads, scroll);
        const body = h("div", { class: "wb-body" }), notice = h("div", { class: "wb-notice", role: "status", "aria-live": "polite" });
        const actions = h("div", { class: "wb-actions wp-hands", role: "toolbar", "aria-label": "人工调整" });
        root = h("div", { class: "wb-desk wp-desk" }, summary, h("div", { class: "wb-ground" }, map, veil),
            h("div", { class: "wp-side" }, list, h("div", { class: "wb-panel" }, data.may_write ? null : h("p", { class: "wb-warn" }, data.refusal), body, notice, actions)));
        root.spotOf = spotOf;
        parent.append(root);
        // Streamlit may take the component down and put it up again at once: then everything goes on as it was.
        if (!(performance.now() - desk.left < 3000)) {
            Object.assign(desk, { answer: null, notice: null, aim: null, queue: [], picked: new Set(), turn: null, search: "" });
        }
        desk.ui = { root, summary, tabs, heads, inner, none, scroll, list, body, notice, actions, veil, map: null };
        const ui = desk.ui;
        ui.sizes = new ResizeObserver(() => { if (desk.ui === ui && desk.shown) { drawRows(); } });
        ui.sizes.observe(scroll);
        window.addEventListener("keydown", onKey);
        window.addEventListener("beforeunload", onLeave);
        leaflet().then(() => { if (desk.ui === ui) { ui.map = makeMap(map); veil.hidden = true; showAgain(ui); draw(); } },
            () => { veil.hidden = false; veil.textContent = "地图程序没有取到，请刷新页面；仍不行请联系管理员。"; });
    }
    receive(data);
    return () => {
        window.removeEventListener("keydown", onKey);
        window.removeEventListener("beforeunload", onLeave);
        if (desk.ui && desk.ui.root === root) {
            clearTimeout(desk.again);
            desk.ui.sizes.disconnect();
            if (desk.ui.map) { desk.seen = { center: desk.ui.map.getCenter(), zoom: desk.ui.map.getZoom(), fitted: desk.ui.fitted }; desk.ui.watch.disconnect(); desk.ui.map.remove(); }
            desk.ui = null;
            desk.send = null;
            desk.left = performance.now();
            root.remove();
        }
    };
}
export default function (component) {
    if (component.name.endsWith("ground")) { receiveGround(component.data); return undefined; }
    if (component.name.endsWith("plan")) { receivePlan(component.data); return undefined; }
    desk.send = ask => component.setStateValue("ask", ask);
    return mountDesk(component.parentElement, component.data);
}
