// The checks of a course as steps, and moments of the lab to which it can be put back.
import { h } from "./dom.js";
import { language, onlanguage, t } from "./i18n.js";

const words = (text) => (text ? text[language()] || text.en : "");

export class Lesson {
  #found = null;
  #moments = [];
  #branch = "main";
  #branches = ["main"];
  #pair = [0, 0];
  #different = null;
  #hints = new Map();
  #busy = false;
  #again = false;

  constructor(panel, lab) {
    this.panel = panel;
    this.lab = lab;
    this.label = "";
    onlanguage(() => this.draw());
  }

  // Look again soon: something in the lab changed.
  touch() {
    if (!this.has) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), 1200);
  }

  async begin(has) {
    this.has = has;
    await this.#turn("");
    await this.check();
    if (!this.#moments.length) await this.take(t("beginning"));
  }

  async check() {
    if (this.#busy) { this.#again = true; return; }
    this.#busy = true;
    try {
      const before = this.#done();
      this.#found = (await this.lab.act("checks")) ?? this.#found;
      for (const mark of this.#found?.marks ?? []) if (this.panel.hidden && mark.holds && before && !before.has(mark.number)) this.lab.say(`✓ ${words(mark.title)}`);
      this.draw();
    } finally {
      this.#busy = false;
      if (this.#again) { this.#again = false; this.touch(); }
    }
  }

  #done() { return this.#found && new Set(this.#found.marks.filter(({ holds }) => holds).map(({ number }) => number)); }

  async take(label) {
    this.#moments = (await this.lab.act("snapshot", { label })) ?? this.#moments;
    this.draw();
  }

  async #restore(number) {
    const found = await this.lab.act("restore", { number });
    if (!found) return;
    this.lab.restored();
    await this.#turn("");
    this.touch();
  }

  // Leave this branch, and go on with another; without a name only look.
  async #turn(name) {
    const before = this.#branches.includes(name);
    const found = await this.lab.act("branch", { name });
    if (found?.branches) {
      [this.#moments, this.#branch, this.#branches] = [found.moments, found.branch, found.branches];
      if (name && before) this.lab.restored();
    }
    this.draw();
    if (name) this.touch();
  }

  draw() {
    const focused = this.panel.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const typed = this.panel.querySelector("input")?.value ?? "";
    const { marks = [], stage = null } = this.#found ?? {};
    const total = marks.reduce((sum, { points }) => sum + points, 0);
    const reached = marks.reduce((sum, { points, holds }) => sum + (holds ? points : 0), 0);
    const parts = [];
    if (marks.length) {
      const share = Math.round((100 * reached) / (total || 1));
      parts.push(h("h2", { text: `${t("lesson")} – ${share} %` }),
        h("progress", { max: total, value: reached, "aria-label": `${t("lesson")}: ${reached} / ${total}` }),
        h("p", { class: "soft", text: `${reached} / ${total} ${t("points")}` }));
      if (stage) parts.push(h("div", { class: "stage-word", role: "status" }, h("strong", { text: words(stage.title) }), stage.hint.en ? h("div", { text: words(stage.hint) }) : null));
      parts.push(h("div", { class: "actions" }, h("button", { type: "button", "data-key": "check", text: t("checkNow"), onclick: () => this.check() })));
      for (const mark of marks) parts.push(this.#step(mark));
    } else parts.push(h("p", { class: "soft", text: t("noChecks") }));
    const name = h("input", { type: "text", id: "moment-label", maxlength: 60, "data-key": "moment-label", placeholder: t("momentName") });
    name.value = typed;
    parts.push(h("h2", { text: t("moments") }), h("p", { class: "soft", text: t("momentsHelp") }),
      h("form", { class: "actions", onsubmit: (event) => { event.preventDefault(); const label = name.value.trim() || t("moment"); name.value = ""; this.take(label); } },
        h("label", { for: "moment-label", class: "visually-hidden", text: t("momentName") }), name, h("button", { type: "submit", "data-key": "take", text: t("keepMoment") }),
        h("button", { type: "button", "data-key": "new-branch", text: t("newBranch"), onclick: () => { const label = name.value.trim(); name.value = ""; this.#turn((label || `${t("branch")} ${this.#branches.length}`).replace(/\s+/g, "-")); } })),
      this.#branches.length > 1 ? h("div", { class: "actions", role: "group", "aria-label": t("branch") }, h("span", { class: "soft", text: t("branch") }), this.#branches.map((each) =>
        h("button", { type: "button", "data-key": `branch-${each}`, "aria-pressed": each === this.#branch, text: each, onclick: () => each !== this.#branch && this.#turn(each) }))) : null,
      h("table", { class: "plain" }, h("tbody", {}, this.#moments.map(({ number, label, when, branch }) => h("tr", {}, h("td", { text: this.#branches.length > 1 ? `[${branch}] ${label}` : label }), h("td", { class: "soft", text: `${when.toFixed(1)} s` }),
        h("td", {}, h("button", { type: "button", "data-key": `restore-${number}`, text: t("restore"), "aria-label": `${t("restore")}: ${label}`, onclick: () => this.#restore(number) })))))));
    if (this.#moments.length) parts.push(this.#comparison());
    this.panel.replaceChildren(...parts.filter((each) => each !== null));
    if (focused) this.panel.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  #comparison() {
    const choose = (key, value, first) => h("select", { "data-key": key, "aria-label": t(key), onchange: (event) => { this.#pair[first ? 0 : 1] = Number(event.target.value); } },
      ...(first ? [] : [h("option", { value: 0, text: t("now"), selected: value === 0 })]),
      ...this.#moments.map(({ number, label }) => h("option", { value: number, text: label, selected: value === number })));
    if (!this.#moments.some(({ number }) => number === this.#pair[0])) this.#pair[0] = this.#moments[0].number;
    return h("div", {},
      h("div", { class: "actions" }, choose("compareFrom", this.#pair[0], true), choose("compareTo", this.#pair[1], false),
        h("button", { type: "button", "data-key": "compare", text: t("compare"), onclick: () => this.#compare() })),
      this.#different === null ? null : h("pre", { class: "config", tabindex: 0, role: "region", "aria-label": t("differences") },
        ...(this.#different.length ? this.#different.flatMap(({ device, table, gone, come }) => [
          h("div", { class: "soft", text: `${device}: ${table}` }),
          ...gone.map((line) => h("div", { class: "del", text: `- ${line}` })), ...come.map((line) => h("div", { class: "add", text: `+ ${line}` }))])
          : [t("nothingDiffers")])));
  }

  async #compare() {
    const [first, second] = this.#pair;
    const found = await this.lab.act("compare", { first, second });
    if (Array.isArray(found)) { this.#different = found; this.draw(); }
  }

  // Hints come by degrees: first where to look, then what to do.
  #step(mark) {
    const degree = this.#hints.get(mark.number) ?? 0;
    const more = () => { this.#hints.set(mark.number, degree + 1); this.draw(); };
    return h("article", { class: `step${mark.holds ? " done" : ""}`, "data-step": mark.number },
      h("h3", {}, h("span", { class: "tick", "aria-hidden": "true", text: mark.holds ? "✓" : "○" }),
        h("span", {}, h("span", { class: "visually-hidden", text: mark.holds ? t("done") : t("open") }), ` ${words(mark.title)}`),
        h("span", { class: "points", text: `${mark.points} ${t("points")}` })),
      mark.holds ? null : degree >= 1 ? h("div", { class: "hint" }, h("div", { text: t("lookAt") }), h("div", {}, [...new Set(mark.conditions)].map((line) => h("div", {}, h("code", { text: line }))))) : null,
      mark.holds ? null : degree >= 2 && mark.hint.en ? h("div", { class: "hint", text: words(mark.hint) }) : null,
      mark.holds || degree >= (mark.hint.en ? 2 : 1) ? null : h("div", { class: "actions" }, h("button", { type: "button", "data-key": `hint-${mark.number}`, text: degree ? t("moreHint") : t("hint"), "aria-label": `${degree ? t("moreHint") : t("hint")} ${mark.number}`, onclick: more })));
  }
}
