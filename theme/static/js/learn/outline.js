// Shows in a course's outline what is done and how far one is. What it shows is told to it; it asks nobody.

// `lectures`: [{ id, completed }]; `percent` may be left out: then it is counted.
export function show({ lectures, percent }) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const done = new Set(lectures.filter((one) => one.completed).map((one) => one.id));
  for (const row of rows) {
    row.classList.toggle("done", done.has(row.dataset.row));
    row.querySelector("[data-seen]").hidden = !done.has(row.dataset.row);
  }
  const counted = rows.filter((row) => done.has(row.dataset.row)).length / (rows.length || 1);
  far(percent ?? Math.floor(counted * 100), lectures.length > 0);
}

// The row of the lecture to go on with: the service says which, else it is the last that was begun, or what follows it.
export function nextOf({ lectures, next }) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (next) return rows.find((row) => row.dataset.row === next) ?? null;
  const last = lectures.toSorted((one, other) => one.at.localeCompare(other.at)).at(-1);
  const from = rows.findIndex((row) => row.dataset.row === last?.id);
  return rows.slice(Math.max(from, 0)).find((row) => !row.classList.contains("done")) ?? null;
}

function far(percent, begun) {
  const place = document.querySelector("[data-far]");
  place.hidden = !begun;
  place.querySelector("progress").value = percent;
  place.querySelector("[data-percent]").textContent = `${percent}\u202f% done`;
}
