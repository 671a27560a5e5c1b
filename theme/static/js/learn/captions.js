// The language of the captions, chosen beside the video or in its own menu, and remembered. `chosen(code)` hears it; "" is off.

import { set, setting } from "./kept.js";

export function captions(video, select, chosen) {
  const tracks = [...video.textTracks];
  const choose = (code) => {
    for (const track of tracks) track.mode = track.language === code ? "showing" : "disabled";
  };
  const heard = () => {
    const code = tracks.find((track) => track.mode === "showing")?.language ?? "";
    if (code === select.value) return;
    select.value = code;
    remember(code, chosen);
  };
  select.addEventListener("change", () => { choose(select.value); remember(select.value, chosen); });
  video.textTracks.addEventListener("change", heard);
  const preferred = setting("captions", "");
  if (tracks.some((track) => track.language === preferred)) select.value = preferred;
  choose(select.value);
  chosen(select.value);
}

// The next language, after the last one off.
export function turn(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("change"));
}

function remember(code, chosen) {
  set("captions", code);
  chosen(code);
}
