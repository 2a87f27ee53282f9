// Keys, and the start of both components.
function onKey(event) {
    const ui = desk.ui;
    if (!ui || !ui.root.isConnected || event.isComposing || event.altKey || event.defaultPrevented) { return; }
    if (typing(event.target) || document.querySelector("[role=dialog], [data-testid=stPopoverBody]")) { return; }
    const control = event.ctrlKey || event.metaKey;
    if (control && !/^[zy]$/i.test(event.key)) { return; }
    // A focused button elsewhere on the page keeps its own Enter.
    const focused = document.activeElement;
    if (event.key === "Enter" && focused && focused.tagName === "BUTTON" && !ui.root.contains(focused)) { return; }
    const viewing = desk.mode === "view";
    const keys = {
        enter: accept, escape: () => { if (desk.form) { desk.form = null; drawPanel(); } else if (!viewing) { cancelEdit(); } },
        z: event.shiftKey ? redo : undo, y: redo, delete: removeSelected, backspace: desk.mode === "draw" ? dropLast : removeSelected
    };
    if (viewing) {
        Object.assign(keys, {
            1: () => choose(0), 2: () => choose(1), 3: () => choose(2), d: startDraw, e: startEdit, g: startGate, s: skip,
            j: () => step(1), arrowdown: () => step(1), arrowright: () => step(1),
            k: () => step(-1), arrowup: () => step(-1), arrowleft: () => step(-1)
        });
        delete keys.delete;
        delete keys.backspace;
    }
    const act = keys[event.key.toLowerCase()];
    if (!act) { return; }
    event.preventDefault();
    act();
}
// Something is not saved yet: the browser asks before it leaves.
function onLeave(event) {
    if (desk.queue.length || edit.dirty || edit.trail.length || desk.form) { event.preventDefault(); event.returnValue = ""; }
}
function mountDesk(parent, data) {
    let root = parent.querySelector(".wb-desk");
    if (!root) {
        const map = h("div", { class: "wb-map" }), veil = h("div", { class: "wb-veil", hidden: true }, "正在取图……");
        const body = h("div", { class: "wb-body" }), actions = h("div", { class: "wb-actions", role: "toolbar", "aria-label": "操作" });
        const notice = h("div", { class: "wb-notice", role: "status", "aria-live": "polite" });
        root = h("div", { class: "wb-desk", "data-mode": "view" }, h("div", { class: "wb-ground" }, map, veil),
            h("div", { class: "wb-panel" }, data.may_write ? null : h("p", { class: "wb-warn" }, data.refusal), body, notice, actions));
        parent.append(root);
        desk.mode = "view";
        desk.form = null;
        desk.notice = null;
        desk.current = null;
        desk.greeted = false;
        desk.ui = { root, body, actions, notice, veil, map: null, drawn: null, sides: data.sides, sources: data.sources,
            wayStyles: data.way_styles, footer: data.footer, historyOpen: false };
        const ui = desk.ui;
        window.addEventListener("keydown", onKey);
        window.addEventListener("beforeunload", onLeave);
        leaflet().then(() => { if (desk.ui === ui) { ui.map = makeMap(map); showCurrent(); } },
            () => { veil.hidden = false; veil.textContent = "地图程序没有取到，请刷新页面；仍不行请联系管理员。"; });
    }
    receive(data);
    if (!desk.greeted) { desk.greeted = true; tell(); }
    return () => {
        window.removeEventListener("keydown", onKey);
        window.removeEventListener("beforeunload", onLeave);
        clearEdit();
        if (desk.ui && desk.ui.root === root) {
            if (desk.ui.map) { desk.ui.watch.disconnect(); desk.ui.map.remove(); }
            desk.ui = null;
            desk.send = null;
        }
    };
}
export default function (component) {
    if (component.name.endsWith("list")) {
        mountList(component.parentElement, component.data);
        return () => { if (desk.list) { desk.list.watch.disconnect(); desk.list = null; desk.rows = []; desk.byId = new Map(); } };
    }
    desk.send = ask => component.setStateValue("ask", ask);
    return mountDesk(component.parentElement, component.data);
}
