// The network as a drawing: devices that can be moved, cables that can be cut, and what passes on them.
import { $, h, remember, remembered, s, save } from "./dom.js";
import { icon } from "./icons.js";
import { onlanguage, t } from "./i18n.js";
import { covers, parts, put, ROW } from "./labels.js";

const PULSES = 160;
const REACH = 62; // from the middle of a device to where the text of a port stands
const BELOW = 92; // the same where the device's own name is in the way
export const KINDS = ["icmp", "esp", "isakmp", "arp", "tcp", "udp", "routing", "control"];
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Topology {
  #devices = new Map();
  #cables = [];
  #tunnels = new Map();
  #state = new Map();
  #view = { x: 0, y: 0, w: 1600, h: 860 };
  #pulses = [];
  #running = false;
  #trail = new Set();
  #lab = "";
  frames = [];

  constructor(select, open) {
    this.select = select;
    this.openDevice = open;
    this.tunnelLayer = s("g");
    this.cableLayer = s("g");
    this.deviceLayer = s("g");
    this.portLayer = s("g", { "aria-hidden": "true" });
    this.textLayer = s("g");
    this.pulseLayer = s("g");
    this.svg = s("svg", { role: "group", preserveAspectRatio: "xMidYMid meet" },
      this.tunnelLayer, this.cableLayer, this.pulseLayer, this.deviceLayer, this.textLayer, this.portLayer);
    $("canvas").append(this.svg);
    this.fitButton = h("button", { type: "button", onclick: () => this.fit() });
    this.resetButton = h("button", { type: "button", onclick: () => this.reset() });
    this.saveButton = h("button", { type: "button", onclick: () => this.export() });
    $("stage-tools").append(this.fitButton, this.resetButton, this.saveButton);
    this.svg.addEventListener("wheel", (event) => this.#zoom(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.#pan(event));
    new ResizeObserver(() => this.#apply()).observe(this.svg);
    onlanguage(() => this.#words());
  }

  #words() {
    this.svg.setAttribute("aria-label", t("topology"));
    this.fitButton.textContent = t("fit");
    this.resetButton.textContent = t("resetLayout");
    this.saveButton.textContent = "SVG";
    this.saveButton.setAttribute("aria-label", t("saveSvg"));
    $("stage-tools").setAttribute("aria-label", t("topologyTools"));
    $("legend").replaceChildren(...KINDS.map((kind) =>
      h("span", {}, h("i", { style: `background:var(--p-${kind})` }), t(`k_${kind}`))));
    for (const name of this.#devices.keys()) this.#drawDevice(name);
    this.#cables.forEach((_, number) => this.#drawCable(number));
    this.#drawTunnels();
  }

  begin(hello) {
    this.#lab = hello.lab.name;
    this.frame = hello.frame;
    const moved = remembered(`places.${this.#lab}`, {});
    for (const layer of [this.tunnelLayer, this.cableLayer, this.deviceLayer, this.textLayer, this.portLayer, this.pulseLayer]) layer.replaceChildren();
    this.#devices.clear();
    this.#tunnels.clear();
    this.#state.clear();
    this.#cables = [];
    for (const device of hello.devices) {
      const [x, y] = moved[device.name] ?? this.#home(device.place);
      const group = s("g", { class: "device", tabindex: 0, role: "button" });
      const texts = s("g", { class: "texts", "aria-hidden": "true" }); // beside the button, whose label says more
      this.deviceLayer.append(group);
      this.textLayer.append(texts);
      const entry = { ...device, x, y, home: device.place, group, texts };
      this.#devices.set(device.name, entry);
      this.#handle(entry);
    }
    hello.links.forEach(([a, b], number) => {
      const group = s("g", { class: "cable", tabindex: 0, role: "button" });
      const labels = s("g", { class: "port" });
      this.cableLayer.append(group);
      this.portLayer.append(labels);
      this.#cables.push({ ends: [a, b], group, labels });
      const choose = () => this.select({ type: "link", number });
      group.addEventListener("click", choose);
      group.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); }
      });
    });
    for (const name of this.#devices.keys()) this.#drawDevice(name);
    this.#cables.forEach((_, number) => this.#drawCable(number));
    this.#clear();
    this.fit();
  }

  device(name) { return this.#devices.get(name); }
  get deviceNames() { return [...this.#devices.keys()]; }
  cable(number) { return this.#cables[number]; }
  facts(key) { return this.#state.get(key); }
  cablesOf(name) {
    return this.#cables.flatMap(({ ends }, number) => ends.flatMap((end, side) => end[0] === name ? [{ number, side, end, other: ends[1 - side] }] : []));
  }
  cableAt(name, port) {
    return this.#cables.findIndex(({ ends }) => ends.some(([device, socket]) => device === name && socket === port));
  }

  update(changed) {
    for (const [key, facts] of Object.entries(changed)) {
      if (facts === null) this.#state.delete(key);
      else this.#state.set(key, facts);
      if (key.startsWith("d:")) this.#drawDevice(key.slice(2));
      else if (key.startsWith("l:")) this.#drawCable(Number(key.slice(2)));
    }
    this.#clear();
    if (Object.keys(changed).some((key) => key.startsWith("t:"))) this.#drawTunnels();
  }

  // Texts that found no free place while others had not moved yet try again.
  #clear() {
    this.#cables.forEach(({ crowded }, number) => crowded && this.#drawCable(number));
  }

  // The way of a traced packet: the cables that it took, and where it was dropped.
  trail(steps) {
    const taken = new Set(), dropped = new Set();
    for (const { port, kind, end, device } of steps) {
      if (kind === "arp") continue;
      const [name, socket] = port.split(":");
      if (port) taken.add(this.cableAt(name, socket));
      if (end === "dropped") dropped.add(device);
    }
    this.#trail = taken;
    this.#cables.forEach(({ group }, number) => group.classList.toggle("taken", taken.has(number)));
    for (const [name, { group }] of this.#devices) group.classList.toggle("dropping", dropped.has(name));
  }

  mark(selection) {
    for (const [name, { group }] of this.#devices) group.classList.toggle("selected", selection?.type === "device" && selection.name === name);
    this.#cables.forEach(({ group }, number) => group.classList.toggle("selected", selection?.type === "link" && selection.number === number));
  }

  // --- drawing ---------------------------------------------------------------------------------------

  #drawDevice(name) {
    const device = this.#devices.get(name);
    if (!device) return;
    const facts = this.#state.get(`d:${name}`);
    const off = facts ? !facts.power : device.kind !== "outside";
    const { group } = device;
    group.setAttribute("transform", `translate(${device.x} ${device.y})`);
    group.classList.toggle("off", off);
    const kind = t(`kind_${device.kind}`);
    group.setAttribute("aria-label", `${name}, ${kind}${device.model ? ` ${device.model}` : ""}${off ? `, ${t("off")}` : ""}${facts?.load >= 5 ? `, ${t("load")} ${facts.load} %` : ""}`);
    group.replaceChildren(
      s("rect", { class: "halo", x: -54, y: -42, width: 108, height: 124, rx: 14 }),
      ...icon(device.kind),
    );
    device.texts.setAttribute("transform", `translate(${device.x} ${device.y})`);
    device.texts.replaceChildren(
      s("text", { class: "name", y: 58, text: name }),
      s("text", { class: "model", y: 75, text: off && device.kind !== "outside" ? `${device.model} (${t("off")})` : device.model }),
      ...(facts?.load >= 5 ? [
        s("rect", { class: "load-room", x: -30, y: 30, width: 60, height: 7, rx: 3 }),
        s("rect", { class: `load${facts.load >= 80 ? " much" : ""}`, x: -30, y: 30, width: (60 * Math.min(100, facts.load)) / 100, height: 7, rx: 3 })] : []),
      ...(facts?.faults ? [s("text", { class: "badge", x: 44, y: -30, text: "!" })] : []),
    );
  }

  #ends(number) {
    const { ends } = this.#cables[number];
    const [a, b] = ends.map(([name]) => this.#devices.get(name));
    const twins = this.#cables.filter((each) => each.ends.every(([name], at) => name === ends[at][0]) || each.ends.every(([name], at) => name === ends[1 - at][0]));
    const at = twins.indexOf(this.#cables[number]);
    const bend = (at - (twins.length - 1) / 2) * 46 * (ends[0][0] < ends[1][0] ? 1 : -1);
    return { a, b, bend };
  }

  #curve(number) {
    const { a, b, bend } = this.#ends(number);
    const dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy) || 1;
    const cx = (a.x + b.x) / 2 - (dy / length) * bend * 2, cy = (a.y + b.y) / 2 + (dx / length) * bend * 2;
    const point = (u) => [
      (1 - u) ** 2 * a.x + 2 * u * (1 - u) * cx + u * u * b.x,
      (1 - u) ** 2 * a.y + 2 * u * (1 - u) * cy + u * u * b.y,
    ];
    return { path: `M${a.x} ${a.y}Q${cx} ${cy} ${b.x} ${b.y}`, point, length };
  }

  #drawCable(number) {
    const cable = this.#cables[number];
    if (!cable) return;
    const facts = this.#state.get(`l:${number}`) ?? { state: "down", faults: "", ends: [{}, {}] };
    const { path, point, length } = this.#curve(number);
    cable.point = point;
    cable.length = length;
    cable.group.setAttribute("class", `cable ${facts.state}${cable.group.classList.contains("selected") ? " selected" : ""}${this.#trail.has(number) ? " taken" : ""}`);
    const words = cable.ends.map(([name, port]) => `${name} ${short(port)}`).join(" – ");
    cable.group.setAttribute("aria-label", `${t("cable")} ${words}: ${t(`state_${facts.state}`)}${facts.faults ? `, ${facts.faults}` : ""}`);
    const [mx, my] = point(0.5);
    cable.group.replaceChildren(
      s("path", { class: "hit", d: path }), s("path", { class: "wire", d: path }),
      ...(facts.state === "cut" ? [s("path", { class: "cross", d: `M${mx - 11} ${my - 11}L${mx + 11} ${my + 11}M${mx + 11} ${my - 11}L${mx - 11} ${my + 11}` })] : []),
    );
    const labels = [];
    const middle = this.frame[0] / 2;
    cable.wire = Array.from({ length: 25 }, (_, step) => point(step / 24));
    cable.boxes = facts.faults ? [covers({ x: mx, y: my - 14, anchor: "middle" }, [facts.faults])] : [];
    cable.crowded = false;
    const frame = this.#frame();
    const taken = [...this.#devices.values()].flatMap(parts);
    const near = [];
    for (const other of this.#cables) {
      if (other.boxes) taken.push(...other.boxes);
      if (other.wire && other.ends.some(([name]) => cable.ends.some(([mine]) => mine === name))) near.push(other.wire);
    }
    cable.ends.forEach(([name, port], side) => {
      const here = this.#devices.get(name);
      const there = this.#devices.get(cable.ends[1 - side][0]);
      const down = (there.y - here.y) / length;
      const share = Math.min(0.46, (down > 0.35 ? REACH + (BELOW - REACH) * Math.min(1, (down - 0.35) * 2.5) : REACH) / length);
      const [x, y] = point(side ? 1 - share : share);
      const end = facts.ends[side];
      const line = facts.state === "cut" ? "down" : end.line;
      labels.push(s("circle", { class: `dot ${end.stp && line === "up" ? "held" : line}`, cx: x, cy: y, r: 7 }));
      const texts = [[short(port), ""], ...(end.stp && line === "up" ? [[end.stp, "stp"]] : []), ...(end.address ? [[end.address, "address"]] : [])];
      const flat = Math.abs(x - here.x) > Math.abs(y - here.y) * 1.1;
      const sign = x < here.x ? -1 : 1;
      const lean = x - here.x || (x < middle ? 1 : -1);
      const out = lean < 0 ? -1 : 1;
      const first = flat
        ? { x: x + sign * 12, y: y - 13 - (texts.length - 1) * ROW, anchor: sign < 0 ? "end" : "start" }
        : { x: x + 13 * out, y: y + 5 - ((texts.length - 1) / 2) * ROW, anchor: out > 0 ? "start" : "end" };
      const shares = Array.from({ length: 8 }, (_, step) => Math.min(0.46, share + (14 * step) / length));
      const place = put(texts.map(([text]) => text), first, shares.map((each) => point(side ? 1 - each : each)), taken, near, frame);
      cable.crowded ||= place.cost >= 500;
      cable.boxes.push(place.box);
      taken.push(place.box);
      texts.forEach(([text, kind], row) =>
        labels.push(s("text", { x: place.x, y: place.y + row * ROW, "text-anchor": place.anchor, class: kind, text })));
    });
    if (facts.faults) labels.push(s("text", { class: "note", x: mx, y: my - 14, text: facts.faults }));
    cable.labels.replaceChildren(...labels);
  }

  #drawTunnels() {
    const drawn = [];
    for (const [key, facts] of this.#state) {
      if (!key.startsWith("t:") || !facts.b) continue;
      const a = this.#devices.get(facts.a), b = this.#devices.get(facts.b);
      if (!a || !b) continue;
      const dx = b.x - a.x, dy = b.y - a.y, length = Math.hypot(dx, dy) || 1;
      const depth = Math.min(150, length * 0.22) * (dx > 0 ? 1 : -1);
      const cx = (a.x + b.x) / 2 - (dy / length) * depth, cy = (a.y + b.y) / 2 + (dx / length) * depth + 40;
      drawn.push(
        s("path", { class: `tunnel ${facts.state}`, d: `M${a.x} ${a.y + 12}Q${cx} ${cy} ${b.x} ${b.y + 12}` }),
        s("text", { class: `tunnel-label ${facts.state}`, x: (a.x + 2 * cx + b.x) / 4, y: (a.y + 2 * cy + b.y) / 4 + 50,
          text: `IPsec ${t(`tunnel_${facts.state}`)} · ${facts.word}` }));
    }
    this.tunnelLayer.replaceChildren(...drawn);
  }

  // --- traffic ---------------------------------------------------------------------------------------

  traffic(flows) {
    if (document.hidden) return;
    for (const [number, side, kind, count] of flows) {
      const cable = this.#cables[number];
      if (!cable?.point) continue;
      for (let each = 0; each < Math.min(count, 3) && this.#pulses.length < PULSES; each++) {
        const dot = s("circle", { class: "pulse", r: kind === "control" ? 5 : 8, fill: `var(--p-${kind === "ip" || kind === "gre" ? kind : kind})` });
        this.pulseLayer.append(dot);
        this.#pulses.push({ dot, cable, side, begin: performance.now() + each * 130, last: still.matches ? 300 : 850 });
      }
    }
    if (!this.#running && this.#pulses.length) {
      this.#running = true;
      requestAnimationFrame((now) => this.#move(now));
    }
  }

  #move(now) {
    if (this.frames.length > 600) this.frames.splice(0, 300);
    this.frames.push(now);
    this.#pulses = this.#pulses.filter(({ dot, cable, side, begin, last }) => {
      const share = (now - begin) / last;
      if (share >= 1) { dot.remove(); return false; }
      const along = still.matches ? 0.5 : Math.max(0, share);
      const [x, y] = cable.point(side ? 1 - along : along);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
      dot.setAttribute("visibility", share < 0 ? "hidden" : "visible");
      return true;
    });
    this.#running = this.#pulses.length > 0;
    if (this.#running) requestAnimationFrame((next) => this.#move(next));
  }

  // --- places ----------------------------------------------------------------------------------------

  #handle(device) {
    const { group } = device;
    group.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.stopPropagation();
      group.setPointerCapture(event.pointerId);
      const scale = this.#view.w / this.svg.clientWidth;
      const from = { x: event.clientX, y: event.clientY, dx: device.x, dy: device.y };
      const factor = Math.max(scale, this.#view.h / this.svg.clientHeight);
      let moved = false;
      const move = (next) => {
        const dx = (next.clientX - from.x) * factor, dy = (next.clientY - from.y) * factor;
        if (!moved && Math.hypot(dx, dy) < 6 * factor) return;
        moved = true;
        this.#put(device, from.dx + dx, from.dy + dy);
      };
      const up = () => {
        group.removeEventListener("pointermove", move);
        if (moved) this.#keep();
        else this.select({ type: "device", name: device.name });
      };
      group.addEventListener("pointermove", move);
      group.addEventListener("pointerup", up, { once: true });
    });
    group.addEventListener("dblclick", () => this.openDevice(device.name));
    group.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[event.key];
      if (by) {
        this.#put(device, device.x + by[0], device.y + by[1]);
        this.#keep();
      } else if (event.key === "Enter") this.openDevice(device.name);
      else if (event.key === " ") this.select({ type: "device", name: device.name });
      else return;
      event.preventDefault();
    });
    group.addEventListener("focus", () => this.select({ type: "device", name: device.name }, true));
  }

  #put(device, x, y) {
    device.x = Math.round(x);
    device.y = Math.round(y);
    this.#drawDevice(device.name);
    this.#cables.forEach(({ ends }, number) => ends.some(([name]) => name === device.name) && this.#drawCable(number));
    this.#drawTunnels();
  }

  #keep() {
    this.#cables.forEach((_, number) => this.#drawCable(number)); // what was dragged may stand on the texts of others
    this.#clear();
    remember(`places.${this.#lab}`, Object.fromEntries([...this.#devices].map(([name, { x, y }]) => [name, [x, y]])));
  }

  // A place as the lab gives it, stretched to the shape of the pane.
  #home([x, y]) {
    const shape = (this.svg.clientWidth || 960) / (this.svg.clientHeight || 430) / (this.frame[0] / this.frame[1]);
    return [Math.round(x * Math.max(1, Math.min(shape, 1.8))), Math.round(y * Math.max(1, Math.min(1 / shape, 1.5)))];
  }

  reset() {
    for (const device of this.#devices.values()) this.#put(device, ...this.#home(device.home));
    remember(`places.${this.#lab}`, {});
    this.fit();
  }

  // What of the drawing `fit` shows.
  #frame() {
    const all = [...this.#devices.values()];
    const xs = all.map(({ x }) => x), ys = all.map(({ y }) => y);
    const left = Math.min(...xs) - 95, top = Math.min(...ys) - 62;
    return { left, top, right: Math.max(Math.max(...xs) + 95, left + 500), bottom: Math.max(Math.max(...ys) + 86, top + 320) };
  }

  fit() {
    if (!this.#devices.size) return;
    const { left, top, right, bottom } = this.#frame();
    this.#view = { x: left, y: top, w: right - left, h: bottom - top };
    this.#apply();
  }

  #apply() {
    const { x, y, w, h } = this.#view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  }

  #zoom(event) {
    event.preventDefault();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    const by = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300)));
    const view = this.#view;
    if (view.w * by > 40000 || view.w * by < 200) return;
    this.#view = { x: point.x - (point.x - view.x) * by, y: point.y - (point.y - view.y) * by, w: view.w * by, h: view.h * by };
    this.#apply();
  }

  #pan(event) {
    if (event.button) return;
    const from = { x: event.clientX, y: event.clientY, ...{ vx: this.#view.x, vy: this.#view.y } };
    const factor = Math.max(this.#view.w / this.svg.clientWidth, this.#view.h / this.svg.clientHeight);
    const move = (next) => {
      this.#view.x = from.vx - (next.clientX - from.x) * factor;
      this.#view.y = from.vy - (next.clientY - from.y) * factor;
      this.#apply();
    };
    const up = () => removeEventListener("pointermove", move);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up, { once: true });
  }

  // The drawing as a file of its own: the styles that it has here go with it.
  export() { save(`${this.#lab}.svg`, "image/svg+xml", standalone(this.svg)); }
}

export function standalone(svg) {
  const copy = svg.cloneNode(true);
  const wanted = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "font", "text-anchor", "paint-order"];
  const walk = (from, to) => {
    const style = getComputedStyle(from);
    for (const name of wanted) to.style.setProperty(name, style.getPropertyValue(name));
    [...from.children].forEach((child, at) => walk(child, to.children[at]));
  };
  walk(svg, copy);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = getComputedStyle(document.documentElement).getPropertyValue("--canvas");
  return new XMLSerializer().serializeToString(copy);
}

const SHORT = [[/^FastEthernet/, "Fa"], [/^GigabitEthernet/, "Gi"], [/^Ethernet/, "Et"], [/^Serial/, "Se"], [/^TenGigabitEthernet/, "Te"]];
export const short = (port) => SHORT.reduce((text, [long, brief]) => text.replace(long, brief), port);
