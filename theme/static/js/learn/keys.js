// The keys of the player, which can be switched off, and the sheet that explains them. What each does is told to it.
// https://www.w3.org/TR/WCAG22/#character-key-shortcuts

import { set, setting } from "./kept.js";

const FIELDS = "input:not([type=checkbox]), select, textarea, [contenteditable]";
const PRESSED = "a, button, summary, input";
const NAMES = { " ": "k", arrowleft: "j", arrowright: "l", ",": "<", ".": ">" };

// `deeds`: key -> what to do; digits are handed to `tenth`.
export function keys(sheet, button, { deeds, tenth }) {
  const used = sheet.querySelector("[data-use-keys]");
  used.checked = setting("keys", true);
  used.addEventListener("change", () => set("keys", used.checked));
  button.addEventListener("click", () => sheet.showModal());
  document.addEventListener("keydown", (event) => {
    const key = NAMES[event.key.toLowerCase()] ?? event.key.toLowerCase();
    const deed = key === "?" ? () => sheet.showModal() : /^\d$/.test(key) ? () => tenth(Number(key)) : deeds[key];
    if (!deed || !used.checked || sheet.open || !isOurs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }, { capture: true }); // before the video's own
}

function isOurs(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(FIELDS)) return false;
  return event.key !== " " || !event.target.closest(PRESSED);
}
