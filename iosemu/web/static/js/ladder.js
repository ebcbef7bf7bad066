// An exchange as a sequence diagram, message by message.
import { h, s, save } from "./dom.js";
import { onlanguage, t } from "./i18n.js";
import { standalone } from "./topology.js";

const TOP = 64, STEP = 46, COLUMN = 300, MARGIN = 130;
const COLOURS = { IKEv1: "isakmp", IKEv2: "isakmp", TCP: "tcp", UDP: "udp", ARP: "arp", DHCP: "udp", ICMP: "icmp", OSPF: "routing", EIGRP: "routing", RIPv1: "routing", RIPv2: "routing", BGP: "routing", STP: "control", LACP: "control" };

// What stands between backticks is a line of configuration.
const quoted = (text) => text.split("`").map((part, at) => (at % 2 ? h("code", { text: part }) : part));

export class Ladder {
  #list = [];
  #key = "";
  #drawn = null;
  #at = 0;
  #byHand = false; // else the newest exchange of keys is shown

  constructor(panel, lab) {
    this.lab = lab;
    this.label = h("label", { for: "conversation" });
    this.choose = h("select", { id: "conversation", onchange: () => { this.#key = this.choose.value; this.#byHand = true; this.#at = 0; this.load(); } });
    this.refresh = h("button", { type: "button", onclick: () => this.ask() });
    this.back = h("button", { type: "button", onclick: () => this.step(-1) });
    this.forward = h("button", { type: "button", onclick: () => this.step(1) });
    this.saving = h("button", { type: "button", onclick: () => this.svg && save(`${this.lab.name}-${this.#drawn.kind}.svg`, "image/svg+xml", standalone(this.svg)) });
    this.place = h("div", { class: "ladder-draw", tabindex: 0, role: "region" });
    this.side = h("div", { class: "ladder-side", tabindex: 0, role: "region" });
    panel.append(h("div", { class: "bar" }, this.label, this.choose, this.refresh, this.back, this.forward, h("span", { class: "grow" }), this.saving), h("div", { class: "ladder-box" }, this.place, this.side));
    this.place.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) { event.preventDefault(); this.step(by); }
    });
    onlanguage(() => this.#words());
  }

  #words() {
    this.label.textContent = t("conversation");
    this.refresh.textContent = t("refresh");
    this.back.textContent = `◀ ${t("back")}`;
    this.forward.textContent = `${t("forward")} ▶`;
    this.saving.textContent = t("exportSvg");
    this.place.setAttribute("aria-label", t("ladderDrawing"));
    this.side.setAttribute("aria-label", t("message"));
    this.#draw();
  }

  shown(on) {
    if (on) this.ask();
  }

  async ask() {
    const found = await this.lab.act("ladders");
    if (!Array.isArray(found)) return;
    this.#list = found;
    if (!this.#byHand || !found.some(({ key }) => key === this.#key)) {
      const newest = (found.find(({ kind }) => kind.startsWith("IKE")) ?? found[0])?.key ?? "";
      if (newest !== this.#key) this.#at = 0;
      this.#key = newest;
    }
    this.choose.replaceChildren(...found.map(({ key, kind, ends, about, count, first }) => h("option", { value: key, text: `${kind}: ${ends.join(" – ")}${about ? `, ${about}` : ""} (${count}, ${first.toFixed(1)} s)` })));
    this.choose.value = this.#key;
    await this.load();
  }

  async load() {
    this.#drawn = this.#key ? ((await this.lab.act("ladder", { key: this.#key })) ?? null) : null;
    this.#draw();
  }

  step(by) {
    const last = (this.#drawn?.messages.length ?? 0) - 1;
    this.#at = Math.max(0, Math.min(last, this.#at + by));
    this.#draw();
    this.place.querySelector(".message.chosen")?.scrollIntoView({ block: "nearest" });
  }

  #draw() {
    const found = this.#drawn;
    const messages = found?.messages ?? [];
    this.back.disabled = this.#at <= 0;
    this.forward.disabled = this.#at >= messages.length - 1;
    this.saving.disabled = !messages.length;
    if (!messages.length) {
      this.place.replaceChildren(h("p", { class: "empty", text: t("noConversation") }));
      this.side.replaceChildren();
      return;
    }
    const column = (name) => MARGIN + found.ends.indexOf(name) * COLUMN;
    const width = 2 * MARGIN + (found.ends.length - 1) * COLUMN, height = TOP + messages.length * STEP + 30;
    const colour = `var(--p-${COLOURS[found.kind] ?? "ip"})`;
    const lines = found.ends.map((name) => s("g", {},
      s("line", { class: "life", x1: column(name), x2: column(name), y1: 36, y2: height - 8 }),
      s("rect", { class: "head", x: column(name) - 70, y: 6, width: 140, height: 30, rx: 6 }),
      s("text", { class: "who", x: column(name), y: 26, text: name })));
    const drawn = messages.map((message, at) => {
      const y = TOP + at * STEP + 14;
      const from = column(message.from), to = column(message.to);
      const self = from === to;
      const end = self ? from + 60 : to, head = end > from || self ? -9 : 9;
      const middle = self ? from + 70 : (from + to) / 2;
      const label = message.repeats ? `${message.label} × ${message.repeats + 1}` : message.label;
      const text = label.length > 44 ? `${label.slice(0, 43)}…` : label;
      return s("g", { class: `message${at === this.#at ? " chosen" : ""}`, "data-at": at },
        s("rect", { class: "band", x: 4, y: y - 27, width: width - 8, height: STEP - 4, rx: 6 }),
        s("text", { class: "when", x: 10, y: y + 4, text: `${message.time.toFixed(3)}` }),
        s("path", { class: "arrow", stroke: colour, d: `M${from} ${y}H${end}`, "stroke-dasharray": message.label.includes("(again)") ? "5 5" : undefined }),
        s("path", { fill: colour, d: `M${end} ${y}l${head} -5v10z` }),
        s("text", { class: "says", x: middle, y: y - 8, fill: colour, "text-anchor": self ? "start" : "middle", text }),
        ...Object.entries(message.after).filter(([name]) => found.ends.includes(name)).map(([name, state]) =>
          s("text", { class: "state", x: column(name) + (column(name) > width / 2 ? 8 : -8), y: y + 16, "text-anchor": column(name) > width / 2 ? "start" : "end", text: state })));
    });
    this.svg = s("svg", { class: "ladder", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${found.kind}: ${found.ends.join(", ")}` }, ...lines, ...drawn);
    this.svg.addEventListener("click", (event) => {
      const at = event.target.closest(".message")?.dataset.at;
      if (at !== undefined) { this.#at = Number(at); this.#draw(); }
    });
    this.place.replaceChildren(this.svg);
    const message = messages[this.#at];
    const parties = [...new Set([...Object.keys(message.states), ...Object.keys(message.after)])];
    this.side.replaceChildren(
      h("h2", { "aria-live": "polite", text: `${this.#at + 1} / ${messages.length}  ${message.from} → ${message.to}` }),
      h("p", {}, h("strong", { text: message.label }), message.opened ? h("span", { class: "state-up", text: ` ${t("decrypted")}` }) : null),
      ...(message.verdicts.length ? [h("h3", { text: t("verdicts") }), h("ul", { class: "verdicts" }, message.verdicts.map((text) => h("li", {}, quoted(text))))] : []),
      ...(parties.length ? [h("h3", { text: t("states") }), h("table", { class: "plain" },
        h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col", text: t("before") }), h("th", { scope: "col", text: t("after") }))),
        h("tbody", {}, parties.map((name) => h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: message.states[name] ?? "–" }), h("td", { text: message.after[name] ?? "–" })))))] : []),
      h("h3", { text: t("payloads") }),
      h("ul", {}, message.notes.map((note) => h("li", { text: note }))),
      h("div", { class: "actions" }, h("button", { type: "button", text: t("showPacket"), onclick: () => this.lab.packet(message.number) })),
      ...(message.log.length ? [h("h3", { text: t("log") }), h("pre", { class: "config", tabindex: 0, role: "region", "aria-label": t("log"), text: message.log.join("\n") })]
        : found.kind.startsWith("IKE") ? [h("p", { class: "soft", text: t("debugHelp") })] : []));
  }
}
