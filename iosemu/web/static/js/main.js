// Puts the page together.
import { $, h, remember, remembered, tabs } from "./dom.js";
import { Feed } from "./feed.js";
import { language, onlanguage, setLanguage, t } from "./i18n.js";
import { Inspector } from "./inspector.js";
import { Ladder } from "./ladder.js";
import { Lesson } from "./lesson.js";
import { Packets } from "./packets.js";
import { Terminals } from "./terminals.js";
import { Clock } from "./time.js";
import { Topology } from "./topology.js";
import { Trace } from "./trace.js";

const feed = new Feed();

function say(text) {
  const toast = h("div", { class: "toast", text });
  $("toasts").append(toast);
  while ($("toasts").children.length > 3) $("toasts").firstElementChild.remove();
  setTimeout(() => toast.remove(), 6000);
}

// Ask the lab; what it says against it is shown, and the answer is undefined.
async function act(what, values) {
  try {
    return (await feed.ask(what, values)) ?? true;
  } catch (error) {
    if (error.message !== "closed") say(error.message.replace(/^% /, ""));
    return undefined;
  }
}

// --- settings --------------------------------------------------------------------------------------

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = h("select", { onchange: () => { remember("theme", theme.value); paint(); } });
const tongue = h("select", { onchange: () => setLanguage(tongue.value) }, h("option", { value: "en", text: "English", lang: "en" }), h("option", { value: "ja", text: "日本語", lang: "ja" }));
const reader = h("input", { type: "checkbox", onchange: () => { remember("reader", reader.checked); terminals.reader(reader.checked); } });
const readerWord = h("span");

function paint() {
  const wanted = remembered("theme", "auto");
  document.documentElement.dataset.theme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
}

dark.addEventListener("change", paint);
paint();
tongue.value = language();
reader.checked = remembered("reader", false);
$("settings").append(h("label", {}, reader, readerWord), theme, tongue);

// --- the parts -------------------------------------------------------------------------------------

let selection = null;
const panels = { details: h("div"), lesson: h("div"), terminals: h("div"), packets: h("div"), ladder: h("div"), trace: h("div") };

const lab = {
  act, say,
  get topology() { return topology; },
  select(next, quiet) {
    if (quiet && JSON.stringify(next) === JSON.stringify(selection)) return;
    selection = next;
    topology.mark(next);
    inspector.show(next);
    side.show("details");
  },
  capture(where) { packets.at(where); dock.show("packets"); },
  packet(number) { dock.show("packets"); packets.choose(number); },
  trace(name) { dock.show("trace"); trace.from(name); },
  openTerminal: (name) => terminals.open(name),
  restored() { setTimeout(() => terminals.reconnect(), 400); },
};

let packets, ladder, trace;
const topology = new Topology((next, quiet) => lab.select(next, quiet), (name) => (topology.device(name)?.kind === "sniffer" ? lab.capture(name) : terminals.open(name)));
const clock = new Clock(act);
const side = tabs($("side-tabs"), $("side-body"), [["details", "", panels.details], ["lesson", "", panels.lesson]], "details");
const dock = tabs($("dock-tabs"), $("dock-body"), [["terminals", "", panels.terminals], ["packets", "", panels.packets], ["ladder", "", panels.ladder], ["trace", "", panels.trace]], "terminals", (key) => {
  packets?.shown(key === "packets");
  if (key === "ladder") ladder?.shown(true);
});
ladder = new Ladder(panels.ladder, lab);
packets = new Packets(panels.packets, lab);
trace = new Trace(panels.trace, lab);
const terminals = new Terminals(panels.terminals, () => dock.show("terminals"));
const inspector = new Inspector(panels.details, lab);
const lesson = new Lesson(panels.lesson, lab);
terminals.heard = () => lesson.touch(); // what is typed may change what holds

onlanguage(() => {
  document.documentElement.lang = language();
  for (const key of ["details", "lesson"]) side.label(key, t(key));
  for (const key of ["terminals", "packets", "ladder", "trace"]) dock.label(key, t(key));
  $("stage").setAttribute("aria-label", t("topology"));
  $("side").setAttribute("aria-label", t("side"));
  $("dock").setAttribute("aria-label", t("dock"));
  $("settings").setAttribute("aria-label", t("settings"));
  $("side-tabs").setAttribute("aria-label", t("side"));
  $("dock-tabs").setAttribute("aria-label", t("dock"));
  $("splitter-v").setAttribute("aria-label", t("resize"));
  $("splitter-h").setAttribute("aria-label", t("resize"));
  theme.setAttribute("aria-label", t("theme"));
  const wanted = remembered("theme", "auto");
  theme.replaceChildren(...["auto", "light", "dark"].map((value) => h("option", { value, text: t(`theme_${value}`) })));
  theme.value = wanted;
  tongue.setAttribute("aria-label", t("language"));
  readerWord.textContent = t("reader");
});

// --- sizes, and the way around by keyboard ---------------------------------------------------------

for (const [id, name, least, most] of [["splitter-v", "side", 15, 60], ["splitter-h", "dock", 15, 80]]) {
  const bar = $(id);
  const put = (share) => {
    const size = Math.round(Math.max(least, Math.min(most, share)));
    $("main").style.setProperty(`--${name}`, `${size}%`);
    bar.setAttribute("aria-valuenow", size);
    remember(`size.${name}`, size);
  };
  put(remembered(`size.${name}`, Number(bar.getAttribute("aria-valuenow"))));
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    const box = $("main").getBoundingClientRect();
    bar.onpointermove = (next) => put(name === "side" ? (100 * (box.right - next.clientX)) / box.width : (100 * (box.bottom - next.clientY)) / box.height);
    bar.onpointerup = () => { bar.onpointermove = null; };
  });
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: 2, ArrowUp: 2, ArrowRight: -2, ArrowDown: -2 }[event.key];
    if (by) { event.preventDefault(); put(Number(bar.getAttribute("aria-valuenow")) + by); }
  });
}

addEventListener("keydown", (event) => {
  if (event.key !== "F6") return;
  event.preventDefault();
  const parts = [$("top"), $("stage"), $("side"), $("dock")];
  const at = parts.findIndex((part) => part.contains(document.activeElement));
  const next = parts[(at + (event.shiftKey ? -1 : 1) + parts.length) % parts.length];
  [...next.querySelectorAll("button, select, input, textarea, [tabindex='0']")].find((each) => !each.disabled && each.getClientRects().length)?.focus();
}, true);

// --- news ------------------------------------------------------------------------------------------

feed.on("hello", (hello) => {
  $("connection").hidden = true;
  document.title = `${hello.lab.name} – iosemu`;
  $("lab-name").textContent = hello.lab.title || hello.lab.name;
  lab.name = hello.lab.name;
  topology.begin(hello);
  clock.told(hello.now);
  terminals.begin(hello.devices.filter(({ kind }) => kind !== "outside").map(({ name }) => name));
  packets.begin(hello.devices.filter(({ kind }) => kind !== "outside").map(({ name }) => name));
  trace.begin(hello.devices.filter(({ kind }) => !["outside", "sniffer"].includes(kind)).map(({ name }) => name));
  packets.again();
  lesson.begin(hello.checks);
  if (!selection) side.show(hello.checks ? "lesson" : "details");
});
feed.on("state", ({ changed }) => {
  topology.update(changed);
  inspector.update(changed);
  if (changed.clock) clock.facts(changed.clock);
  lesson.touch();
  document.body.dataset.ready = "1";
});
feed.on("traffic", ({ flows }) => topology.traffic(flows));
feed.on("packets", (news) => packets.take(news));
feed.on("time", ({ now }) => clock.told(now));
feed.on("lost", (code) => {
  $("connection").hidden = false;
  $("connection").textContent = t(code === 4403 || code === 1006 && !document.body.dataset.ready ? "refused" : "lost");
});
feed.open();
window.iosemu = { topology, terminals, packets, ladder, trace, feed };
