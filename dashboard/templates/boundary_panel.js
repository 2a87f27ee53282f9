// Beside the map: the text with its parts, the sides, the candidates, the boundary in force, its history, the actions.
const RANK = { survey: 3, drawn: 2, text: 1, derived: 0 };

function accept() {
    const scene = sceneNow();
    if (desk.mode === "draw" || desk.mode === "edit") { save(); return; }
    if (desk.mode !== "view" || !scene) { return; }
    const chosen = scene.candidates[desk.choice];
    if (!chosen) { say("没有候选图形可接受：请画一个（D），或跳过（S）。", true); return; }
    withReason(chosen.source, { do: "accept", proposal_id: chosen.id, mark: scene.mark });
}
// A worse source replaces a better one only with a reason; everything else is saved at once.
function withReason(source, what) {
    const scene = sceneNow();
    if (!desk.mayWrite) { say("只能查看：您的角色不能修改边界。", true); return; }
    if (scene.current && RANK[source] < RANK[scene.current.source]) {
        desk.form = { what, words: `现有边界来自${scene.current.source_words}，比${desk.ui.sources[source]}可靠。请写明替换的理由：` };
        drawPanel();
        return;
    }
    commit(what);
}
function commit(what) {
    if (!decide(what)) { return; }
    const row = rowNow();
    if (row && what.do !== "undo") { row.state = "accepted"; row.sure = null; }
    say("正在保存……");
    desk.form = null;
    setMode("view");
    desk.skipped.delete(desk.current);
    advance();
}
function choose(i) {
    const scene = sceneNow();
    if (desk.mode !== "view" || !scene || !scene.candidates[i]) { return; }
    desk.choice = i;
    desk.form = null;
    showCurrent();
    const bounds = desk.ui.map && L.latLngBounds(latLngs(scene.candidates[i].shape).flat(2));
    if (bounds && !desk.ui.map.getBounds().contains(bounds)) { desk.ui.map.fitBounds(bounds, { padding: [40, 40], animate: false }); }
}
function skip() {
    if (desk.mode !== "view" || !desk.current) { return; }
    desk.skipped.add(desk.current);
    if (!step(1)) { say("已到列表末尾。", false); drawList(); }
}
function undo() {
    if (desk.mode === "draw" && edit.trail.length) { dropLast(); return; }
    if (!desk.undo && !desk.queue.length) { say("没有可撤销的操作。", true); return; }
    if (!leaveEdit()) { return; }
    setMode("view");
    if (decide({ do: "undo" })) { say("正在撤销……"); showCurrent(); tell(); }
}
function redo() {
    if (desk.mode !== "view") { return; }
    if (decide({ do: "redo" })) { say("正在重做……"); showCurrent(); tell(); }
}
function restore(version) {
    const scene = sceneNow();
    const what = { do: "restore", version_id: version.id };
    if (scene.current && RANK[version.source] < RANK[scene.current.source]) {
        desk.form = { what, words: `现有边界来自${scene.current.source_words}，比${desk.ui.sources[version.source]}可靠。请写明恢复的理由：`, stay: true };
        drawPanel();
        return;
    }
    if (decide(what)) { say("正在恢复……"); showCurrent(); tell(); }
}

function drawPanel() {
    const ui = desk.ui;
    if (!ui) { return; }
    const scene = sceneNow();
    drawNotice();
    drawActions(scene);
    if (!desk.current) { ui.body.replaceChildren(h("p", { class: "wb-none" }, "左侧没有选中的小区。")); return; }
    if (!scene) { ui.body.replaceChildren(h("h4", {}, (rowNow() || {}).name || ""), h("p", { class: "wb-none" }, "正在取图……")); return; }
    ui.body.replaceChildren(...[headPart(scene), formPart(), hintPart(), textPart(scene), candidatePart(scene), forcePart(scene), historyPart(scene)].filter(Boolean));
}
function headPart(scene) {
    const at = place();
    return h("div", { class: "wb-head" },
        h("h4", { title: scene.name }, scene.name),
        h("span", { class: "wb-at" }, at >= 0 ? `第${number(at + 1)} / ${number(desk.shown.length)}个` : ""),
        h("div", { class: "wb-quiet" }, scene.facts));
}
function formPart() {
    if (!desk.form) { return null; }
    const field = h("input", { type: "text", maxlength: "200", "aria-label": "替换理由", placeholder: "例如：测绘图为旧版，已拆围墙" });
    const done = () => {
        const reason = field.value.trim();
        if (!reason) { field.focus(); say("请先写一句理由。", true); return; }
        const { what, stay } = desk.form;
        if (!stay) { commit({ ...what, reason }); return; }
        desk.form = null;
        if (decide({ ...what, reason })) { say("正在恢复……"); showCurrent(); tell(); }
    };
    field.addEventListener("keydown", event => {
        if (event.isComposing) { return; }
        if (event.key === "Enter") { event.preventDefault(); done(); }
        if (event.key === "Escape") { event.preventDefault(); desk.form = null; drawPanel(); }
        event.stopPropagation();
    });
    setTimeout(() => field.focus(), 0);
    return h("div", { class: "wb-form" }, h("label", {}, desk.form.words), field,
        h("div", {}, button("保存", "回车", done, { class: "primary" }), button("取消", "Esc", () => { desk.form = null; drawPanel(); })));
}
function hintPart() {
    const words = {
        draw: `在地图上逐点点出边界（已点${edit.trail.length}个）。双击、点回起点或按回车保存；退格删去上一点；Esc 取消。`,
        edit: "拖动方块移动顶点；点小圆点增加顶点；双击顶点或选中后按 Del 删除。回车保存，Esc 取消。",
        gate: "在地图上点出入口的位置，随即保存。Esc 取消。"
    }[desk.mode];
    return words ? h("p", { class: "wb-hint" }, words) : null;
}
function textPart(scene) {
    if (!scene.text.length) { return h("p", { class: "wb-quiet" }, "台账里没有四至文字。"); }
    const pieces = scene.text.map(piece => {
        if (piece.side) {
            const side = desk.ui.sides[piece.side];
            return h("mark", { style: `--c:${side.color}`, title: side.letter + "侧" }, h("sub", {}, side.letter), piece.t);
        }
        return piece.unread ? h("u", { title: piece.unread }, piece.t) : piece.t;
    });
    const rows = scene.sides.map(side => {
        const look = desk.ui.sides[side.side];
        return h("tr", {}, h("td", {}, h("i", { class: "wb-side", style: `--c:${look.color}` }, look.letter)),
            h("td", {}, side.name), h("td", { class: side.found ? "" : "wb-bad" }, side.words));
    });
    return h("section", {}, h("p", { class: "wb-text" }, ...pieces), h("table", { class: "wb-sides" }, ...rows),
        ...scene.warnings.map(words => h("p", { class: scene.why.length ? "wb-warn" : "wb-quiet" }, words)));
}
function candidatePart(scene) {
    if (!scene.candidates.length) {
        return h("section", {}, h("h5", {}, scene.why.length ? "为什么不能成图" : "候选"), ...(scene.why.length ? scene.why : scene.current ? ["已有边界，没有推算候选。"] : ["还没有推算候选图形，可以直接画（D）。"]).map(words => h("p", { class: scene.why.length ? "wb-warn" : "wb-quiet" }, words)));
    }
    return h("section", {}, h("h5", {}, "候选"), ...scene.candidates.map((candidate, i) => h("div", {
        class: "wb-candidate", role: "button", "aria-pressed": String(i === desk.choice), onclick: () => choose(i)
    }, h("b", { class: "wb-number" }, String(i + 1)),
    h("span", { class: "wb-sure" }, "可信度 ", h("b", {}, confidence(candidate.confidence))),
    h("span", { class: "wb-quiet" }, candidate.facts),
    i === desk.choice ? h("ul", {}, ...candidate.why.map(words => h("li", {}, words))) : null)));
}
function forcePart(scene) {
    if (!scene.current) { return null; }
    return h("section", {}, h("h5", {}, "现有边界"), h("p", { class: "wb-quiet" }, scene.current.words));
}
function historyPart(scene) {
    if (!scene.history.length) { return null; }
    const kept = desk.ui.historyOpen;
    return h("details", { open: kept, ontoggle: event => { desk.ui.historyOpen = event.target.open; } },
        h("summary", {}, `历史（${scene.history.length}）`),
        ...scene.history.map(version => h("div", { class: "wb-version" }, h("span", {}, version.words),
            desk.mayWrite && version.restorable ? button("恢复", "", () => restore(version)) : null)));
}
function drawNotice() {
    const ui = desk.ui;
    if (!ui) { return; }
    const notice = desk.notice;
    ui.notice.className = "wb-notice" + (notice && notice.bad ? " bad" : "");
    ui.notice.replaceChildren(...(notice ? [h("span", {}, notice.text),
        notice.bad && notice.estate && notice.estate !== desk.current && desk.byId.has(notice.estate)
            ? button("回到该小区", "", () => go(notice.estate)) : null].filter(Boolean) : []));
}
function drawActions(scene) {
    const n = scene ? scene.candidates.length : 0, off = !desk.mayWrite || !scene, viewing = desk.mode === "view";
    if (!viewing) {
        desk.ui.actions.replaceChildren(
            desk.mode === "gate" ? "" : button("保存", "回车", save, { class: "primary" }),
            desk.mode === "draw" ? button("退一点", "退格", dropLast, { disabled: !edit.trail.length }) : "",
            desk.mode === "edit" ? button("删顶点", "Del", removeSelected) : "", button("取消", "Esc", cancelEdit));
        return;
    }
    desk.ui.actions.replaceChildren(
        button(n > 1 ? `接受候选${desk.choice + 1}` : "接受", "回车", accept, { class: "primary wide", disabled: off || !n }),
        ...[1, 2].map(i => button(desk.choice === i ? "选1" : `选${i + 1}`, desk.choice === i ? "1" : String(i + 1),
            () => choose(desk.choice === i ? 0 : i), { disabled: i >= n })),
        button("重画", "D", startDraw, { disabled: off }),
        button("改顶点", "E", startEdit, { disabled: off || !(n || scene.current) }),
        button("移门口", "G", startGate, { disabled: off }),
        button("撤销", "Z", undo, { disabled: !desk.mayWrite || !(desk.undo || desk.queue.length), title: desk.undo || null }),
        button("上一个", "K", () => step(-1), { disabled: !neighbour(-1) }),
        button("下一个", "J", () => step(1), { disabled: !neighbour(1) }),
        button("跳过", "S", skip, { class: "wide", disabled: !desk.current }));
}
