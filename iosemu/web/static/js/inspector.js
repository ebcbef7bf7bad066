// What was clicked: a device with its power, ports and configuration, or a cable with its faults.
import { h } from "./dom.js";
import { onlanguage, t } from "./i18n.js";
import { short } from "./topology.js";

const FAULTS = [["delay", "20ms"], ["jitter", "5ms"], ["loss", "1%"], ["duplicate", "1%"], ["reorder", "1%"], ["corrupt", "1%"], ["rate", "1M"], ["mtu", "1400"]];

export class Inspector {
  #selection = null;
  #config = null;

  constructor(panel, lab) {
    this.panel = panel;
    this.lab = lab;
    onlanguage(() => this.draw());
  }

  show(selection) {
    this.#selection = selection;
    this.#config = null;
    this.draw();
  }

  // Facts changed; a form that somebody fills in stays.
  update(changed) {
    const key = this.#selection && (this.#selection.type === "device" ? `d:${this.#selection.name}` : `l:${this.#selection.number}`);
    if (key in changed || (this.#selection?.type === "device" && Object.keys(changed).some((each) => each.startsWith("l:")))) {
      if (!this.panel.contains(document.activeElement) || document.activeElement.tagName !== "INPUT") this.draw();
    }
  }

  draw() {
    const focused = this.panel.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const content = this.#selection === null ? [h("p", { class: "soft", text: t("nothingSelected") })]
      : this.#selection.type === "device" ? this.#device(this.#selection.name) : this.#link(this.#selection.number);
    this.panel.replaceChildren(...content);
    if (focused) this.panel.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  #button(key, text, onclick, more = {}) {
    return h("button", { type: "button", "data-key": key, text, onclick, ...more });
  }

  #device(name) {
    const { topology, act } = this.lab;
    const device = topology.device(name);
    const facts = topology.facts(`d:${name}`);
    if (!facts) return [h("h2", { text: name }), h("p", { class: "soft", text: t(`kind_${device?.kind ?? "outside"}`) })];
    const on = facts.power;
    const sniffer = device.kind === "sniffer";
    return [
      h("h2", { text: facts.hostname === name ? name : `${name} (${facts.hostname})` }),
      h("dl", { class: "facts" },
        h("dt", { text: t("kind") }), h("dd", { text: `${t(`kind_${device.kind}`)} – ${device.title || device.model}` }),
        h("dt", { text: t("power") }), h("dd", { class: `state-${on ? "up" : "down"}`, text: t(on ? "on" : "off") }),
        ...(on && !["pc", "sniffer", "server"].includes(device.kind) ? [h("dt", { text: t("load") }), h("dd", { text: `${facts.load} %` })] : []),
        h("dt", { text: "SSH" }), h("dd", {}, h("code", { text: `ssh -p ${device.port} admin@${location.hostname}` }))),
      h("div", { class: "actions" },
        this.#button("terminal", t("terminal"), () => this.lab.openTerminal(name), { class: "primary" }),
        this.lab.capture ? this.#button("packets", t("packets"), () => this.lab.capture(name)) : null,
        sniffer || !on || !this.lab.trace ? null : this.#button("trace", t("traceFrom"), () => this.lab.trace(name)),
        on ? this.#button("power", t("powerOff"), () => act("power", { device: name, state: "off" })) : this.#button("power", t("powerOn"), () => act("power", { device: name, state: "on" })),
        on ? this.#button("cycle", t("powerCycle"), () => act("power", { device: name, state: "cycle" })) : null,
        sniffer ? null : this.#button("config", t("runningConfig"), () => this.#load(name))),
      ...(this.#config ? this.#drawConfig() : []),
      h("h3", { text: t("neighbours") }),
      h("table", { class: "plain" }, h("tbody", {}, topology.cablesOf(name).map(({ number, end, other, side }) => {
        const link = topology.facts(`l:${number}`);
        return h("tr", {}, h("td", { text: short(end[1]) }), h("td", { class: `state-${link?.state}`, text: t(`state_${link?.state ?? "down"}`) }),
          h("td", { text: link?.ends[side].address ?? "" }),
          h("td", {}, this.#button(`to-${number}`, `${other[0]} ${short(other[1])}`, () => this.lab.select({ type: "link", number }))));
      }))),
      h("h3", { text: t("interfaces") }),
      h("table", { class: "plain" }, h("tbody", {}, facts.ports.map(([port, address, state]) =>
        h("tr", {}, h("td", { text: port }), h("td", { text: address || "–" }), h("td", { class: `state-${state}`, text: t(`state_${state}`) }))))),
    ].filter(Boolean);
  }

  async #load(name) {
    const config = await this.lab.act("config", { device: name });
    if (config && this.#selection?.name === name) {
      this.#config = config;
      this.draw();
    }
  }

  #drawConfig() {
    const lines = difference(this.#config.before, this.#config.running);
    const changed = lines.filter(([sign]) => sign !== " ").length;
    return [
      h("h3", { text: `${t("runningConfig")} – ${changed ? t("changedLines").replace("%", changed) : t("unchanged")}` }),
      h("pre", { class: "config", tabindex: 0, role: "region", "aria-label": t("runningConfig") }, lines.map(([sign, line]) =>
        h("span", { class: { "+": "add", "-": "del", " ": "same" }[sign], text: `${sign === " " ? " " : sign} ${line}\n` }))),
    ];
  }

  #link(number) {
    const { topology, act } = this.lab;
    const { ends } = topology.cable(number);
    const facts = topology.facts(`l:${number}`);
    if (!facts) return [];
    const inputs = FAULTS.map(([name, like]) => [name, h("input", { type: "text", id: `fault-${name}`, placeholder: like, maxlength: 20, "data-key": `fault-${name}` })]);
    const answer = h("pre", { class: "config", hidden: true });
    return [
      h("h2", { text: ends.map(([name, port]) => `${name} ${short(port)}`).join(" – ") }),
      h("dl", { class: "facts" },
        h("dt", { text: t("cable") }), h("dd", { class: `state-${facts.state}`, text: t(`state_${facts.state}`) }),
        ...facts.ends.flatMap((end, side) => [h("dt", { text: `${ends[side][0]} ${short(ends[side][1])}` }),
          h("dd", { class: `state-${end.line}`, text: [t(`state_${end.line}`), end.address, end.stp && `STP ${end.stp}`].filter(Boolean).join(", ") })]),
        h("dt", { text: t("faults") }), h("dd", { text: facts.faults || t("none") })),
      h("div", { class: "actions" },
        facts.state === "cut" ? this.#button("cut", t("mend"), () => act("link", { link: number, action: "up" }), { class: "primary" })
          : this.#button("cut", t("cut"), () => act("link", { link: number, action: "down" }), { class: "bad" }),
        this.#button("clear", t("clearFaults"), () => act("link", { link: number, action: "clear" }), { disabled: !facts.faults }),
        this.lab.capture ? this.#button("packets", t("packets"), () => this.lab.capture(`${ends[0][0]}:${ends[0][1]}`)) : null),
      h("h3", { text: t("spoil") }),
      h("form", { class: "form", onsubmit: async (event) => {
        event.preventDefault();
        const faults = Object.fromEntries(inputs.filter(([, input]) => input.value.trim()).map(([name, input]) => [name, input.value.trim()]));
        const lines = await act("impair", { link: number, faults });
        if (lines) { inputs.forEach(([, input]) => (input.value = "")); this.draw(); }
      } },
        ...inputs.flatMap(([name, input]) => [h("label", { for: `fault-${name}`, text: t(`fault_${name}`) }), input]),
        h("span"), h("button", { type: "submit", text: t("apply") })),
      answer,
      h("h3", { text: t("devices") }),
      h("div", { class: "actions" }, ends.map(([name]) => this.#button(`device-${name}`, name, () => this.lab.select({ type: "device", name })))),
    ];
  }
}

// What of `after` is new and what of `before` is gone, line by line (longest common subsequence).
export function difference(before, after) {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const a = before.slice(head, before.length - tail), b = after.slice(head, after.length - tail);
  const same = (line) => [" ", line];
  const rows = [];
  if (a.length * b.length > 4_000_000) rows.push(...a.map((line) => ["-", line]), ...b.map((line) => ["+", line]));
  else {
    const size = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) size[i][j] = a[i] === b[j] ? size[i + 1][j + 1] + 1 : Math.max(size[i + 1][j], size[i][j + 1]);
    let i = 0, j = 0;
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) { rows.push(same(a[i])); i++; j++; }
      else if (i < a.length && (j >= b.length || size[i + 1][j] >= size[i][j + 1])) rows.push(["-", a[i++]]);
      else rows.push(["+", b[j++]]);
    }
  }
  return [...before.slice(0, head).map(same), ...rows, ...after.slice(after.length - tail).map(same)];
}
