// What the service has not yet confirmed: one change for each thing, kept in this browser until it has. What is put in again before
// it was sent is one change: the later state, and all that was watched. Knows no page.

import { ask } from "../account/client.js";
import { drop, keep, kept, names } from "./kept.js";
import { united } from "./ranges.js";
import { isOver, mark } from "./visitor.js";

const BATCH_MAX = 50;
const settled = new EventTarget();
let sending = null;

// Nobody's changes wait until somebody signs in here.
export function put(kind, entity, data, { at = new Date().toISOString(), base = null } = {}) {
  const name = nameOf(mark(), kind, entity, data);
  const waiting = kept(name);
  keep(name, { id: uuid7(), kind, entity, base: waiting?.base ?? base, at, data: merged(waiting?.data, data) });
}

// What was to be said of it is no longer true.
export function takeBack(kind, entity) {
  drop(nameOf(mark(), kind, entity));
}

export function unsent(kind, entity) {
  return kept(nameOf(mark(), kind, entity));
}

// Every change of a kind that waits.
export function allUnsent(kind) {
  return names(nameOf(mark(), kind, "")).map(kept).filter(Boolean);
}

// Resolves to whether nothing waits any more. `leaving`: the page may be gone before the answer is there.
export function send({ leaving = false } = {}) {
  if (leaving) return deliver({ leaving });
  sending ??= deliver({ leaving }).finally(() => { sending = null; });
  return sending;
}

// `listener(change, result)` hears of every change that was answered.
export function whenSettled(listener) {
  settled.addEventListener("settled", (event) => listener(event.detail.change, event.detail.result));
}

async function deliver({ leaving }) {
  const who = mark();
  if (!who) return false;
  adopt(who);
  for (;;) {
    const batch = names(`unsent.${who}.`).slice(0, BATCH_MAX).map((name) => [name, kept(name)]).filter(([, change]) => change);
    if (!batch.length) return true;
    if (!(await delivered(batch, { leaving }))) return false;
  }
}

async function delivered(batch, { leaving }) {
  const changes = batch.map(([, change]) => change);
  const answer = await ask("POST", "/api/v1/changes", { changes }, { keepalive: leaving });
  if (answer.status === 401) isOver();
  if (!answer.ok) return false;
  const results = new Map(answer.data.results.map((result) => [result.id, result]));
  const answered = batch.filter(([, change]) => results.has(change.id));
  for (const [name, change] of answered) {
    if (kept(name)?.id === change.id) drop(name); // else it has gone on meanwhile
    settled.dispatchEvent(new CustomEvent("settled", { detail: { change, result: results.get(change.id) } }));
  }
  return answered.length > 0;
}

// What was done here before signing in becomes the account's: the service weighs it by its times.
function adopt(who) {
  for (const name of names("unsent..")) {
    const { kind, entity, data, at } = kept(name) ?? {};
    const own = nameOf(who, kind, entity, data);
    const waiting = kept(own);
    if (waiting && waiting.at > at) keep(own, { ...waiting, id: uuid7(), data: merged(data, waiting.data) });
    else if (kind) put(kind, entity, data, { at });
    drop(name);
  }
}

function merged(before, after) {
  if (!before) return after;
  const both = { ...before, ...after };
  if (before.watched && after.watched) both.watched = united(before.watched, after.watched);
  return both;
}

// Starting over is a change of its own beside what comes after it.
function nameOf(who, kind, entity, data = null) {
  return `unsent.${who}.${kind}.${entity}${data?.reset ? ".reset" : ""}`;
}

// RFC 9562, section 5.7
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(now / 256 ** (5 - place)) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
