// The way to the lab: news comes, requests go and are answered; it opens again by itself.

export class Feed extends EventTarget {
  #socket = null;
  #number = 0;
  #waiting = new Map();
  #wait = 500;

  open() {
    const socket = new WebSocket(`ws://${location.host}/feed`);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = 500;
      this.dispatchEvent(new Event("open"));
    });
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error("closed"));
      this.#waiting.clear();
      this.dispatchEvent(new CustomEvent("lost", { detail: code }));
      setTimeout(() => this.open(), this.#wait);
      this.#wait = Math.min(this.#wait * 1.7, 5000);
    });
  }

  #take(message) {
    if (message.type === "answer") {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.result);
      else waiting?.reject(new Error(message.error));
      return;
    }
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
  }

  // Have the lab do something; rejects with what it says against it.
  ask(what, values = {}) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        reject(new Error("closed"));
        return;
      }
      const id = ++this.#number;
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, do: what, with: values }));
    });
  }

  on(type, heard) {
    this.addEventListener(type, (event) => heard(event.detail));
  }
}
