// A class in a browser: a student's own lab, or a teacher's view of all, asked for anew every few seconds.
import { Terminal } from "./xterm.mjs";

const EVERY = 3000;
const $ = (id) => document.getElementById(id);
let timer = 0;

function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made[key] = value;
    else if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const minutes = (seconds) => (seconds < 90 ? `${seconds} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`);
const said = (text) => { $("said").textContent = text; };

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body: body === undefined ? null : JSON.stringify(body) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

async function act(path, text) {
  try { await post(path); said(text); } catch (error) { said(error.message); }
  look();
}

function teacher(data) {
  const head = ["Student", "State", "Points", "Step", "Last typed", "Last point", "Terminals", "Lab"];
  $("labs").tHead.replaceChildren(h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text))));
  $("labs").tBodies[0].replaceChildren(...data.labs.map((lab) => {
    const go = (what, text) => h("button", { type: "button", onclick: () => act(`/labs/${lab.name}/${what}`, `${lab.name}: ${what}`) }, text);
    const terminals = lab.terminals.flatMap((each) => [
      h("div", {}, `${each.device} (${each.user}) `,
        h("button", { type: "button", onclick: () => watch(lab.name, each.number, false) }, "Look"),
        h("button", { type: "button", onclick: () => watch(lab.name, each.number, true) }, "Take over")),
    ]);
    return h("tr", { "data-student": lab.name },
      h("td", {}, lab.title, h("div", { class: "soft" }, lab.name)),
      h("td", { class: lab.state, title: lab.why }, lab.state),
      h("td", {}, `${lab.points} of ${lab.total} `, h("progress", { max: lab.total || 1, value: lab.points, "aria-label": "Points" })),
      h("td", {}, lab.step || (lab.total && lab.points === lab.total ? h("span", { class: "done" }, "done") : ""),
        lab.stuck ? h("div", { class: "stuck" }, "stuck") : ""),
      h("td", {}, minutes(lab.idle)), h("td", {}, minutes(lab.waits)),
      h("td", {}, ...terminals),
      h("td", {}, h("a", { href: `/labs/${lab.name}/page`, target: "_blank", rel: "noopener" }, "Page"), " ",
        lab.state === "running" ? go("stop", "Stop") : go("start", "Start"), go("restart", "Restart"),
        h("button", { type: "button", onclick: () => confirm(`Restore the lab of ${lab.name}? What was saved in it is lost.`) && act(`/labs/${lab.name}/restore`, `${lab.name}: as new`) }, "Restore")));
  }));
}

function student(data) {
  const lab = data.labs[0];
  if (!lab) { said("You have no lab in this class."); return; }
  const device = lab.devices[0] || "DEVICE";
  $("own").replaceChildren(
    h("p", {}, "Your lab is ", h("strong", { class: lab.state }, lab.state), lab.why ? `: ${lab.why}` : ""),
    h("p", {}, h("a", { href: `/labs/${lab.name}/page`, target: "_blank", rel: "noopener" }, "Open your lab"), " or ",
      h("code", {}, `ssh ${lab.name}+${device}@${location.hostname} -p ${data.ssh}`)),
    h("p", {}, `${lab.points} of ${lab.total} points`),
    h("ul", {}, ...lab.checks.map((each) => h("li", { class: each.holds ? "done" : "" }, `${each.holds ? "✓" : "–"} ${each.title} (${each.points})`))));
}

async function look() {
  clearTimeout(timer);
  const answer = await fetch("/status").catch(() => null);
  if (answer?.status === 401) { $("login").hidden = false; $("name").focus(); return; }
  if (answer?.ok) {
    const data = await answer.json();
    const isTeacher = data.visitor.role === "teacher";
    $("login").hidden = true;
    $("out").hidden = false;
    $("title").textContent = data.title || data.class;
    $("who").textContent = `${data.visitor.name} (${data.visitor.role})`;
    $("bar").hidden = $("labs").hidden = !isTeacher;
    $("own").hidden = isTeacher;
    if (isTeacher) teacher(data); else student(data);
  } else said("The farm does not answer.");
  timer = setTimeout(look, EVERY);
}

function watch(name, number, typing) {
  const terminal = new Terminal({ disableStdin: !typing, convertEol: false });
  const socket = new WebSocket(`ws://${location.host}/watch/${name}/${number}${typing ? "?typing=1" : ""}`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = (event) => {
    if (typeof event.data !== "string") { terminal.write(new Uint8Array(event.data)); return; }
    const told = JSON.parse(event.data);
    $("whose").textContent = `${name}, ${told.device}${typing ? " (you type)" : ""}`;
    terminal.resize(...told.size);
  };
  socket.onclose = () => terminal.write("\r\n[ended]");
  terminal.onData((text) => { if (typing && socket.readyState === 1) socket.send(new TextEncoder().encode(text)); });
  $("terminal").replaceChildren();
  $("screen").showModal();
  terminal.open($("terminal"));
  terminal.focus();
  $("screen").onclose = () => { socket.close(); terminal.dispose(); };
}

$("close").onclick = () => $("screen").close();
$("out").onclick = async () => { await post("/logout"); location.reload(); };
$("all").onclick = () => confirm("Restore all labs? What was saved in them is lost.") && act("/all/restore", "All labs are as new.");
$("login").onsubmit = async (event) => {
  event.preventDefault();
  try {
    await post("/login", { name: $("name").value, secret: $("secret").value });
    $("secret").value = "";
    said("");
    look();
  } catch (error) { said(error.message); }
};
look();
