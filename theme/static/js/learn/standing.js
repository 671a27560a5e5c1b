// Where somebody stands in a course: the service's word for who is signed in, and for others, or while it does not answer, what this
// browser remembers.

import { ask } from "../account/client.js";
import { send, unsent } from "./outbox.js";
import { here } from "./places.js";
import { isOver, mark } from "./visitor.js";

const PROGRESS = "progress";

// { percent?, next?, lectures: [{ id, position_seconds, watched, completed, at }] } with the lectures that were begun.
export async function standing(course, lectures) {
  if (mark()) {
    await send();
    const answer = await ask("GET", `/api/v1/courses/${course}/progress`);
    if (answer.ok) return { ...answer.data, lectures: answer.data.lectures.map(newest).filter((one) => one.at) };
    if (answer.status === 401) isOver();
  }
  return { lectures: lectures.map((id) => ({ id, ...here(PROGRESS, id) })).filter((one) => one.at) };
}

// What could not be sent is newer than what the service knows.
function newest(lecture) {
  const waiting = unsent(PROGRESS, lecture.id);
  return waiting ? { ...lecture, ...waiting.data, at: waiting.at } : lecture;
}
