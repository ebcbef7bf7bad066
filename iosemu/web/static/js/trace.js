// One packet followed through every device: what each decided, and the line of configuration behind it.
import { h } from "./dom.js";
import { onlanguage, t } from "./i18n.js";
import { short } from "./topology.js";

export class Trace {
  #found = null;
  #busy = false;

  constructor(panel, lab) {
    this.lab = lab;
    this.names = h("datalist", { id: "trace-names" });
    this.source = h("select", { id: "trace-source" });
    this.destination = h("input", { type: "text", id: "trace-destination", size: 16, maxlength: 64, list: "trace-names", spellcheck: "false", required: true });
    this.protocol = h("select", { id: "trace-protocol", onchange: () => { this.port.hidden = this.protocol.value === "icmp"; } }, ...["icmp", "udp", "tcp"].map((value) => h("option", { value, text: value.toUpperCase() })));
    this.port = h("input", { type: "text", id: "trace-port", size: 5, inputmode: "numeric", pattern: "[0-9]{1,5}", value: "80", hidden: true });
    this.labels = ["source", "destination"].map((key) => h("label", { for: `trace-${key}`, "data-word": key }));
    this.send = h("button", { type: "submit", class: "primary" });
    this.verdict = h("span", { class: "grow verdict", role: "status" });
    this.list = h("ol", { class: "trace", tabindex: 0 });
    panel.append(
      h("form", { class: "bar", onsubmit: (event) => { event.preventDefault(); this.ask(); } },
        this.labels[0], this.source, this.labels[1], this.destination, this.names, this.protocol, this.port, this.send, this.verdict),
      this.list);
    onlanguage(() => this.#words());
  }

  #words() {
    for (const label of this.labels) label.textContent = t(label.dataset.word);
    this.protocol.setAttribute("aria-label", t("protocol"));
    this.port.setAttribute("aria-label", t("destinationPort"));
    this.send.textContent = t("sendPacket");
    this.list.setAttribute("aria-label", t("trace"));
    this.#draw();
  }

  begin(names) {
    const chosen = this.source.value;
    this.source.replaceChildren(...names.map((name) => h("option", { value: name, text: name })));
    if (names.includes(chosen)) this.source.value = chosen;
    this.names.replaceChildren(...names.map((name) => h("option", { value: name })));
  }

  // From here, as a device's panel offers it.
  from(name) {
    this.source.value = name;
    this.destination.focus();
  }

  async ask() {
    if (this.#busy || !this.destination.value.trim()) return;
    this.#busy = this.send.disabled = true;
    const found = await this.lab.act("trace", { source: this.source.value, destination: this.destination.value.trim(), protocol: this.protocol.value, port: Number(this.port.value) || 0 });
    this.#busy = this.send.disabled = false;
    if (!found) return;
    this.#found = found;
    this.#draw();
    this.list.querySelector(".dropped")?.scrollIntoView({ block: "center" });
  }

  #draw() {
    const found = this.#found;
    this.verdict.textContent = found?.verdict ?? "";
    this.verdict.className = `grow verdict ${found ? (found.answered ? "state-up" : "state-down") : ""}`;
    this.lab.topology?.trail(found ? found.steps : []);
    if (!found) {
      this.list.replaceChildren(h("li", { class: "empty", text: t("traceHelp") }));
      return;
    }
    const groups = [];
    for (const step of found.steps) {
      const last = groups.at(-1);
      if (last && last[0].device === step.device && last[0].kind === step.kind) last.push(step);
      else groups.push([step]);
    }
    this.list.replaceChildren(...groups.map((steps) => h("li", { class: `at ${steps[0].kind}` },
      h("div", { class: "who" },
        h("span", { class: "soft", text: `+${(steps[0].after * 1000).toFixed(3)} ms` }),
        h("button", { type: "button", text: steps[0].device, onclick: () => this.lab.select({ type: "device", name: steps[0].device }) }),
        steps[0].kind === "packet" ? null : h("span", { class: "kind", text: t(`trace_${steps[0].kind}`) })),
      h("ul", {}, ...steps.map((step) => this.#step(step))))));
  }

  #step(step) {
    const dropped = step.end === "dropped";
    const [name, port] = step.port.split(":");
    const cable = step.port ? this.lab.topology.cableAt(name, port) : -1;
    return h("li", { class: dropped ? "dropped" : "" },
      h("strong", { text: step.stage }), " ",
      dropped ? h("span", { class: "state-down", text: `${t("dropped")} ` }) : null,
      cable >= 0 ? h("button", { type: "button", class: "link", text: shorter(step.text), onclick: () => this.lab.select({ type: "link", number: cable }) }) : h("span", { text: shorter(step.text) }),
      step.lines.length ? h("pre", { text: step.lines.join("\n") }) : null);
  }
}

const shorter = (text) => text.replace(/\b(?:Fast|TenGigabit|Gigabit)?Ethernet(?=\d)|\bSerial(?=\d)/g, short);
