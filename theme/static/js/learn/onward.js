// After the end: the next lecture, in a few seconds, unless somebody would rather stay or has switched it off.

import { set, setting } from "./kept.js";

const SECONDS = 5;
const ARRIVING = "longwave.arriving"; // in this tab: the page that is to play by itself

export class Onward {
  constructor(room, link) {
    Object.assign(this, { link, timer: null });
    this.wanted = room.querySelector("[data-onward]");
    this.message = room.querySelector("[data-next]");
    this.text = room.querySelector("[data-countdown]");
    this.wanted.checked = setting("onward", true);
    this.wanted.addEventListener("change", () => { set("onward", this.wanted.checked); this.stay(); });
    room.querySelector("[data-stay]").addEventListener("click", () => this.stay());
  }

  begin() {
    if (!this.wanted.checked) return;
    this.message.hidden = false;
    this.text.textContent = `The next lecture begins in ${SECONDS} seconds: ${this.link.lastChild.textContent.trim()}.`;
    this.timer = setTimeout(() => this.go(), SECONDS * 1000);
  }

  stay() {
    clearTimeout(this.timer);
    this.message.hidden = true;
  }

  go() {
    try { sessionStorage.setItem(ARRIVING, this.link.pathname); } catch { /* then it waits for a press */ }
    location.assign(this.link.href);
  }
}

// Whether this page was come to by itself; once.
export function isArriving() {
  try {
    const arriving = sessionStorage.getItem(ARRIVING) === location.pathname;
    sessionStorage.removeItem(ARRIVING);
    return arriving;
  } catch {
    return false;
  }
}
