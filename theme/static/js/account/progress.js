// Beside each course of a library, how far its owner is and the way on. The list itself is somebody else's.

import { ask, element } from "./client.js";

// The list stays as it is when the service cannot say.
export async function beside(place) {
  const answer = await ask("GET", "/api/v1/progress");
  for (const course of answer.ok ? answer.data.courses : []) {
    const row = [...place.querySelectorAll("[data-course]")].find((each) => each.dataset.course === course.course);
    row?.firstElementChild.append(far(course));
    if (row && course.next_url) row.append(element("a", "Go on", { href: course.next_url, class: "button plain" }));
  }
}

function far({ percent }) {
  const line = element("small", "", { class: "far" });
  line.append(element("progress", "", { max: "100", value: percent, "aria-hidden": "true" }), ` ${percent}\u202f% done`);
  return line;
}
