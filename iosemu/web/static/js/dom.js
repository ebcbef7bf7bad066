// Elements made in one expression; no markup is ever made from text.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || (value === false && !name.startsWith("aria-"))) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const $ = (id) => document.getElementById(id);

// What a person chose stays in this browser, by lab where it belongs to one.
export function remembered(key, fallback) {
  try {
    const text = localStorage.getItem(`iosemu.${key}`);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`iosemu.${key}`, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing still shows the lab
  }
}

export function save(name, type, content) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Tabs as the ARIA practices have them: arrows move, one panel is shown.
export function tabs(list, body, entries, chosen, onchange) {
  const buttons = new Map();
  const panels = new Map();
  const show = (key, focus) => {
    for (const [each, button] of buttons) {
      const on = each === key;
      button.setAttribute("aria-selected", on);
      button.tabIndex = on ? 0 : -1;
      panels.get(each).hidden = !on;
      if (on && focus) button.focus();
    }
    onchange?.(key);
  };
  list.replaceChildren();
  for (const [key, label, panel] of entries) {
    panel.id ||= key;
    panel.setAttribute("role", "tabpanel");
    const button = h("button", { role: "tab", type: "button", id: `tab-${key}`, "aria-controls": panel.id, text: label });
    panel.setAttribute("aria-labelledby", button.id);
    button.addEventListener("click", () => show(key));
    buttons.set(key, button);
    panels.set(key, panel);
    list.append(button);
    if (panel.parentElement !== body) body.append(panel);
  }
  list.onkeydown = (event) => {
    const keys = [...buttons.keys()];
    const at = keys.findIndex((key) => buttons.get(key) === document.activeElement);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !by) return;
    event.preventDefault();
    show(keys[(at + by + keys.length) % keys.length], true);
  };
  show(chosen);
  return { show, label: (key, text) => (buttons.get(key).textContent = text) };
}
