// Goes on with an episode where its listener was: on any device for who is signed in, in this browser for others. It never plays by
// itself, and asks the service nothing for a stranger.

import { ask } from "../account/client.js";
import { clock, moment } from "../learn/clock.js";
import { send, unsent } from "../learn/outbox.js";
import { here, note } from "../learn/places.js";
import { isOver, mark } from "../learn/visitor.js";
import { follow } from "../learn/watching.js";

const KIND = "listening";
const NEARLY = 0.95; // who was so far, or so close to the end, begins again
const NEARLY_SECONDS = 30;
const audio = document.querySelector("audio[data-episode]");
const { episode } = audio?.dataset ?? {};
const place = document.querySelector("[data-resume]");

async function start() {
  const { position_seconds: second = 0, total_seconds: total = 0 } = await standing();
  const isOn = second > 0 && !(total && second > Math.max(total * NEARLY, total - NEARLY_SECONDS));
  if (isOn && !audio.currentTime && audio.paused && Number.isNaN(moment(location.hash))) offer(second);
  follow(audio, { note: heard, send: (leaving) => send({ leaving }) });
}

async function standing() {
  if (mark()) {
    await send();
    const answer = await ask("GET", `/api/v1/episodes/${episode}/listening`);
    if (answer.status === 401) isOver();
    if (answer.ok) return unsent(KIND, episode)?.data ?? answer.data ?? {};
  }
  return here(KIND, episode) ?? {};
}

// The first press of the audio's own button goes on from there.
function offer(second) {
  place.querySelector("[data-where]").textContent = `Goes on at ${clock(second)}.`;
  place.hidden = false;
  const goOn = () => { place.hidden = true; jump(second); };
  audio.addEventListener("play", goOn, { once: true });
  place.querySelector("button").addEventListener("click", () => {
    audio.removeEventListener("play", goOn);
    place.hidden = true;
    audio.focus();
  });
}

function jump(second) {
  if (audio.currentTime > 0 || !Number.isNaN(moment(location.hash))) return; // somebody chose another place meanwhile
  if (audio.readyState) audio.currentTime = second;
  else audio.addEventListener("loadedmetadata", () => { audio.currentTime = second; }, { once: true });
}

function heard({ position_seconds, total_seconds, ended }) {
  note(KIND, episode, { position_seconds, total_seconds, ...(ended && { played: true }) });
}

window.addEventListener("online", () => send());
if (audio) await start();
