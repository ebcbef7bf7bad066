// The live list of packets with the packet view's filters and decoding, layers and octets side by side.
import { h } from "./dom.js";
import { onlanguage, t } from "./i18n.js";
import { short } from "./topology.js";

const ROW = 22;
const CONTROL = new Set(["STP", "DTP", "CDP", "LLDP", "LACP"]);
const EVENTS = ["ARP", "CDP", "DTP", "ICMP", "IPSec", "ISAKMP", "LACP", "LLDP", "STP", "TCP", "UDP", "other"];
const [NUMBER, TIME, PORT, SOURCE, DESTINATION, PROTOCOL, INFO, EVENT, OPENED, LINK] = Array(10).keys();
const colour = (event) => (CONTROL.has(event) ? "control" : event.toLowerCase());

export class Packets {
  #rows = [];
  #chosen = 0; // number of the packet
  #details = null;
  #field = null;
  #wanted = { filter: "", hidden: ["STP", "CDP", "DTP", "LLDP", "LACP"], where: "", decrypt: true, after: 0, when: null };
  #span = [0, 0]; // lab times between which the lab keeps packets
  #from = 0; // lab time of the first packet that this list could show
  #sought = null; // lab time at which a list of the past is to stand
  #active = false;
  #paused = false;
  #held = [];
  #following = true;
  #last = 0;

  constructor(panel, lab) {
    this.lab = lab;
    this.filter = h("input", { type: "text", id: "packet-filter", size: 26, maxlength: 900, spellcheck: "false" });
    this.filterLabel = h("label", { for: "packet-filter" });
    this.where = h("select", { onchange: () => { this.#wanted.where = this.where.value; this.ask(); } });
    this.form = h("form", { class: "bar", onsubmit: (event) => { event.preventDefault(); this.#wanted.filter = this.filter.value; this.ask(); } });
    this.pause = this.#toggle(() => { this.#paused = !this.#paused; if (!this.#paused) this.#add(this.#held.splice(0)); });
    this.follow = this.#toggle(() => { this.#following = !this.#following; if (this.#following) this.#live(); this.#draw(); });
    this.decrypt = this.#toggle(() => { this.#wanted.decrypt = !this.#wanted.decrypt; this.ask(); });
    this.clear = h("button", { type: "button", onclick: () => { this.#wanted.after = this.#last; this.#wanted.when = null; this.ask(); } });
    this.saving = h("a", { class: "button", download: "" });
    this.chips = h("div", { class: "chips", role: "group" });
    this.count = h("span", { class: "soft", role: "status" });
    this.scrub = h("input", { type: "range", class: "scrub", step: "any", oninput: () => this.#seek(Number(this.scrub.value)) });
    this.moment = h("output", { class: "soft" });
    this.form.append(this.filterLabel, this.filter, this.where, this.pause, this.follow, this.decrypt, this.clear, this.saving);
    this.space = h("div");
    this.list = h("div", { class: "list", tabindex: 0, role: "listbox" }, this.space);
    this.heads = h("div", { class: "list-head", "aria-hidden": "true" });
    this.layers = h("div", { class: "layers", tabindex: 0, role: "region" });
    this.bytes = h("div", { class: "bytes", tabindex: 0, role: "region" });
    panel.append(this.form, h("div", { class: "bar" }, this.chips, h("span", { class: "grow" }), this.scrub, this.moment, this.count), h("div", { class: "split" },
      h("div", { class: "list-box" }, this.heads, this.list), h("div", { class: "decode" }, this.layers, this.bytes)));
    this.list.addEventListener("scroll", () => this.#draw());
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) this.choose(Number(row.dataset.number));
    });
    new ResizeObserver(() => this.#draw()).observe(this.list);
    onlanguage(() => this.#words());
  }

  #toggle(flip) {
    return h("button", { type: "button", onclick: () => { flip(); this.#words(); } });
  }

  #words() {
    this.filterLabel.textContent = t("filter");
    this.filter.placeholder = t("filterHelp");
    this.where.setAttribute("aria-label", t("place"));
    this.pause.textContent = t("pause");
    this.pause.setAttribute("aria-pressed", this.#paused);
    this.follow.textContent = t("follow");
    this.follow.setAttribute("aria-pressed", this.#following);
    this.decrypt.textContent = t("decrypt");
    this.decrypt.setAttribute("aria-pressed", this.#wanted.decrypt);
    this.clear.textContent = t("clear");
    this.saving.textContent = t("saveKeys");
    this.chips.setAttribute("aria-label", t("events"));
    this.list.setAttribute("aria-label", t("packetList"));
    this.layers.setAttribute("aria-label", t("layers"));
    this.bytes.setAttribute("aria-label", t("bytes"));
    this.scrub.setAttribute("aria-label", t("scrub"));
    this.heads.replaceChildren(...["no", "time", "port", "source", "destination", "protocol", "info"].map((key) => h("span", { text: t(key) })));
    this.chips.replaceChildren(...EVENTS.map((event) => h("button", { type: "button", "aria-pressed": !this.#wanted.hidden.includes(event), text: event, onclick: () => {
      const hidden = new Set(this.#wanted.hidden);
      if (!hidden.delete(event)) hidden.add(event);
      this.#wanted.hidden = [...hidden];
      this.#words();
      this.ask();
    } })));
    this.begin(this.names ?? []);
    this.#address();
    this.#decoded();
    this.#draw();
  }

  begin(names) {
    this.names = names;
    const ports = this.#wanted.where.includes(":") ? [this.#wanted.where] : [];
    this.where.replaceChildren(h("option", { value: "", text: t("eachOnce") }), ...[...names, ...ports].map((name) => h("option", { value: name, text: `${t("at")} ${name}` })));
    this.where.value = this.#wanted.where;
  }

  // The panel is shown or hidden: nothing is decoded for a list that nobody sees.
  shown(on) {
    if (on === this.#active) return;
    this.#active = on;
    if (on) this.ask();
    else this.lab.act("stop-packets");
  }

  again() {
    this.#wanted.after = 0;
    this.#wanted.when = null;
    if (this.#active) this.ask();
  }

  at(where) {
    this.#wanted.where = where;
    this.begin(this.names);
    if (this.#active) this.ask();
  }

  async ask() {
    const answer = await this.lab.act("packets", this.#wanted);
    this.filter.setAttribute("aria-invalid", !answer);
    if (answer) { this.#last = answer.last; this.#address(); }
  }

  #address() {
    const { filter, hidden, where, when } = this.#wanted;
    this.saving.href = `download/capture?${new URLSearchParams({ filter, hidden: hidden.join(","), where, when: when ?? "" })}`;
  }

  // Back from the past to what passes now.
  #live() {
    clearTimeout(this.seeking);
    this.#sought = null;
    if (this.#wanted.when === null) return;
    this.#wanted.when = null;
    this.ask();
  }

  take({ reset, rows, first, total, span, from, more }) {
    this.#span = span;
    this.#from = from;
    if (reset) { this.#rows = []; this.#held = []; }
    let gone = 0;
    while (gone < this.#rows.length && this.#rows[gone][NUMBER] < first) gone++;
    if (gone) this.#rows.splice(0, gone);
    if (rows.length) this.#last = Math.max(this.#last, rows.at(-1)[NUMBER]);
    this.total = total;
    if (this.#paused && this.#wanted.when === null) this.#held.push(...rows);
    else this.#add(rows);
    if (this.#sought !== null && this.#wanted.when === this.#sought && this.#rows.length && (!more || this.#rows.at(-1)[TIME] >= this.#sought)) this.#stand(this.#sought);
  }

  #add(rows) {
    this.#rows.push(...rows);
    if (this.#following && this.#rows.length) this.#chosen = this.#rows.at(-1)[NUMBER];
    this.space.style.height = `${this.#rows.length * ROW}px`;
    if (this.#following) {
      this.list.scrollTop = this.#rows.length * ROW;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#load(), 150);
    }
    this.#draw();
  }

  get length() { return this.#rows.length; }

  // Only the rows in sight are elements.
  #draw() {
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      const begin = Math.max(0, Math.floor(this.list.scrollTop / ROW) - 4);
      const end = Math.min(this.#rows.length, begin + Math.ceil(this.list.clientHeight / ROW) + 9);
      const drawn = [];
      for (let at = begin; at < end; at++) drawn.push(this.#row(at));
      this.space.replaceChildren(...drawn);
      this.space.style.height = `${this.#rows.length * ROW}px`;
      const chosen = drawn.find((row) => Number(row.dataset.number) === this.#chosen);
      if (chosen) this.list.setAttribute("aria-activedescendant", chosen.id);
      else this.list.removeAttribute("aria-activedescendant");
      if (!this.#rows.length) this.space.append(h("div", { class: "row", role: "option", "aria-selected": "false", style: "display:block", text: t("noPackets") }));
      this.#place();
      this.count.textContent = `${this.#rows.length} ${t("of")} ${this.total ?? 0}${this.#held.length ? ` (+${this.#held.length})` : ""}`;
    });
  }

  #row(at) {
    const row = this.#rows[at];
    const [name, port] = row[PORT].split(":");
    return h("div", { class: `row k-${colour(row[EVENT])}${row[NUMBER] === this.#chosen ? " chosen" : ""}`, role: "option", id: `packet-${row[NUMBER]}`,
      "aria-selected": row[NUMBER] === this.#chosen, "aria-setsize": this.#rows.length, "aria-posinset": at + 1, "data-number": row[NUMBER], style: `top:${at * ROW}px` },
      h("span", { text: row[NUMBER] }), h("span", { text: row[TIME].toFixed(3) }), h("span", { text: `${name} ${short(port ?? "")}` }), h("span", { text: row[SOURCE] }),
      h("span", { text: row[DESTINATION] }), h("span", { class: "proto", text: row[PROTOCOL] }), h("span", { class: row[OPENED] ? "lock" : "", text: row[INFO] }));
  }

  choose(number) {
    this.#chosen = number;
    this.#following = this.#rows.at(-1)?.[NUMBER] === number && this.#following;
    this.follow.setAttribute("aria-pressed", this.#following);
    this.#draw();
    this.#load();
  }

  // Back to what passed at a lab time: the first packet that is not before it. What the list does not have is asked for.
  #seek(time) {
    this.#following = false;
    this.follow.setAttribute("aria-pressed", false);
    const rows = this.#rows;
    const within = rows.length && this.#from <= time && (time <= rows.at(-1)[TIME] || this.#wanted.when === null);
    if (!within && this.#sought !== time && time >= this.#span[0]) {
      this.#sought = time;
      clearTimeout(this.seeking);
      this.seeking = setTimeout(() => { this.#wanted.when = time; this.ask(); }, 150);
      this.#place(time);
      return;
    }
    this.#stand(time);
  }

  // Choose the first packet of the list that is not before a lab time.
  #stand(time) {
    const rows = this.#rows;
    this.#sought = null;
    let low = 0, high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle][TIME] < time) low = middle + 1; else high = middle;
    }
    if (high < 0) return;
    this.list.scrollTop = Math.max(0, low * ROW - this.list.clientHeight / 2);
    this.choose(rows[low][NUMBER]);
  }

  // The slider goes from the oldest packet that is kept to the newest, and stands at the chosen one.
  #place(sought = this.#sought) {
    const [first, last] = this.#span;
    this.scrub.min = first;
    this.scrub.max = last;
    this.scrub.disabled = last <= first;
    const at = sought ?? this.#rows.find((row) => row[NUMBER] === this.#chosen)?.[TIME] ?? last;
    if (document.activeElement !== this.scrub || this.#following) this.scrub.value = at;
    this.moment.textContent = last > first ? `${at.toFixed(1)} s` : "";
    this.scrub.setAttribute("aria-valuetext", this.moment.textContent);
  }

  #key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[event.key];
    if (!by || !this.#rows.length) return;
    event.preventDefault();
    const at = this.#rows.findIndex((row) => row[NUMBER] === this.#chosen);
    const next = Math.max(0, Math.min(this.#rows.length - 1, (at < 0 ? 0 : at) + by));
    this.#following = event.key === "End";
    if (this.#following) this.#live();
    this.choose(this.#rows[next][NUMBER]);
    if (next * ROW < this.list.scrollTop) this.list.scrollTop = next * ROW;
    else if ((next + 1) * ROW > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = (next + 1) * ROW - this.list.clientHeight;
  }

  async #load() {
    const number = this.#chosen;
    if (!number || this.#details?.number === number) return;
    const details = await this.lab.act("packet", { number });
    if (details && number === this.#chosen) {
      this.#details = details;
      this.#field = null;
      this.#decoded();
    }
  }

  #decoded() {
    const found = this.#details;
    if (!found) {
      this.layers.replaceChildren(h("p", { class: "soft", text: t("choosePacket") }));
      this.bytes.replaceChildren();
      return;
    }
    const [name, port] = found.port.split(":");
    this.layers.replaceChildren(
      h("div", {}, `${t("no")} ${found.number} · ${found.time.toFixed(6)} s · ${name} ${short(port ?? "")} · ${found.frame.length / 2} `, found.link >= 0
        ? h("button", { type: "button", text: t("showCable"), onclick: () => this.lab.select({ type: "link", number: found.link }) }) : null),
      ...found.layers.map((layer) => h("details", { open: layer.name !== "Ethernet", class: layer.decrypted ? "opened" : "" },
        h("summary", { text: layer.name, "data-mark": t("decrypted") }),
        ...layer.fields.map(([field, value, start, end]) => {
          const button = h("button", { type: "button", class: "field", "aria-pressed": "false", onclick: () => this.#point(button, layer.decrypted, start, end) }, h("span", { class: "soft", text: field }), h("span", { text: value }));
          return button;
        }))),
      ...(found.malformed ? [h("p", { class: "state-down", text: found.malformed })] : []));
    this.#dump();
  }

  #point(button, decrypted, start, end) {
    for (const other of this.layers.querySelectorAll(".field[aria-pressed='true']")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", "true");
    this.#field = { decrypted, start, end };
    this.#dump();
    this.bytes.querySelector("mark")?.scrollIntoView({ block: "nearest" });
  }

  #dump() {
    const part = (hex, marked) => {
      const octets = hex.match(/../g) ?? [];
      const lines = [];
      for (let at = 0; at < octets.length; at += 16) {
        const line = [h("span", { class: "at", text: at.toString(16).padStart(4, "0") + "  " })];
        for (let each = at; each < at + 16; each++) {
          const text = octets[each] ?? "  ";
          line.push(marked && each >= marked.start && each < marked.end && octets[each] ? h("mark", { text }) : text, each === at + 7 ? "  " : " ");
        }
        const letters = octets.slice(at, at + 16).map((octet) => { const code = parseInt(octet, 16); return code >= 32 && code < 127 ? String.fromCharCode(code) : "·"; });
        line.push(` ${letters.join("")}\n`);
        lines.push(...line);
      }
      return lines;
    };
    const { frame, clear } = this.#details;
    const field = this.#field;
    this.bytes.replaceChildren(...part(frame, field && !field.decrypted ? field : null),
      ...(clear ? [h("span", { class: "title", text: `\n${t("inside")} (${clear.length / 2})\n` }), ...part(clear, field?.decrypted ? field : null)] : []));
  }
}
