// Lab time: how it passes, and what it is now.
import { $, h } from "./dom.js";
import { onlanguage, t } from "./i18n.js";

export class Clock {
  #now = 0;
  #at = performance.now();
  #pace = "real";

  constructor(act) {
    this.text = h("span", { class: "time", role: "timer" });
    this.pace = h("select", { onchange: async () => { if (!(await act("time", { pace: this.pace.value }))) this.pace.value = this.#pace; } });
    this.amount = h("select", {}, ["1s", "10s", "30s", "1m", "5m", "1h", "1d"].map((text) => h("option", { value: text, text })));
    this.amount.value = "30s";
    this.step = h("button", { type: "button", onclick: async () => {
      this.step.disabled = true;
      await act("advance", { amount: this.amount.value });
      this.step.disabled = false;
    } });
    $("clock").append(this.text, this.pace, this.amount, this.step);
    onlanguage(() => this.#words());
    setInterval(() => this.#tick(), 200);
  }

  #words() {
    $("clock").setAttribute("aria-label", t("labTime"));
    this.text.setAttribute("aria-label", t("labTime"));
    this.pace.setAttribute("aria-label", t("pace"));
    this.pace.replaceChildren(...["real", "fast", "manual"].map((value) => h("option", { value, text: t(`pace_${value}`) })));
    this.pace.value = this.#pace;
    this.amount.setAttribute("aria-label", t("amount"));
    this.step.textContent = t("advance");
  }

  told(now) {
    this.#now = now;
    this.#at = performance.now();
    this.#tick();
  }

  facts({ pace }) {
    this.told(this.now);
    this.#pace = pace;
    this.pace.value = pace;
  }

  get now() { return this.#now + (this.#pace === "manual" ? 0 : (performance.now() - this.#at) / 1000); }

  #tick() {
    const now = Math.max(0, this.now);
    const parts = [Math.floor(now / 3600), Math.floor(now / 60) % 60, Math.floor(now) % 60].map((part) => String(part).padStart(2, "0"));
    const text = `${parts.join(":")}.${Math.floor(now * 10) % 10}`;
    if (this.text.textContent !== text) this.text.textContent = text;
  }
}
