// Follows a video or audio and tells, every few seconds and whenever it stops, where one is and what was really played.
// It knows neither what is done with that nor whose it is.

import { length, united } from "./ranges.js";

const KEPT_SECONDS = 5;
const TOLD_SECONDS = 15;
const STEP_SECONDS = 2; // a longer step of the clock was a jump
const WHOLE = 0.9; // who has seen so much has seen it

// `note(state)` keeps, `send(leaving)` tells. `watched` is what was seen before. Returns what forgets it.
export function follow(media, { note, send, watched = [] }) {
  let [seen, last, kept, told, isNews] = [watched, null, 0, 0, false];

  function state(ended) {
    const total = Number.isFinite(media.duration) ? media.duration : 0;
    const completed = ended || (total > 0 && length(seen) >= total * WHOLE);
    return { position_seconds: tenth(media.currentTime), total_seconds: tenth(total), watched: seen, ended, completed };
  }

  function save({ ended = false, leaving = false } = {}) {
    if (!isNews && !ended) return; // a page that lies open tells nothing that was not played in it
    [kept, told, isNews] = [Date.now(), Date.now(), false];
    note(state(ended));
    send(leaving);
  }

  function moved() {
    const now = media.currentTime;
    const step = last === null ? 0 : now - last;
    if (!media.seeking && step > 0 && step < STEP_SECONDS * media.playbackRate) {
      isNews = true;
      seen = united(seen, [[tenth(last), Math.min(tenth(now), tenth(media.duration) || Infinity)]]);
    }
    last = now;
    if (media.paused) return;
    if (Date.now() - told > TOLD_SECONDS * 1000) save();
    else if (Date.now() - kept > KEPT_SECONDS * 1000) {
      kept = Date.now();
      note(state(false));
    }
  }

  media.addEventListener("timeupdate", moved);
  media.addEventListener("seeking", () => { last = null; });
  media.addEventListener("seeked", () => { last = media.currentTime; });
  media.addEventListener("pause", () => { if (!media.ended) save(); });
  media.addEventListener("ended", () => { moved(); save({ ended: true }); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save({ leaving: true }); });
  window.addEventListener("pagehide", () => save({ leaving: true }));
  return () => { seen = []; };
}

function tenth(seconds) {
  return Math.round(seconds * 10) / 10 || 0;
}
