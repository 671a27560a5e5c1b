// The words beside the video: marked as they are said, followed until somebody scrolls them, and a way to each moment.

import { moment } from "./clock.js";

const MARGIN = 0.3; // of the box, above what is being said
const LINKS = 'a[href*="t="]';

export class Words {
  constructor(section, { seek }) {
    Object.assign(this, { section, follows: true, scrolledTo: 0, shown: null, said: null });
    this.back = section.querySelector("[data-follow]");
    this.languages = [...section.querySelectorAll("[data-words]")];
    section.addEventListener("click", (event) => this.#followLink(event, seek));
    section.addEventListener("scroll", () => { if (Math.abs(section.scrollTop - this.scrolledTo) > 2) this.#follow(false); });
    this.back.addEventListener("click", () => this.#follow(true));
    this.speak("");
  }

  // Shows one language; that of the page for one there is none of.
  speak(code) {
    const found = this.languages.find((words) => words.lang === code) ?? this.languages[0];
    for (const words of this.languages) {
      const whole = words.closest("[data-translation]") ?? words;
      whole.hidden = words !== found;
      if (whole !== words) whole.open = true;
    }
    this.said?.removeAttribute("aria-current");
    Object.assign(this, { shown: paragraphs(found), said: null });
  }

  at(second) {
    const said = this.shown.filter((one) => one.second <= second).pop()?.element;
    if (said === this.said) return;
    this.said?.removeAttribute("aria-current");
    said?.setAttribute("aria-current", "true");
    this.said = said;
    if (this.follows) this.#bring();
  }

  #followLink(event, seek) {
    const link = event.target.closest(LINKS);
    const second = link ? moment(link.hash) : NaN;
    if (Number.isNaN(second) || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.#follow(true);
    seek(second);
  }

  #follow(yes) {
    this.follows = yes;
    this.back.hidden = yes;
    if (yes) this.#bring();
  }

  #bring() {
    const box = this.section;
    if (!this.said || box.scrollHeight <= box.clientHeight) return;
    const above = this.said.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTo({ top: box.scrollTop + above - box.clientHeight * MARGIN, behavior: "instant" });
    this.scrolledTo = box.scrollTop;
  }
}

function paragraphs(words) {
  const links = [...words.querySelectorAll(`p > ${LINKS}`)];
  return links.map((link) => ({ second: moment(link.hash), element: link.closest("p") }));
}
