// The bundles' page in the browser: what it knows, what is chosen, what the server is told and answers.
// All parts are joined into one module, which the three components (ground, plan, desk) share.
const desk = {
    ground: null, groundVersion: null, plan: null, planVersion: null, shown: null, preview: null, notes: new Map(),
    bundle: "", estate: "", picked: new Set(), aim: null, form: null, tab: "bundles", sort: null, search: "",
    colour: "bundle", links: "off", linkRows: null, hidden: new Set(), queue: [], seq: 0, told: 0, start: null, answer: null,
    notice: null, mayWrite: false, ui: null, send: null, timer: 0, again: 0, reminders: 0, inside: null, listed: []
};
const STATES = { proven: "已证明", open: "未证明", hand: "人工调整" };
const STATE_COLOURS = { proven: "#2F7F79", open: "#B7791F", hand: "#1F4E79" };
const ALONE = "#1F4E79", LEFT = "#52606D", CHANGED = "#C8443F";

// ---- figures in words ----
function kilometres(metres) { return metres < 1000 ? Math.round(metres) + "米" : (metres / 1000).toFixed(1) + "公里"; }
function yuan(value) {
    if (value === null || value === undefined) { return "—"; }
    const sign = value < 0 ? "−" : "+", size = Math.abs(value);
    return sign + (size >= 10000 ? (size / 10000).toFixed(1) + "万" : number(size)) + "元";
}
function signed(value, words) { return value === 0 ? "不变" : (value > 0 ? "+" : "−") + words(Math.abs(value)); }
function nameOf(row) { return row === null || row === undefined ? "（已不在台账）" : desk.ground.name[row]; }
function homesOf(row) { const value = desk.ground.homes[row]; return value === null ? "户数未填" : number(value) + "户"; }
function placed(row) { return row !== null && row !== undefined && desk.ground.lon[row] !== null && desk.ground.lat[row] !== null; }
function at(row) { return [desk.ground.lat[row] / 1e5, desk.ground.lon[row] / 1e5]; }

// ---- the proposal that is shown: the stored one, or with the preview laid over it ----
function compose() {
    const plan = desk.plan;
    if (!plan || !desk.ground) { desk.shown = null; return; }
    const preview = desk.preview, gone = new Set(preview ? preview.removed : []);
    const own = new Map(plan.bundles.map(bundle => [bundle.id, bundle.color]));
    const fresh = new Map((preview ? preview.bundles : []).map(bundle => [bundle.id, { ...bundle, color: own.has(bundle.id) ? own.get(bundle.id) : bundle.color }]));
    const bundles = plan.bundles.filter(bundle => !gone.has(bundle.id)).map(bundle => fresh.get(bundle.id) || bundle);
    const kept = new Set(bundles.map(bundle => bundle.id));
    for (const bundle of fresh.values()) { if (!kept.has(bundle.id)) { bundles.push(bundle); } }
    const alone = preview ? preview.alone : plan.alone, fallback = preview ? preview.fallback : plan.fallback;
    const place = new Map();
    for (const bundle of bundles) { for (const row of bundle.members) { place.set(row, { kind: "bundle", bundle }); } }
    for (const one of alone) { place.set(one[0], { kind: "alone", reason: one[1] }); }
    for (const one of fallback) { place.set(one[0], { kind: "fallback", words: one[1], reason: one[2], way: one[3] }); }
    desk.shown = { bundles, alone, fallback, place, byId: new Map(bundles.map(bundle => [bundle.id, bundle])),
        units: preview ? preview.units : plan.units, totals: preview ? preview.totals : plan.totals,
        changed: new Set(preview ? preview.changes.map(change => change[0]) : []) };
    if (desk.bundle && !desk.shown.byId.has(desk.bundle)) { desk.bundle = ""; }
    for (const row of [...desk.picked]) { if (!place.has(row)) { desk.picked.delete(row); } }
}
function bundleNow() { return desk.shown ? desk.shown.byId.get(desk.bundle) || null : null; }
function rowNow() { const row = desk.ground && desk.estate ? desk.ground.byId.get(desk.estate) : undefined; return row === undefined ? null : row; }
function placeOf(row) { return desk.shown ? desk.shown.place.get(row) || null : null; }
function within(row) { return !desk.inside || desk.inside.has(row); }

// ---- the selection: map, list and panel are one ----
function choose(bundle, row, given) {
    desk.reminders = 0;
    desk.bundle = bundle || "";
    desk.estate = row === null || row === undefined ? "" : desk.ground.id[row];
    if (!(given && given.keep)) { desk.picked = new Set(row === null || row === undefined ? [] : [row]); }
    if (desk.bundle) { desk.tab = "bundles"; } else if (row !== null && row !== undefined) {
        const spot = placeOf(row);
        if (spot && spot.kind !== "bundle") { desk.tab = spot.kind; }
    }
    desk.form = null;
    draw();
    if (given && given.show) { bringIntoView(); }
    tell();
}
function chooseRow(row, many, show) {
    const spot = placeOf(row);
    if (desk.aim) { aimAt(spot && spot.kind === "bundle" ? spot.bundle : null, row); return; }
    if (many) {
        if (!spot) { say("这个小区不参加打捆，不能选。", true); return; }
        if (desk.picked.has(row)) { desk.picked.delete(row); } else { desk.picked.add(row); }
        draw();
        return;
    }
    choose(spot && spot.kind === "bundle" ? spot.bundle.id : "", row, { show });
}
function chooseBundle(bundle, show) {
    if (desk.aim) { aimAt(bundle, null); return; }
    choose(bundle.id, null, { show });
}
function clearChoice() { choose("", null); }

// ---- what the server is told: acts until it has acknowledged them, the selection, the explanations that are wanted ----
function wanted() {
    const bundle = bundleNow(), row = rowNow(), spot = row === null ? null : placeOf(row), keys = [];
    if (bundle) { keys.push("b:" + bundle.id); }
    if (spot && spot.kind === "fallback") { keys.push("e:" + desk.estate); }
    return keys.filter(key => !desk.notes.has(noteKey(key)));
}
function noteKey(key) { return (desk.preview ? desk.preview.number : 0) + "/" + desk.planVersion + "/" + key; }
function noteOf(key) { return desk.notes.get(noteKey(key)) || null; }
function tell(more) {
    clearTimeout(desk.timer);
    desk.timer = setTimeout(() => {
        if (desk.send) {
            desk.send({ queue: desk.queue, want: wanted(), bundle: desk.bundle, estate: desk.estate, told: desk.told, tab: tabMark(),
                links: desk.links !== "off", ...more, n: Date.now() });
        }
    }, 0);
    insist();
}
// A run of the page that is replaced by another may never answer: what is still open is told again. Acts are numbered, so
// none is done twice.
const PATIENCE_MS = 4000, MOST_REMINDERS = 10;
function insist() {
    clearTimeout(desk.again);
    desk.again = setTimeout(() => {
        if (desk.ui && desk.shown && (desk.queue.length || wanted().length) && desk.reminders < MOST_REMINDERS) { desk.reminders += 1; tell(); }
    }, PATIENCE_MS);
}
function act(what) {
    if (!desk.mayWrite) { say(desk.answer.refusal, true); return; }
    if (desk.queue.length) { say("上一步还在计算，请稍候。", true); return; }
    desk.seq += 1;
    desk.queue.push({ seq: desk.seq, plan: desk.planVersion, ...what });
    desk.notice = { text: what.do === "preview" ? "正在试算……" : "正在保存……", bad: false };
    desk.asked = performance.now();
    desk.reminders = 0;
    draw();
    tell();
}
function say(text, bad) { desk.notice = text ? { text, bad: !!bad } : null; drawNotice(); }

function receiveGround(data) {
    if (desk.groundVersion === data.version && desk.ground) { return; }
    const ground = data.ground;
    ground.byId = new Map(ground.id.map((id, row) => [id, row]));
    desk.ground = ground;
    desk.groundVersion = data.version;
    if (desk.ui) { desk.ui.drawnGround = null; }
    arrange();
}
function receivePlan(data) {
    if (desk.planVersion === data.version && desk.plan) { return; }
    desk.plan = data.plan;
    desk.planVersion = data.version;
    desk.notes.clear();
    desk.linkRows = null;
    arrange();
}
function receive(data) {
    const first = !desk.answer;
    desk.answer = data;
    desk.mayWrite = data.may_write;
    desk.seq = Math.max(desk.seq, data.done);
    const waited = desk.queue.length;
    desk.queue = desk.queue.filter(item => item.seq > data.done);
    const tried = data.preview && (!desk.preview || desk.preview.number !== data.preview.number);
    const dropped = desk.preview && !data.preview;
    desk.preview = data.preview;
    desk.inside = data.inside ? new Set(data.inside) : null;
    if (data.links) { desk.linkRows = data.links; }
    for (const [key, value] of Object.entries(data.notes)) { desk.notes.set(key, value); }
    let answered = null;
    for (const answer of data.answers) {
        if (answer.seq <= desk.told) { continue; }
        desk.told = answer.seq;
        answered = answer;
    }
    if (answered) {
        desk.waited = Math.round(performance.now() - (desk.asked || performance.now()));
        desk.aim = null;
        desk.form = null;
        desk.notice = { text: answered.text, bad: !answered.ok };
        if (answered.ok && answered.clear) { desk.picked.clear(); }
    } else if (waited && !desk.queue.length) { desk.notice = null; }
    if (data.at && (first || data.at.turn !== desk.turn)) {
        desk.turn = data.at.turn;
        desk.bundle = data.at.bundle;
        desk.estate = data.at.estate;
    }
    arrange(answered, dropped);
    if (tried) { showChange(); }
}
function arrange(answered, dropped) {
    compose();
    if (!desk.shown || !desk.answer) { return; }
    // The bundle that was chosen before a change was tried out may have gone in it, and be there again.
    if (dropped && desk.before && !desk.bundle && desk.shown.byId.has(desk.before.bundle)) {
        desk.bundle = desk.before.bundle;
        desk.picked = new Set([...desk.before.picked].filter(row => desk.shown.place.has(row)));
    }
    if (answered && answered.go) { desk.bundle = answered.go.bundle || ""; desk.estate = answered.go.estate || ""; }
    if (desk.estate && !desk.bundle) {
        const row = rowNow(), spot = row === null ? null : placeOf(row);
        if (spot && spot.kind === "bundle") { desk.bundle = spot.bundle.id; }
        if (!desk.picked.size && row !== null && spot) { desk.picked.add(row); }
    }
    draw();
    if (wanted().length) { tell(); }
}
function draw() {
    if (!desk.ui || !desk.shown || !desk.answer) { return; }
    drawSummary();
    drawTable();
    drawPanel();
    drawMap();
    const root = desk.ui.root;
    root.dataset.ready = desk.ui.map ? "yes" : "no";
    root.dataset.bundle = desk.bundle;
    root.dataset.estate = desk.estate;
    root.dataset.pending = String(desk.queue.length);
    root.dataset.preview = desk.preview ? "yes" : "no";
    root.dataset.aim = desk.aim ? desk.aim.do : "";
    root.dataset.waited = String(desk.waited || "");
}
