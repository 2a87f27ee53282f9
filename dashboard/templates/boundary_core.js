// The boundary page in the browser: what it knows, what it tells the server, what the server answers.
// All parts are joined into one module, which both components (list and desk) share.
const ROW_STATES = { look: "待看", cannot: "无法成图", accepted: "已接受", none: "未推算" };
const AHEAD = 4;
const desk = {
    rows: [], byId: new Map(), shown: [], filter: { state: "look", search: "" }, list: null, listVersion: null,
    scenes: new Map(), fresh: new Map(), epoch: null, current: null, choice: 0, mode: "view", form: null,
    queue: [], seq: 0, told: 0, known: 0, skipped: new Set(), notice: null, mayWrite: false, undo: "", ui: null, send: null, start: null,
    waiting: null, timer: 0
};

function confidence(value) { return value === null || value === undefined ? "—" : value.toFixed(2); }

function sceneNow() { return desk.scenes.get(desk.current) || null; }
function rowNow() { return desk.byId.get(desk.current) || null; }

// ---- the list: filter, order, place ----
function refilter() {
    const { state, search } = desk.filter;
    desk.shown = desk.rows.filter(row =>
        (!state || row.state === state || row.id === desk.current) && (!search || (row.name + row.place).includes(search)));
    drawList();
}
function counts() {
    const found = { look: 0, cannot: 0, accepted: 0, none: 0 };
    for (const row of desk.rows) { found[row.state] += 1; }
    return found;
}
function mark(id, state, sure) {
    const row = desk.byId.get(id);
    if (row) { row.state = state; row.sure = sure; }
}
function place() { return desk.shown.findIndex(row => row.id === desk.current); }
function neighbour(step) {
    const at = place();
    if (at < 0) { return desk.shown[0] || null; }
    return desk.shown[at + step] || null;
}
function go(id) {
    if (!desk.byId.has(id)) { return; }
    desk.current = id;
    desk.choice = 0;
    desk.form = null;
    setMode("view");
    refilter();
    showCurrent();
    tell();
}
function step(by) {
    const to = neighbour(by);
    if (to) { go(to.id); return true; }
    return false;
}
// After a decision the next estate comes by itself; the one that was left drops out of the filtered list.
function advance() {
    const next = neighbour(1) || neighbour(-1);
    if (next && next.id !== desk.current) { go(next.id); return; }
    refilter(); showCurrent(); tell();
}

// ---- what the server is told: decisions until it has acknowledged them, and which estates come next ----
function wanted() {
    const at = Math.max(place(), 0);
    const near = desk.shown.slice(at, at + 1 + AHEAD).map(row => row.id);
    return [desk.current, ...near].filter((id, i, all) => id && all.indexOf(id) === i && !desk.scenes.has(id));
}
function tell() {
    clearTimeout(desk.timer);
    desk.timer = setTimeout(() => {
        if (desk.send) { desk.send({ queue: desk.queue, want: wanted(), at: desk.current, told: desk.told, known: desk.known, tab: tabMark(), n: Date.now() }); }
    }, 0);
}
function decide(what) {
    if (!desk.mayWrite) { say("只能查看：您的角色不能修改边界。", true); return false; }
    desk.seq += 1;
    desk.queue.push({ seq: desk.seq, estate_id: desk.current, reason: "", ...what });
    return true;
}
function say(text, bad, estate) { desk.notice = { text, bad: !!bad, estate: estate || null }; drawNotice(); }

function receive(data) {
    if (desk.epoch !== data.epoch) { desk.scenes.clear(); desk.fresh.clear(); desk.epoch = data.epoch; }
    desk.mayWrite = data.may_write;
    desk.undo = data.undo;
    desk.seq = Math.max(desk.seq, data.done);
    desk.queue = desk.queue.filter(item => item.seq > data.done);
    for (const item of data.changed) {
        if (item.no <= desk.known) { continue; }
        desk.known = item.no;
        desk.scenes.delete(item.id);
        mark(item.id, item.state, item.sure);
        if (item.shape === undefined) { desk.scenes.clear(); } else { desk.fresh.set(item.id, item); }
    }
    let jump = null;
    for (const answer of data.answers) {
        if (answer.seq <= desk.told) { continue; }
        desk.told = answer.seq;
        if (!desk.queue.some(item => item.estate_id === answer.estate_id)) { mark(answer.estate_id, answer.state, answer.sure); }
        say(answer.text, !answer.ok, answer.estate_id);
        if (answer.go) { jump = answer.go; }
    }
    for (const [id, scene] of Object.entries(data.scenes)) { desk.scenes.set(id, scene); }
    if (jump && desk.byId.has(jump) && jump !== desk.current) {
        desk.current = jump; desk.choice = 0; desk.form = null; setMode("view");
    }
    desk.start = data.at;
    arrange();
}
// Once list and desk are both there: choose where to begin.
function arrange() {
    if (desk.list && desk.rows.length && desk.byId.has(desk.start) && !desk.byId.has(desk.current)) {
        desk.current = desk.start;
    } else if (desk.list && desk.rows.length && !desk.byId.has(desk.current)) {
        const first = desk.rows.find(row => row.state === "look");
        desk.filter.state = first ? "look" : "";
        desk.current = (first || desk.rows[0]).id;
    } else if (rowNow() && desk.filter.state && desk.shown.length === 0 && rowNow().state !== desk.filter.state) {
        desk.filter.state = "";
    }
    refilter();
    showCurrent();
    if (desk.current && wanted().length) { tell(); }
}
function showCurrent() {
    if (!desk.ui) { return; }
    drawScene();
    drawPanel();
    const root = desk.ui.root;
    root.dataset.estate = desk.current || "";
    root.dataset.ready = sceneNow() && desk.ui.map ? "yes" : "no";
    root.dataset.pending = String(desk.queue.length);
    root.dataset.told = String(desk.told);
}
