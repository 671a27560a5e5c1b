// Where one is in a lecture or an episode: kept in this browser at once, for when the service cannot be reached, and told to it.

import { put, takeBack } from "./outbox.js";
import { drop, keep, kept, names } from "./kept.js";
import { united } from "./ranges.js";
import { mark } from "./visitor.js";

const PLACES_MAX = 300;

forgetOthers();

// { position_seconds, total_seconds, … , at } or null
export function here(kind, entity) {
  return kept(nameOf(kind, entity));
}

export function note(kind, entity, data) {
  const before = here(kind, entity);
  const at = new Date().toISOString();
  const watched = data.watched && united(before?.watched ?? [], data.watched);
  keep(nameOf(kind, entity), { ...before, ...data, ...(watched && { watched }), at });
  put(kind, entity, data, { at });
  forgetOldest();
}

// As if it had never been begun.
export function startOver(kind, entity) {
  drop(nameOf(kind, entity));
  takeBack(kind, entity);
  put(kind, entity, { reset: true });
}

// Nobody who sits down here later finds where another was; what the service does not know yet stays in the outbox.
function forgetOthers() {
  const own = `place.${mark()}.`;
  for (const name of names("place.")) if (!name.startsWith(own)) drop(name);
}

function forgetOldest() {
  const all = names("place.");
  if (all.length <= PLACES_MAX) return;
  const byAge = all.map((name) => [kept(name)?.at ?? "", name]).sort();
  for (const [, name] of byAge.slice(0, all.length - PLACES_MAX)) drop(name);
}

function nameOf(kind, entity) {
  return `place.${mark()}.${kind}.${entity}`;
}
