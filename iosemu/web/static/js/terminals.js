// Terminals over the same sessions that SSH has: tabs, or tiles beside each other.
import { FitAddon } from "../vendor/addon-fit.mjs";
import { Terminal } from "../vendor/xterm.mjs";
import { h, remember, remembered } from "./dom.js";
import { onlanguage, t } from "./i18n.js";

const LAB = "(lab)";
const ACK = 16384;

export class Terminals {
  #open = new Map(); // device → {terminal, fit, socket, tile, tab}
  #shown = "";
  #tiled = remembered("tiled", false);

  constructor(panel, show) {
    this.show = show;
    this.list = h("div", { class: "tabs", role: "tablist" });
    this.tileButton = h("button", { type: "button", onclick: () => this.#tile(!this.#tiled) });
    this.console = h("button", { type: "button", onclick: () => this.open(LAB) });
    this.choose = h("select", { onchange: () => { if (this.choose.value) this.open(this.choose.value); this.choose.value = ""; } });
    this.tiles = h("div", { class: "tiles" });
    this.empty = h("p", { class: "empty" });
    panel.append(h("div", { class: "bar" }, this.choose, this.console, this.list, h("span", { class: "grow" }), this.tileButton), this.tiles);
    this.list.addEventListener("keydown", (event) => {
      const names = [...this.#open.keys()];
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = names[(names.indexOf(this.#shown) + by + names.length) % names.length];
      this.#choose(next);
      this.#open.get(next).tab.focus();
    });
    new ResizeObserver(() => this.#refit()).observe(this.tiles);
    onlanguage(() => this.#words());
    this.#tile(this.#tiled);
  }

  #words() {
    this.list.setAttribute("aria-label", t("terminals"));
    this.tileButton.textContent = t("tiles");
    this.console.textContent = t("labConsole");
    this.choose.setAttribute("aria-label", t("openTerminal"));
    this.choose.replaceChildren(h("option", { value: "", text: t("openTerminal") }), ...(this.names ?? []).map((name) => h("option", { value: name, text: name })));
    this.empty.textContent = t("noTerminals");
    for (const [name, { close, again }] of this.#open) {
      close.setAttribute("aria-label", `${t("close")}: ${name}`);
      again.textContent = t("reconnect");
    }
  }

  begin(names) {
    this.names = names;
    this.#words();
    this.#draw();
  }

  open(name) {
    this.show();
    if (!this.#open.has(name)) this.#make(name);
    this.#choose(name);
    this.#open.get(name).terminal.focus();
  }

  #make(name) {
    const terminal = new Terminal({ fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"), fontSize: 14, scrollback: 5000, cursorBlink: false,
      theme: { background: "#10161d", foreground: "#dfe7ee", cursor: "#8ab8ff", selectionBackground: "#31538a" }, screenReaderMode: remembered("reader", false) });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    const screen = h("div", { class: "screen" });
    const close = h("button", { type: "button", text: "✕", onclick: () => this.#close(name) });
    const again = h("button", { type: "button", hidden: true, onclick: () => { this.#connect(entry); terminal.focus(); } });
    const tile = h("div", { class: "tile", role: "group", "aria-label": name }, h("div", { class: "head" }, h("span", { text: name }), h("span", {}, again, close)), screen);
    const tab = h("button", { role: "tab", type: "button", id: `terminal-tab-${name}`, text: name, onclick: () => this.open(name) });
    const entry = { name, terminal, fit, screen, tile, tab, close, again, socket: null, shown: 0 };
    this.#open.set(name, entry);
    this.tiles.append(tile);
    this.list.append(tab);
    terminal.open(screen);
    terminal.textarea?.setAttribute("aria-label", `${t("terminalOf")} ${name}`);
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.key === "F6") return false; // to the next part of the page
      if (event.type === "keydown" && event.ctrlKey && event.shiftKey && event.code === "KeyC") {
        navigator.clipboard?.writeText(terminal.getSelection());
        event.preventDefault();
        return false;
      }
      return !(event.ctrlKey && event.shiftKey && event.code === "KeyV"); // the browser pastes
    });
    terminal.onData((text) => entry.socket?.readyState === WebSocket.OPEN && entry.socket.send(new TextEncoder().encode(text)));
    terminal.onResize(({ cols, rows }) => entry.socket?.readyState === WebSocket.OPEN && entry.socket.send(JSON.stringify({ resize: [cols, rows] })));
    this.#words();
    this.#draw();
    fit.fit();
    this.#connect(entry);
  }

  #connect(entry) {
    const { terminal, name } = entry;
    entry.again.hidden = true;
    entry.shown = 0;
    const socket = new WebSocket(`ws://${location.host}/terminal/${encodeURIComponent(name)}?columns=${terminal.cols}&rows=${terminal.rows}`);
    socket.binaryType = "arraybuffer";
    entry.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.heard?.();
      // what is not shown yet is not asked for: a flood of output waits in the device
      terminal.write(new Uint8Array(data), () => {
        entry.shown += data.byteLength;
        if (entry.shown >= ACK && socket.readyState === WebSocket.OPEN) {
          socket.send(JSON.stringify({ shown: entry.shown }));
          entry.shown = 0;
        }
      });
    });
    socket.addEventListener("close", () => {
      if (entry.socket !== socket) return;
      terminal.write(`\r\n\x1b[7m ${t("sessionEnded")} \x1b[0m\r\n`);
      entry.again.hidden = false;
    });
  }

  #close(name) {
    const entry = this.#open.get(name);
    this.#open.delete(name);
    const socket = entry.socket;
    entry.socket = null;
    socket?.close();
    entry.terminal.dispose();
    entry.tile.remove();
    entry.tab.remove();
    if (this.#shown === name) this.#choose([...this.#open.keys()].at(-1) ?? "");
    this.#draw();
  }

  #choose(name) {
    this.#shown = name;
    this.#draw();
  }

  #tile(on) {
    this.#tiled = on;
    remember("tiled", on);
    this.tileButton.setAttribute("aria-pressed", on);
    this.#draw();
  }

  #draw() {
    const count = this.#tiled ? this.#open.size : 1;
    const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
    this.tiles.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.tiles.style.gridTemplateRows = `repeat(${Math.max(1, Math.ceil(count / columns))}, minmax(0, 1fr))`;
    for (const [name, { tile, tab }] of this.#open) {
      const on = name === this.#shown;
      tile.hidden = !this.#tiled && !on;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
    }
    if (!this.#open.size) this.tiles.append(this.empty);
    else this.empty.remove();
    this.list.hidden = !this.#open.size;
    this.#refit();
  }

  #refit() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      for (const { fit, tile } of this.#open.values()) if (!tile.hidden && tile.offsetParent) fit.fit();
    }, 40);
  }

  // After the lab was put back its sessions are hung up: those that were open are opened again.
  reconnect() {
    for (const entry of this.#open.values()) if (!entry.again.hidden) this.#connect(entry);
  }

  reader(on) {
    for (const { terminal } of this.#open.values()) terminal.options.screenReaderMode = on;
  }

  text(name) {
    const buffer = this.#open.get(name)?.terminal.buffer.active;
    if (!buffer) return "";
    return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? "").join("\n").trimEnd();
  }
}
