// The learner's own notes beside a lecture: each at a moment of it, kept by the account, written offline too and sent later.

import { ask, element } from "../account/client.js";
import { clock } from "./clock.js";
import { allUnsent, put, send, uuid7, whenSettled } from "./outbox.js";

export class Notes {
  constructor(room, { lecture, now, seek }) {
    Object.assign(this, { lecture, now, seek, known: new Map() });
    this.list = room.querySelector("[data-note-list]");
    this.said = room.querySelector("[data-noted]");
    this.form = room.querySelector("[data-note]");
    this.form.addEventListener("submit", (event) => this.#add(event));
    whenSettled((change, result) => this.#settled(change, result));
    room.hidden = false;
  }

  async load() {
    const answer = await ask("GET", `/api/v1/lectures/${this.lecture}/notes`);
    for (const note of answer.ok ? answer.data : []) this.known.set(note.id, note);
    for (const { entity, data } of allUnsent("note")) this.#put(entity, data);
    this.#show();
  }

  #add(event) {
    event.preventDefault();
    const field = this.form.elements.text;
    const text = field.value.trim();
    if (!text) return;
    this.#change(uuid7(), { lecture: this.lecture, position_seconds: Math.floor(this.now()), text });
    field.value = "";
  }

  async #change(id, data) {
    put("note", id, data, { base: this.known.get(id)?.version ?? null });
    this.#put(id, data);
    this.#show();
    this.#say(data ? "Your note is kept." : "The note is removed.");
    if (!(await send())) this.#say("There is no connection. It is kept in this browser and sent later.");
  }

  #put(id, data) {
    if (!data) this.known.delete(id);
    else if (data.lecture === this.lecture) this.known.set(id, { ...this.known.get(id), id, ...data });
  }

  #settled(change, result) {
    if (change.kind !== "note") return;
    const note = this.known.get(change.entity);
    if (note) note.version = result.version;
    if (result.outcome === "rejected") this.#say(`A note could not be kept: ${result.problem}`);
    if (result.outcome !== "stale") return;
    this.#put(change.entity, result.value);
    this.#show();
    this.#say("This note was changed elsewhere meanwhile. Here is how it stands.");
  }

  #show() {
    const notes = [...this.known.values()].sort((one, other) => one.position_seconds - other.position_seconds);
    const shown = element("ul", "", { class: "things" });
    shown.append(...notes.map((note) => this.#row(note)));
    this.list.replaceChildren(...(notes.length ? [shown] : []));
  }

  #row({ id, position_seconds: second, text }) {
    const row = element("li");
    const words = element("p");
    const moment = element("a", clock(second), { href: `#t=${second}` });
    moment.addEventListener("click", (event) => { event.preventDefault(); this.seek(second); });
    words.append(moment, ` ${text}`);
    const remove = element("button", "Remove", { type: "button", class: "button plain", "aria-label": `Remove the note at ${clock(second)}` });
    remove.addEventListener("click", () => { this.#change(id, null); this.form.elements.text.focus(); });
    row.append(words, remove);
    return row;
  }

  #say(text) {
    this.said.textContent = text;
    this.said.hidden = false;
  }
}
