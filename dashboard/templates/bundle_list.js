// The list beside the map: bundles, leftovers, estates alone, streets with their proofs, wishes in force. Virtual rows.
const ROW_HEIGHT = 28;
const TABS = ["bundles", "fallback", "alone", "units", "wishes"];
function tabWords(tab) {
    const { words } = desk.plan;
    return { bundles: words.unit, fallback: words.left, alone: words.alone.slice(0, 2), units: "街道", wishes: "人工要求" }[tab];
}
// Columns that a narrow list leaves out.
const WIDE_ONLY = { bundles: ["小区数", "年收支"], units: ["候选", "距离"], fallback: ["建议方式"] };
function columnsOf(tab) {
    const narrow = desk.ui.scroll.clientWidth < 430;
    return COLUMNS[tab].filter(column => !narrow || !(WIDE_ONLY[tab] || []).includes(column[0]));
}
const COLUMNS = {
    bundles: [["名称", "1.3fr", "text", one => one.label, one => Number(one.label.replace(/\D/g, ""))], ["小区数", "46px", "num", one => number(one.members.length), one => one.members.length],
        ["户数", "54px", "num", one => number(one.homes), one => one.homes], ["距离", "62px", "num", one => kilometres(one.metres), one => one.metres],
        ["年收支", "76px", "num", one => yuan(one.margin), one => one.margin === null ? -Infinity : one.margin],
        ["状态", "1.25fr", "text", one => STATES[one.state] + (one.consent ? ` 待征询${one.consent}` : ""), one => one.state + String(one.consent).padStart(3, "0")]],
    fallback: [["小区", "1fr", "text", one => nameOf(one[0])], ["户数", "58px", "num", one => homesOf(one[0]).replace("户数", "").replace("户", ""), one => desk.ground.homes[one[0]] || -1],
        ["原因", "1.6fr", "text", one => one[1] || one[2]], ["建议方式", "1.2fr", "text", one => one[3] || "—"]],
    alone: [["小区", "1fr", "text", one => nameOf(one[0])], ["户数", "64px", "num", one => homesOf(one[0]).replace("户数", "").replace("户", ""), one => desk.ground.homes[one[0]] || -1], ["理由", "2fr", "text", one => one[1]]],
    units: [["街道", "1.2fr", "text", one => one.name], ["候选", "44px", "num", one => number(one.candidates), one => one.candidates],
        ["单元", "42px", "num", one => number(one.bundles), one => one.bundles], ["户数", "56px", "num", one => number(one.homes), one => one.homes],
        ["距离", "62px", "num", one => kilometres(one.metres), one => one.metres],
        ["证明", "1.3fr", "text", one => proofWords(one), one => one.proven ? -1 : one.bound - one.homes - one.given_up]],
    wishes: [["要求", "74px", "text", one => one.words], ["小区", "1.4fr", "text", one => one.rows.map(nameOf).join("、")], ["理由", "1fr", "text", one => one.reason || "—"], ["", "52px", "act", null]]
};
function proofWords(one) {
    const gap = one.bound - one.homes - one.given_up;
    return gap > 0 ? `最多还能增加${number(gap)}户` : one.given_up ? `已证明（让出${number(one.given_up)}户）` : "已证明最优";
}
function rowsOf(tab) {
    const { shown } = desk;
    if (tab === "bundles") { return shown.bundles.filter(one => !desk.inside || one.members.some(within)); }
    if (tab === "fallback" || tab === "alone") { return shown[tab].filter(one => within(one[0])); }
    if (tab === "units") { return shown.units; }
    return desk.answer.wishes;
}
function textOf(tab, one) {
    const words = COLUMNS[tab].filter(column => column[3]).map(column => column[3](one)).join(" ");
    return tab === "bundles" ? words + one.unit + one.members.map(nameOf).join(" ") : words;
}
function drawTable() {
    const ui = desk.ui, tab = desk.tab, columns = columnsOf(tab);
    const counts = Object.fromEntries(TABS.map(key => [key, rowsOf(key).length]));
    ui.tabs.replaceChildren(...TABS.map(key => h("button", { type: "button", class: "wb-chip", role: "tab", "data-tab": key,
        "aria-pressed": String(key === tab), onclick: event => { event.currentTarget.blur(); desk.tab = key; ui.scroll.scrollTop = 0; drawTable(); } }, tabWords(key), h("b", {}, number(counts[key])))));
    let rows = rowsOf(tab);
    if (desk.search) { rows = rows.filter(one => textOf(tab, one).includes(desk.search)); }
    if (desk.sort && desk.sort.tab === tab) {
        const [, , , text, value] = columns[desk.sort.column], sign = desk.sort.down ? -1 : 1, of = value || text;
        rows = [...rows].sort((a, b) => sign * (typeof of(a) === "number" ? of(a) - of(b) : String(of(a)).localeCompare(String(of(b)), "zh")));
    }
    desk.listed = rows;
    const grid = columns.map(column => column[1].endsWith("fr") ? `minmax(0, ${column[1]})` : column[1]).join(" ");
    ui.list.style.setProperty("--grid", grid);
    ui.heads.replaceChildren(...columns.map((column, k) => h("button", { type: "button", class: column[2],
        title: column[0] === "距离" ? "各小区到中心小区的步行距离之和" : column[0] === "年收支" ? "一年的物业费收入减去成本，成本表见“设置”" : null,
        "aria-sort": desk.sort && desk.sort.tab === tab && desk.sort.column === k ? (desk.sort.down ? "descending" : "ascending") : null,
        onclick: () => { if (!column[3]) { return; } const now = desk.sort && desk.sort.tab === tab && desk.sort.column === k;
            desk.sort = { tab, column: k, down: now ? !desk.sort.down : column[2] === "num" }; drawTable(); } },
        column[0], desk.sort && desk.sort.tab === tab && desk.sort.column === k ? (desk.sort.down ? " ↓" : " ↑") : "")));
    ui.none.textContent = rows.length ? "" : desk.search ? "没有符合搜索的行。" : NOTHING[tab];
    ui.none.hidden = rows.length > 0;
    ui.inner.style.height = rows.length * ROW_HEIGHT + "px";
    follow(rows);
    drawRows();
}
const NOTHING = { bundles: "这个范围内没有可行的组合。", fallback: "没有这样的小区。", alone: "没有这样的小区。", units: "没有参加打捆的街道。",
    wishes: "还没有人工要求。选小区或单元，用下方的按钮提出。" };
function isChosen(tab, one) {
    if (tab === "bundles") { return one.id === desk.bundle; }
    if (tab === "units") { return one.id === desk.answer.unit; }
    if (tab === "wishes") { return false; }
    return desk.ground.id[one[0]] === desk.estate;
}
function follow(rows) {
    const key = [desk.tab, desk.bundle, desk.estate].join("/"), box = desk.ui.scroll;
    if (desk.ui.followed === key) { return; }
    desk.ui.followed = key;
    const at = rows.findIndex(one => isChosen(desk.tab, one));
    if (at < 0) { return; }
    const top = at * ROW_HEIGHT;
    if (top < box.scrollTop || top + ROW_HEIGHT > box.scrollTop + box.clientHeight) { box.scrollTop = Math.max(0, top - 2 * ROW_HEIGHT); }
}
function drawRows() {
    const ui = desk.ui, tab = desk.tab, box = ui.scroll, columns = columnsOf(tab), rows = desk.listed;
    const first = Math.max(0, Math.floor(box.scrollTop / ROW_HEIGHT) - 4);
    const last = Math.min(rows.length, Math.ceil((box.scrollTop + (box.clientHeight || 300)) / ROW_HEIGHT) + 4);
    ui.inner.replaceChildren(...rows.slice(first, last).map((one, k) => h("div", { class: "wp-row" + rowClass(tab, one), role: "row", "data-id": idOf(tab, one),
        "aria-selected": String(isChosen(tab, one)), style: `top:${(first + k) * ROW_HEIGHT}px`, onclick: event => pick(tab, one, event) },
    ...columns.map(column => column[2] === "act" ? h("span", {}, desk.mayWrite ? button("解除", "", () => release(one)) : null)
        : h("span", { class: column[2], title: column[3](one) }, column === columns[0] ? mark(tab, one) : null, column[3](one))))));
}
function rowClass(tab, one) {
    if (tab === "bundles") { return one.members.some(row => desk.shown.changed.has(row)) ? " changed" : ""; }
    return (tab === "fallback" || tab === "alone") && desk.shown.changed.has(one[0]) ? " changed" : "";
}
function idOf(tab, one) { return tab === "bundles" || tab === "units" ? one.id : tab === "wishes" ? one.id : desk.ground.id[one[0]]; }
function mark(tab, one) { return tab === "bundles" ? h("i", { class: "wp-swatch", style: `--c:${fillOf(one)}` }) : null; }
function pick(tab, one, event) {
    if (event.target.closest("button")) { return; }
    if (tab === "bundles") { chooseBundle(one, true); }
    else if (tab === "units") { if (one.id) { tell({ unit: one.id === desk.answer.unit ? "" : one.id }); } }
    else if (tab === "wishes") { const row = one.rows[0]; if (row !== undefined) { chooseRow(row, false, true); desk.tab = "wishes"; desk.picked = new Set(one.rows.filter(placeOf)); draw(); } }
    else { chooseRow(one[0], event.shiftKey || event.ctrlKey || event.metaKey || desk.many, true); }
}
function step(by) {
    const rows = desk.listed, now = rows.findIndex(one => isChosen(desk.tab, one)), to = rows[now < 0 ? 0 : now + by];
    if (!to || desk.tab === "units" || desk.tab === "wishes") { return; }
    if (desk.tab === "bundles") { chooseBundle(to, true); } else { chooseRow(to[0], false, true); }
}
function drawSummary() {
    const { totals, units } = desk.shown, before = desk.preview ? desk.plan.totals : null, gap = totals.bound - totals.households - totals.given_up;
    const figure = (value, words, now, old, text = number) => h("span", {}, h("b", {}, value), words, old !== null && old !== undefined && now !== old ? h("em", {}, `（${signed(now - old, text)}）`) : null);
    const proof = units.length && totals.units_proven === totals.units && gap <= 0 ? h("span", { class: "good" }, `已证明最优 ${totals.units_proven}/${totals.units} 街道`)
        : h("span", { class: "wb-bad" }, `已证明 ${totals.units_proven}/${totals.units} 街道，最多还可能增加 ${number(Math.max(gap, 0))} 户`);
    desk.ui.summary.replaceChildren(...[
        figure(number(totals.bundles), "个" + desk.plan.words.unit, totals.bundles, before && before.bundles), figure(number(totals.estates), "个小区", totals.estates, before && before.estates),
        figure(number(totals.households), "户", totals.households, before && before.households),
        figure(kilometres(totals.metres), "到中心小区", totals.metres, before && before.metres, kilometres),
        totals.margin === null ? null : h("span", { title: totals.with_money < totals.bundles ? `只含收支可算的${totals.with_money}个；其余有成员缺物业费或建筑面积` : "全部一年的收入减成本" },
            totals.with_money < totals.bundles ? `年收支（${totals.with_money}个可算）` : "年收支", h("b", { class: totals.margin < 0 ? "wb-bad" : "" }, yuan(totals.margin))),
        figure(number(totals.alone), "个" + desk.plan.words.alone, totals.alone, before && before.alone), figure(number(totals.fallback), "个" + desk.plan.words.left, totals.fallback, before && before.fallback),
        proof, ...desk.answer.told.map(text => h("span", { class: "wp-told" }, text)), totals.given_up ? h("span", {}, `为缩短距离让出${number(totals.given_up)}户`) : null].filter(Boolean));
}
