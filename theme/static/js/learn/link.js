// The links to a lecture's video and files: asked of the service, and kept in this tab for when it does not answer, while they hold.

import { ask } from "../account/client.js";
import { isOver, mark } from "./visitor.js";

const WHY = { 401: "stranger", 403: "not_owned", 404: "missing" };

// { media } or { why: "stranger" | "not_owned" | "missing" | "unreachable" }. `fresh`: the last one no longer opens.
export async function mediaOf(lecture, { fresh = false } = {}) {
  if (fresh) remember(lecture, null);
  const answer = await ask("GET", `/api/v1/lectures/${lecture}/media`);
  if (answer.ok) {
    remember(lecture, answer.data);
    return { media: answer.data };
  }
  if (answer.status === 401) isOver();
  const media = WHY[answer.status] ? null : remembered(lecture);
  return media ? { media } : { why: WHY[answer.status] ?? "unreachable" };
}

function remember(lecture, media) {
  try {
    if (media) sessionStorage.setItem(nameOf(lecture), JSON.stringify(media));
    else sessionStorage.removeItem(nameOf(lecture));
  } catch { /* then it is asked for every time */ }
}

function remembered(lecture) {
  try {
    const media = JSON.parse(sessionStorage.getItem(nameOf(lecture)));
    return media && Date.parse(media.expires_at) > Date.now() ? media : null;
  } catch {
    return null;
  }
}

function nameOf(lecture) {
  return `longwave.media.${mark()}.${lecture}`;
}
