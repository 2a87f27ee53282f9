// Below the list: the chosen bundle or estate, why it is as it is, the change that is tried out, the planner's hands.
function drawPanel() {
    const ui = desk.ui;
    if (!ui) { return; }
    drawNotice();
    drawHands();
    const bundle = bundleNow(), row = rowNow(), parts = [previewPart(), aimPart()];
    if (row !== null && !bundle) { parts.push(...estateParts(row)); } else if (bundle) { parts.push(...bundleParts(bundle)); } else { parts.push(...nothingParts()); }
    const top = ui.body.scrollTop, same = ui.bodyOf === desk.bundle + "/" + desk.estate;
    ui.body.replaceChildren(...parts.filter(Boolean));
    ui.body.scrollTop = same ? top : 0;
    ui.bodyOf = desk.bundle + "/" + desk.estate;
}
function drawNotice() {
    const ui = desk.ui;
    if (!ui) { return; }
    const notice = desk.notice || (desk.answer && !desk.answer.hands && desk.mayWrite ? { text: desk.answer.preparing } : null);
    ui.notice.className = "wb-notice" + (notice && notice.bad ? " bad" : "");
    ui.notice.replaceChildren(notice ? h("span", {}, notice.text) : "");
}
// A proposal without a single unit: why, by the reasons of its estates, and what can be done about it.
function noUnits() {
    const { bundles, fallback } = desk.shown, count = new Map();
    if (bundles.length || !fallback.length) { return null; }
    for (const one of fallback) { const why = one[1] || one[2]; count.set(why, (count.get(why) || 0) + 1); }
    const reasons = [...count].sort((a, b) => b[1] - a[1]);
    return h("div", { class: "wb-form wp-nounits" }, h("b", {}, `没有组成${desk.plan.words.unit}，原因：`),
        h("ul", {}, ...reasons.map(([why, homes]) => h("li", {}, `${why}：${number(homes)}个小区`))),
        h("div", { class: "wb-quiet" }, `逐个的理由见列表“${desk.plan.words.left}”。缺数据的请补齐台账后重新导入、求解；条件不够的可在“设置”中放宽半径、户数，或在“情景”中先比较。`));
}
function nothingParts() {
    const notes = desk.answer.plan_notes;
    return [noUnits(), h("p", { class: "wb-none" }, "点地图或列表中的单元、小区，这里说明为什么这样组合。按住 Ctrl 或 Shift 可选多个小区。"),
        ...notes.map(text => h("p", { class: "wb-quiet" }, text))];
}
function loading() { return h("p", { class: "wb-quiet" }, "正在取说明……"); }
function cell(value, words) { return h("div", {}, h("b", {}, value), h("span", {}, words)); }

function bundleParts(bundle) {
    const note = noteOf("b:" + bundle.id);
    const head = h("div", { class: "wb-head" }, h("h4", {}, h("i", { class: "wp-swatch", style: `--c:${fillOf(bundle)}` }), bundle.label),
        h("span", { class: "wb-at" }, STATES[bundle.state] + (bundle.consent ? `　待征询${bundle.consent}个` : "")),
        h("div", { class: "wb-quiet" }, `${bundle.unit ? "牵头：" + bundle.unit + "　" : ""}${bundle.anchor !== null ? "带动小区：" + nameOf(bundle.anchor) : "中心小区：" + nameOf(bundle.medoid)}`));
    if (!note) { return [head, loading()]; }
    const money = note.money;
    return [head,
        h("div", { class: "wp-cells" }, cell(number(bundle.members.length), "小区"), cell(number(bundle.homes), "户"), cell((note.area / 10000).toFixed(1) + "万", "平方米"),
            cell(kilometres(bundle.far), "最远到中心"), cell(kilometres(note.diameter), "最大间距"),
            money ? h("div", { title: `收入${yuan(money[0])}，运行成本${yuan(-money[1])}，服务点固定成本${yuan(-money[2])}` }, h("b", { class: money[3] < 0 ? "wb-bad" : "" }, yuan(money[3])), h("span", {}, "年收支")) : null),
        note.reason ? h("p", {}, h("b", {}, "人工调整理由："), note.reason) : null,
        note.broken.length ? h("div", { class: "wb-bad wp-broken" }, "不符合规则之处：", h("ul", {}, ...note.broken.map(text => h("li", {}, text)))) : null,
        note.binding ? h("p", { class: "wp-binding" }, h("b", {}, "紧约束　"), note.binding) : null,
        slackPart(note), memberPart(bundle, note), money ? moneyPart(money) : null,
        note.other ? h("section", {}, h("h5", {}, "最近的其他方案"), h("p", {}, note.other)) : null];
}
function slackPart(note) {
    if (!note.slacks.length) { return null; }
    return h("section", {}, h("h5", {}, "各项约束的余量（最紧的在前）"), ...note.slacks.map(([, text, room], k) => {
        const used = Math.max(0, Math.min(1, 1 - room));
        return h("div", { class: "wp-slack" + (room < 0 ? " broken" : k === 0 ? " tight" : "") }, h("span", {}, text), h("i", {}, h("em", { style: `width:${(100 * used).toFixed(0)}%` })));
    }));
}
function memberPart(bundle, note) {
    const costs = note.members.some(one => one.margin !== null);
    return h("section", {}, h("h5", {}, `成员（${note.members.length}）：户数、到中心的距离${costs ? "、年收支" : ""}、去掉它会怎样`),
        h("table", { class: "wp-members" }, ...note.members.map(one => h("tr", { class: [one.row !== null && desk.shown.changed.has(one.row) ? "changed" : "", one.row !== null && desk.ground.id[one.row] === desk.estate ? "now" : ""].join(" "),
            "data-id": one.row === null ? null : desk.ground.id[one.row], onclick: event => { if (event.target.tagName !== "INPUT" && one.row !== null) { chooseRow(one.row, event.ctrlKey || event.shiftKey || event.metaKey); } } },
        h("td", {}, h("input", { type: "checkbox", checked: desk.picked.has(one.row), "aria-label": "选中" + nameOf(one.row), onchange: () => chooseRow(one.row, true) })),
        h("td", { title: desk.ground.type[one.row] || null }, nameOf(one.row), one.row === bundle.medoid ? h("em", {}, bundle.anchor === null ? " 中心" : " 带动") : null, one.asked ? h("em", { class: "asked" }, " 待征询") : null,
            one.without ? h("div", { class: "wb-quiet" }, one.without) : null),
        h("td", { class: "num" }, homesOf(one.row)), h("td", { class: "num" }, kilometres(one.metres)), costs ? h("td", { class: "num" }, yuan(one.margin)) : null))));
}
function moneyPart([income, running, fixed, margin]) {
    return h("section", {}, h("h5", {}, "一年收支（成本为假定值，可在“设置”中修改）"),
        h("p", {}, `收入 ${number(income)} 元 － 运行成本 ${number(running)} 元 － 服务点 ${number(fixed)} 元 ＝ ${yuan(margin)}`));
}
function factsOf(row) {
    const { ground } = desk, facts = [homesOf(row)];
    if (ground.area[row] !== null) { facts.push((ground.area[row] / 10000).toFixed(1) + "万平方米"); }
    if (ground.fee[row] !== null) { facts.push(`物业费${ground.fee[row]}元/平方米·月`); }
    if (ground.year[row] !== null) { facts.push(`${ground.year[row]}年建`); }
    if (ground.type[row]) { facts.push(ground.type[row]); }
    facts.push("业主意愿：" + ground.consent[row]);
    return facts.join("　");
}
function estateParts(row) {
    const { ground } = desk, spot = placeOf(row), street = ground.street[row] >= 0 ? ground.streets[ground.street[row]] : "";
    const words = !spot ? ground.state[row] : spot.kind === "alone" ? desk.plan.words.alone : spot.kind === "fallback" ? desk.plan.words.left : spot.bundle.label;
    const head = h("div", { class: "wb-head" }, h("h4", {}, nameOf(row)), h("span", { class: "wb-at" }, words), h("div", { class: "wb-quiet" }, [street, factsOf(row)].filter(Boolean).join("　")));
    if (!spot) { return [head, h("p", { class: "wb-none" }, "这个小区不参加本次打捆。")]; }
    if (spot.kind === "alone") { return [head, h("p", {}, spot.reason)]; }
    const note = noteOf("e:" + desk.estate);
    const parts = [head, h("section", {}, h("h5", {}, "为什么没有打捆"), h("p", { class: "wp-binding" }, note ? note.reason : spot.reason))];
    if (!note) { return [...parts, loading()]; }
    if (note.displaces.length) { parts.push(h("p", {}, h("b", {}, "纳入它会让出："), note.displaces.map(nameOf).join("、"))); }
    if (note.near.length) {
        parts.push(h("section", {}, h("h5", {}, "最近的小区和不可同包的规则"), h("table", { class: "wp-members" }, ...note.near.map(([other, metres, rule]) =>
            h("tr", { onclick: () => { if (other !== null) { chooseRow(other, false, true); } } }, h("td", {}, nameOf(other)), h("td", { class: "num" }, other === null ? "" : homesOf(other)), h("td", { class: "num" }, kilometres(metres)), h("td", {}, rule))))));
    }
    if (!spot.way && desk.plan.words.left !== "兜底") { return parts; }
    parts.push(h("section", {}, h("h5", {}, "建议方式"), h("p", {}, h("b", {}, spot.way || "规则没有给出合适的兜底方式")),
        note.quote ? h("blockquote", {}, note.quote) : null,
        note.rule ? h("p", { class: "wb-quiet" }, `依据：${note.rule}　${note.document}${note.assumed ? "　（文件未写明，为假定）" : ""}${note.note ? "　" + note.note : ""}`) : null));
    return parts;
}
function aimPart() {
    if (!desk.aim) { return null; }
    return h("div", { class: "wb-form wp-aim" }, h("span", {}, desk.aim.words), h("div", {},
        desk.aim.do === "move" ? button("新的" + desk.plan.words.unit, "", () => aimAt("new", null)) : null, button("取消", "Esc", stopAiming)));
}
function previewPart() {
    const preview = desk.preview;
    if (!preview) { return null; }
    const { before, after } = preview, line = (words, old, now, text, worse) => h("tr", { class: now === old ? "same" : "" }, h("td", {}, words), h("td", { class: "num" }, old === null ? "—" : text(old)), h("td", { class: "num" }, now === null ? "—" : text(now)),
        h("td", { class: "num " + (now !== old && worse(now - old) ? "wb-bad" : "good") }, old === null || now === null ? "" : signed(now - old, text)));
    const less = d => d < 0, more = d => d > 0;
    const money = value => (value < 0 ? "−" : "") + (Math.abs(value) >= 10000 ? (Math.abs(value) / 10000).toFixed(1) + "万" : number(Math.abs(value))) + "元";
    return h("div", { class: "wb-form wp-preview", "data-broken": String(preview.broken.length) },
        h("div", {}, h("b", {}, "试算："), preview.title),
        h("table", {}, h("tr", { class: "head" }, h("td", {}, ""), h("td", { class: "num" }, "现在"), h("td", { class: "num" }, "改后"), h("td", { class: "num" }, "差")),
            line("覆盖户数", before.households, after.households, number, less), line("到中心距离", before.metres, after.metres, kilometres, more),
                preview.margin ? line("变动单元年收支", preview.margin[0], preview.margin[1], money, less) : null,
            line(desk.plan.words.unit, before.bundles, after.bundles, number, () => false)),
        h("div", { class: "wb-quiet" }, preview.changes.length ? `变动的小区 ${preview.changes.length} 个：` : "没有小区变动。"),
        preview.changes.length ? h("ul", { class: "wp-changes" }, ...preview.changes.map(([row, from, to]) => h("li", { onclick: () => chooseRow(row, false, true) }, `${nameOf(row)}（${homesOf(row)}）：${from} → ${to}`))) : null,
        preview.released.length ? h("div", { class: "wb-bad wp-released" }, "同时不再有效的人工要求：", h("ul", {}, ...preview.released.map(text => h("li", {}, text)))) : null,
        preview.broken.length ? h("div", { class: "wb-bad" }, "不符合规则，须写明理由：", h("ul", {}, ...preview.broken.map(text => h("li", {}, text)))) : null);
}
// Where the hands are while nothing is tried out: the reason, to accept, to drop.
function decisionPart() {
    const { preview } = desk;
    const field = h("input", { type: "text", maxlength: "200", "aria-label": "理由", value: desk.reason || "", disabled: !desk.mayWrite,
        placeholder: preview.broken.length ? "必填：为什么可以不按规则" : "理由（可不填）", oninput: event => { desk.reason = event.target.value; } });
    field.addEventListener("keydown", event => {
        if (event.isComposing) { return; }
        if (event.key === "Enter") { event.preventDefault(); accept(); }
        if (event.key === "Escape") { event.preventDefault(); discard(); }
        event.stopPropagation();
    });
    desk.ui.reasonField = field;
    return h("div", { class: "wide4 wp-decision" }, field, button("接受", "回车", accept, { class: "primary", disabled: desk.queue.length > 0 }), button("放弃", "Esc", discard, { disabled: desk.queue.length > 0 }));
}
