// The list of estates: a virtual table, so that 10,000 rows cost what 20 do.
const ROW_HEIGHT = 46;

function mountList(parent, data) {
    if (!parent.querySelector(".wb-list")) {
        const search = h("input", { type: "search", placeholder: "搜索小区、街道、社区", "aria-label": "搜索小区",
            oninput: event => { desk.filter.search = event.target.value.trim(); refilter(); tell(); } });
        const chips = h("div", { class: "wb-chips", role: "group", "aria-label": "按状态筛选" });
        const inner = h("div", { class: "wb-rows" });
        const scroll = h("div", { class: "wb-scroll", role: "listbox", "aria-label": "小区", tabindex: "0",
            onscroll: () => drawRows() }, inner);
        const empty = h("div", { class: "wb-none" });
        parent.append(h("div", { class: "wb-list" }, chips, search, empty, scroll));
        desk.list = { chips, search, inner, scroll, empty, watch: new ResizeObserver(() => drawRows()) };
        desk.list.watch.observe(scroll);
    }
    if (desk.listVersion !== data.version || !desk.rows.length) {
        desk.listVersion = data.version;
        desk.rows = data.rows.map(r => ({ id: r[0], name: r[1], place: r[2], households: r[3], state: r[4], sure: r[5] }));
        desk.byId = new Map(desk.rows.map(row => [row.id, row]));
        desk.known = Math.max(desk.known, data.as_of);
    }
    arrange();
}
function drawList() {
    const list = desk.list;
    if (!list) { return; }
    const found = counts();
    const chip = (state, words, n) => h("button", {
        type: "button", class: "wb-chip", "aria-pressed": String(desk.filter.state === state), "data-state": state || "all",
        onclick: event => { event.currentTarget.blur(); desk.filter.state = state; jumpIn(); }
    }, words, h("b", {}, number(n)));
    list.chips.replaceChildren(...Object.entries(ROW_STATES).map(([state, words]) => chip(state, words, found[state])),
        chip("", "全部", desk.rows.length));
    list.empty.textContent = desk.shown.length ? "" : desk.filter.search ? "没有符合搜索的小区。" :
        desk.filter.state === "look" ? "没有待看的小区了。可看“无法成图”，或换一个街道。" : "没有这种状态的小区。";
    list.empty.hidden = desk.shown.length > 0;
    list.inner.style.height = desk.shown.length * ROW_HEIGHT + "px";
    const at = place();
    if (at >= 0 && list.followed !== desk.current) {
        const top = at * ROW_HEIGHT, box = list.scroll;
        if (top < box.scrollTop || top + 2 * ROW_HEIGHT > box.scrollTop + box.clientHeight) {
            box.scrollTop = Math.max(0, top - 2 * ROW_HEIGHT);
        }
        list.followed = desk.current;
    }
    drawRows();
}
// Another filter: stay where one is if that estate is in it, else go to its first.
function jumpIn() {
    const state = desk.filter.state;
    if (rowNow() && (!state || rowNow().state === state)) { refilter(); tell(); return; }
    const first = desk.rows.find(row => (!state || row.state === state) &&
        (!desk.filter.search || (row.name + row.place).includes(desk.filter.search)));
    if (first) { go(first.id); } else { desk.current = null; refilter(); showCurrent(); }
}
function drawRows() {
    const list = desk.list, box = list.scroll;
    const first = Math.max(0, Math.floor(box.scrollTop / ROW_HEIGHT) - 4);
    const last = Math.min(desk.shown.length, Math.ceil((box.scrollTop + (box.clientHeight || 400)) / ROW_HEIGHT) + 4);
    list.inner.replaceChildren(...desk.shown.slice(first, last).map((row, i) => h("div", {
        class: "wb-row" + (desk.skipped.has(row.id) ? " skipped" : ""), role: "option", "data-id": row.id,
        "aria-selected": String(row.id === desk.current), style: `top:${(first + i) * ROW_HEIGHT}px`,
        onclick: () => { if (leaveEdit()) { go(row.id); } }
    },
    h("div", { class: "name", title: row.name }, row.name),
    h("div", { class: "sure " + row.state }, row.state === "look" ? confidence(row.sure) : ROW_STATES[row.state]),
    h("div", { class: "where", title: row.place }, row.place),
    h("div", { class: "homes" }, desk.skipped.has(row.id) && row.state === "look" ? "已跳过" :
        row.households === null ? "户数未填" : number(row.households) + "户"))));
}
