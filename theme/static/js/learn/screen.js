// A video behind a link that ends: opened at a second, and when the link no longer holds or the network is away, opened anew at the
// same second. It knows no page; `told(state)` hears what a person should: "" (all is well), "offline", or why there is no link.

import { mediaOf } from "./link.js";

const TRIES_MAX = 4; // without a second seen between them
const WAIT_SECONDS = [1, 4, 10, 30];
const SEEN_SECONDS = 1;

export class Screen {
  constructor(video, { lecture, told, opened }) {
    Object.assign(this, { video, lecture, told, opened, second: 0, tries: 0, mending: false, seeking: false, isWanted: false });
    video.addEventListener("timeupdate", () => this.#moved());
    video.addEventListener("seeked", () => { this.seeking = false; this.#moved(); });
    video.addEventListener("loadedmetadata", () => { if (this.seeking) video.currentTime = this.second; });
    video.addEventListener("play", () => { this.isWanted = true; });
    video.addEventListener("pause", () => { this.isWanted = false; });
    video.addEventListener("error", () => this.#mend());
  }

  get isOpen() {
    return this.video.hasAttribute("src");
  }

  // Resolves to whether there is a video now.
  async open({ at = 0, play = false } = {}) {
    const { media, why } = await mediaOf(this.lecture);
    if (!media?.video) {
      if (media) this.opened(media, 0);
      this.told(why ?? "missing");
      return false;
    }
    this.#load(media, { at, play });
    return true;
  }

  seek(second) {
    Object.assign(this, { second, seeking: true });
    if (this.video.readyState) this.video.currentTime = second; // else once it is known how long the video is
  }

  #load(media, { at, play }) {
    if (media.poster) this.video.poster = media.poster;
    this.video.src = media.video.url;
    if (at > 0) this.seek(at);
    this.told("");
    this.opened(media, at);
    if (play) this.video.play().catch(() => {}); // a browser may demand a gesture first
  }

  #moved() {
    if (this.seeking || this.video.error || !this.video.readyState) return;
    if (this.tries && Math.abs(this.video.currentTime - this.second) > SEEN_SECONDS) this.tries = 0;
    if (!this.tries) this.second = this.video.currentTime;
  }

  async #mend() {
    if (this.mending || !this.isOpen) return;
    this.mending = true;
    const wanted = { at: this.second, play: this.isWanted };
    try {
      await this.#reopen(wanted);
    } finally {
      this.mending = false;
    }
  }

  async #reopen(wanted) {
    while (this.tries < TRIES_MAX) {
      const { media, why } = await mediaOf(this.lecture, { fresh: true });
      this.tries += 1;
      if (media?.video && this.tries === 1) return this.#load(media, wanted);
      if (why && why !== "unreachable") return this.told(why);
      this.told("offline");
      await connection(WAIT_SECONDS[this.tries - 1]);
      if (media?.video) return this.#load(media, wanted);
    }
    this.tries = 0;
    return this.told("unreachable");
  }
}

// The network is said to be back, or it is time to look.
function connection(seconds) {
  return new Promise((done) => {
    const timer = setTimeout(done, seconds * 1000);
    window.addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
  });
}
