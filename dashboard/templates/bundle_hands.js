// The planner's hands: what is chosen becomes a wish, the server tries it out, the planner accepts or drops it.
function pickedRows() { return [...desk.picked].sort((a, b) => a - b); }
function idsOf(rows) { return rows.map(row => desk.ground.id[row]); }
function try_(move, given) {
    desk.reason = "";
    desk.before = { bundle: desk.bundle, picked: new Set(desk.picked) };
    act({ do: "preview", move, ...given });
}

const HANDS = [
    ["together", "钉住", "选中的小区必须在同一个单元", (rows) => rows.length >= 2, rows => try_("together", { estates: idsOf(rows) })],
    ["apart", "分开", "选中的小区不得在同一个单元", (rows) => rows.length >= 2, rows => try_("apart", { estates: idsOf(rows) })],
    ["in", "移入…", "把选中的未打捆小区放进一个单元：再点目标单元", (rows) => rows.length && rows.every(row => !bundled(row)), rows => aim("move", rows)],
    ["out", "移出", "把选中的小区移出所在的单元", (rows) => rows.length && rows.every(bundled), rows => try_("out", { estates: idsOf(rows) })],
    ["move", "移到…", "把选中的小区移到另一个单元：再点目标单元", (rows) => rows.length && rows.every(bundled), rows => aim("move", rows)],
    ["fix", "固定", "所选单元保持原样，重新求解也不变", (rows, bundle) => bundle && bundle.state !== "hand", (rows, bundle) => try_("fix", { bundle: bundle.id })],
    ["forbid_pair", "不可相邻", "选中的两个小区之间实际有隔断，不作相邻看待", (rows) => rows.length === 2, rows => try_("forbid_pair", { estates: idsOf(rows) })],
    ["merge", "合并…", "把所选单元与另一个合并：再点另一个单元", (rows, bundle) => bundle, (rows, bundle) => aim("merge", rows, bundle)],
    ["split", "拆分", "把选中的小区从单元中拆出，另成一个单元", (rows, bundle) => bundle && rows.length && rows.length < bundle.members.length && rows.every(row => bundle.members.includes(row)), (rows, bundle) => try_("split", { bundle: bundle.id, estates: idsOf(rows) })],
    ["force", "必须纳入", "选中的小区必须进入某个单元", (rows) => rows.length, rows => try_("force", { estates: idsOf(rows) })],
    ["leave_out", "不纳入", "选中的小区不进入任何单元", (rows) => rows.length, rows => try_("leave_out", { estates: idsOf(rows) })]
];
function bundled(row) { const spot = placeOf(row); return !!spot && spot.kind === "bundle"; }
function aim(what, rows, bundle) {
    const names = rows.slice(0, 3).map(nameOf).join("、") + (rows.length > 3 ? `等${rows.length}个小区` : "");
    desk.aim = { do: what, rows, bundle: bundle ? bundle.id : "", words: what === "merge" ? `${bundle.label}与哪个单元合并？请在地图或列表上点它。` : `${names}移到哪个单元？请在地图或列表上点它。` };
    desk.tab = "bundles";
    draw();
}
function stopAiming() { desk.aim = null; draw(); }
function aimAt(bundle, row) {
    const { aim: now } = desk;
    if (!bundle) { say(`${row === null ? "那里" : nameOf(row)}不在任何单元里。请点一个单元${now.do === "move" ? "，或按“新的单元”" : ""}。`, true); return; }
    if (now.do === "merge") {
        if (bundle.id === now.bundle) { say("请点另一个单元。", true); return; }
        desk.aim = null;
        try_("merge", { bundle: now.bundle, target: bundle.id });
        return;
    }
    if (bundle !== "new" && now.rows.every(one => bundle.members.includes(one))) { say("选中的小区已在这个单元里，请点另一个。", true); return; }
    desk.aim = null;
    try_("move", { estates: idsOf(now.rows), target: bundle === "new" ? "new" : bundle.id });
}
function accept() {
    const { preview } = desk, reason = (desk.reason || "").trim();
    if (!preview) { return; }
    if (preview.broken.length && !reason) { say("这一步不符合规则，请先写一句理由。", true); desk.ui.reasonField.focus(); return; }
    act({ do: "accept", number: preview.number, reason });
}
function discard() { if (desk.preview) { act({ do: "discard" }); } }
function undo() { if (desk.preview) { discard(); } else if (desk.answer.undo) { act({ do: "undo" }); } else { say("没有可撤销的操作。", true); } }
function redo() { if (desk.answer.redo) { act({ do: "redo" }); } else { say("没有可重做的操作。", true); } }
function release(wish) { try_("release", { wish: wish.id }); }

function drawHands() {
    const rows = pickedRows(), bundle = bundleNow(), off = !desk.mayWrite || desk.queue.length > 0 || !desk.answer.hands;
    const names = rows.length ? `选中 ${rows.length} 个小区` : bundle ? "未选小区" : "";
    if (desk.preview) {
        const typed = document.activeElement === desk.ui.reasonField;
        if (desk.ui.decision !== desk.preview.number + "/" + desk.queue.length) {
            desk.ui.decision = desk.preview.number + "/" + desk.queue.length;
            desk.ui.actions.replaceChildren(decisionPart());
            if (typed || desk.preview.broken.length) { desk.ui.reasonField.focus(); }
        }
        return;
    }
    desk.ui.decision = null;
    desk.ui.actions.replaceChildren(
        h("div", { class: "wide4 wp-picked" }, h("span", { title: rows.map(nameOf).join("、") }, names),
            button("多选", "", () => { desk.many = !desk.many; draw(); }, { "aria-pressed": String(!!desk.many), title: "打开后点小区即可加选，与按住 Ctrl 相同" }),
            button("撤销", "Ctrl+Z", undo, { disabled: !desk.mayWrite || desk.queue.length > 0 || !desk.answer.undo, title: desk.answer.undo || null }),
            button("重做", "Ctrl+Y", redo, { disabled: off || !desk.answer.redo, title: desk.answer.redo || null })),
        ...HANDS.map(([key, words, help, may, go]) => button(words, "", () => go(rows, bundle), { "data-hand": key, title: help, disabled: off || !may(rows, bundle) })));
}
