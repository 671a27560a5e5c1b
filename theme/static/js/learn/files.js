// Makes links of the files that come with a course, and asks for new ones when they have ended. Knows no video.

import { element } from "../account/client.js";
import { mediaOf } from "./link.js";

export function files(section, media, lecture) {
  if (!section) return;
  let { downloads, expires_at: ends } = media;
  for (const row of section.querySelectorAll(".files li")) {
    const name = row.querySelector(".name");
    const offered = downloads.find((one) => one.name === name.textContent.trim());
    if (!offered) continue;
    const link = element("a", offered.name, { href: offered.url, download: "" });
    name.replaceChildren(link);
    link.addEventListener("click", async (event) => {
      if (Date.now() < Date.parse(ends)) return;
      event.preventDefault();
      const answer = await mediaOf(lecture, { fresh: true });
      if (!answer.media) return;
      ({ downloads, expires_at: ends } = answer.media);
      link.href = downloads.find((one) => one.name === offered.name)?.url ?? link.href;
      ends = "9999-12-31"; // whatever this computer's clock says: these are new
      link.click();
    });
  }
}
