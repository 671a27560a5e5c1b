// A lecture for who may watch it: opens the video where they left it, keeps where they are, and says why when there is no video.
// Without it the page says what there is and who may watch; a stranger's visit asks the service nothing until they press Play.

import { clock, moment } from "../learn/clock.js";
import { Desk } from "../learn/desk.js";
import { files } from "../learn/files.js";
import { mediaOf } from "../learn/link.js";
import { Mark } from "../learn/mark.js";
import { Notes } from "../learn/notes.js";
import { isArriving } from "../learn/onward.js";
import { send } from "../learn/outbox.js";
import * as outline from "../learn/outline.js";
import { here, note, startOver } from "../learn/places.js";
import { Screen } from "../learn/screen.js";
import { standing } from "../learn/standing.js";
import { Words } from "../learn/transcript.js";
import { mark } from "../learn/visitor.js";
import { follow } from "../learn/watching.js";

const NEARLY_SECONDS = 3; // who stopped so close to the end begins again
const OFFLINE = "There is no connection. The video goes on by itself, from here, once there is.";
const page = document.querySelector("[data-lecture]");
const one = (selector) => page.querySelector(selector);
const { lecture, course } = page.dataset;
const video = one("video");
const rows = [...document.querySelectorAll("[data-row]")].map((row) => row.dataset.row);
const done = one("[data-done]") && new Mark(one("[data-done]"), { pressed: marked });
const screen = video && new Screen(video, { lecture, told, opened });
const words = screen && one(".transcript") && new Words(one(".transcript"), { seek });
let lectures = [];
let forgetSeen = null;

const own = () => lectures.find((each) => each.id === lecture) ?? here("progress", lecture) ?? {};

async function start() {
  for (const button of page.querySelectorAll("[data-play]")) {
    button.hidden = false;
    button.addEventListener("click", () => open({ play: true }));
  }
  ({ lectures } = await standing(course, rows));
  outline.show({ lectures });
  done?.show(Boolean(own().completed));
  if (!mark()) return;
  for (const part of page.querySelectorAll("[data-when-known]")) part.hidden = false;
  if (screen) await open({ play: isArriving() });
  else await readable();
  await new Notes(one("[data-notes]"), { lecture, now: () => video?.currentTime ?? 0, seek }).load();
}

function open({ at = from(), play = false } = {}) {
  return screen.open({ at, play });
}

// The moment that the address names, else where one was.
function from() {
  const named = moment(location.hash);
  if (screen.isOpen) return screen.second;
  if (!Number.isNaN(named)) return named;
  const { position_seconds: second = 0, total_seconds: total = 0 } = own();
  return total && second > total - NEARLY_SECONDS ? 0 : second;
}

function seek(second) {
  if (!screen) return;
  if (!screen.isOpen) {
    open({ at: second, play: true });
    return;
  }
  screen.seek(second);
  video.play().catch(() => {});
}

// What the stage shows: the video with a word beside it, or why there is none.
function told(what) {
  const isShown = what === "" || what === "offline";
  for (const part of page.querySelectorAll("[data-case]")) part.hidden = part.dataset.case !== what;
  one("[data-screen]").hidden = !isShown;
  one("[data-stage]").classList.toggle("open", isShown);
  say(what === "offline" ? OFFLINE : "");
}

function opened(media, second) {
  files(one("[data-files]"), media, lecture);
  if (forgetSeen || !media.video) return;
  one("[data-room]").classList.add("watching");
  if (words) one(".watch").after(words.section); // read and reached in the order in which they are seen
  new Desk(page, { video, screen, spoken: (code) => words?.speak(code), say });
  forgetSeen = follow(video, { note: seen, send: (leaving) => send({ leaving }), watched: own().watched });
  for (const event of ["timeupdate", "seeked"]) video.addEventListener(event, () => words?.at(video.currentTime));
  video.addEventListener("playing", () => say(""));
  if (second > 0) say(`Goes on at ${clock(second)}, where you were.`);
}

// A lecture to read has only its files.
async function readable() {
  const { media } = await mediaOf(lecture);
  if (media) files(one("[data-files]"), media, lecture);
}

function seen({ ended: _ended, completed, ...where }) {
  const isNew = completed && !done.held;
  if (isNew) done.show(true);
  changed({ ...where, ...(isNew && { completed }) });
}

function marked(isDone) {
  if (isDone) {
    changed({ completed: true });
  } else {
    startOver("progress", lecture);
    forgetSeen?.();
    show({ completed: false, watched: [] });
  }
  send();
}

function changed(data) {
  note("progress", lecture, data);
  show(data);
}

// Something is new about this lecture, and the outline says so.
function show(data) {
  const now = { ...own(), id: lecture, ...data, at: new Date().toISOString() };
  lectures = [...lectures.filter((each) => each.id !== lecture), now];
  outline.show({ lectures });
}

function say(text) {
  const place = one("[data-status]");
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

window.addEventListener("online", () => { send(); if (screen?.isOpen && one("[data-screen]").hidden) open(); });
window.addEventListener("hashchange", () => { if (!Number.isNaN(moment(location.hash))) seek(moment(location.hash)); });
await start();
