// The page of a course for who has begun it: what is done, how far they are, and the way on. A stranger's visit asks nothing.

import { nextOf, show } from "../learn/outline.js";
import { standing } from "../learn/standing.js";

const page = document.querySelector("[data-course]");
const rows = [...document.querySelectorAll("[data-row]")].map((row) => row.dataset.row);
const found = await standing(page.dataset.course, rows);
show(found);
const next = found.lectures.length ? nextOf(found) : null;
if (next) {
  const place = page.querySelector("[data-go-on]");
  const link = place.querySelector("a");
  link.href = next.href;
  link.textContent = `Go on with ${next.querySelector(".name").textContent}`;
  place.hidden = false;
}
