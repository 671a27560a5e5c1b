// What one does while watching: skips, speed, captions, keys, and going on to the next lecture. Knows nothing of what is kept.

import { captions, turn } from "./captions.js";
import { keys } from "./keys.js";
import { set, setting } from "./kept.js";
import { Onward } from "./onward.js";

export class Desk {
  constructor(room, { video, screen, spoken, say }) {
    Object.assign(this, { room, video, screen, say });
    this.language = room.querySelector("[data-captions]");
    if (this.language) captions(video, this.language, spoken);
    for (const button of room.querySelectorAll("[data-skip]")) {
      button.addEventListener("click", () => this.#skip(Number(button.dataset.skip)));
    }
    this.#speeds();
    this.#goOn();
    keys(room.querySelector("[data-keys]"), room.querySelector("[data-help]"), this.#deeds());
    room.querySelector("[data-desk]").hidden = false;
  }

  #speeds() {
    this.speed = this.room.querySelector("[data-speed]");
    this.speed.value = setting("speed", "1");
    const use = () => { this.video.playbackRate = Number(this.speed.value); };
    this.speed.addEventListener("change", () => { set("speed", this.speed.value); use(); });
    this.video.addEventListener("loadedmetadata", use);
    use();
  }

  #goOn() {
    const link = document.querySelector("a.next");
    if (!link) return;
    this.onward = new Onward(this.room, link);
    this.video.addEventListener("ended", () => this.onward.begin());
    this.video.addEventListener("play", () => this.onward.stay());
  }

  #deeds() {
    const { video } = this;
    return {
      tenth: (digit) => { if (video.duration) this.screen.seek((video.duration * digit) / 10); },
      deeds: {
        k: () => { if (video.paused) video.play().catch(() => {}); else video.pause(); },
        j: () => this.#skip(-10),
        l: () => this.#skip(30),
        "<": () => this.#faster(-1),
        ">": () => this.#faster(1),
        c: () => this.#turnCaptions(),
        m: () => { video.muted = !video.muted; this.say(video.muted ? "Sound off." : "Sound on."); },
        f: () => (document.fullscreenElement ? document.exitFullscreen() : video.requestFullscreen())?.catch(() => {}),
        n: () => document.querySelector("a.next")?.click(),
        p: () => document.querySelector("a.previous")?.click(),
      },
    };
  }

  #skip(by) {
    this.screen.seek(Math.min(Math.max(0, this.video.currentTime + by), this.video.duration || Infinity));
  }

  #faster(by) {
    const index = this.speed.selectedIndex + by;
    if (index < 0 || index >= this.speed.options.length) return;
    this.speed.selectedIndex = index;
    this.speed.dispatchEvent(new Event("change"));
    this.say(`Speed ${this.speed.selectedOptions[0].text.trim()}.`);
  }

  #turnCaptions() {
    if (!this.language) return;
    turn(this.language);
    this.say(`Captions: ${this.language.selectedOptions[0].text.trim()}.`);
  }
}
