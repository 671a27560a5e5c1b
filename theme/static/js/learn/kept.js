// Keeps values in this browser by name; where that is forbidden or full, in the page alone. Knows no meaning.

const OURS = "longwave.";
const alone = new Map();

export function kept(name) {
  try {
    const text = localStorage.getItem(OURS + name);
    if (text !== null) return JSON.parse(text);
  } catch { /* forbidden, or not ours */ }
  return alone.get(name) ?? null;
}

export function keep(name, value) {
  try {
    localStorage.setItem(OURS + name, JSON.stringify(value));
    alone.delete(name);
  } catch {
    alone.set(name, value);
  }
}

export function drop(name) {
  alone.delete(name);
  try { localStorage.removeItem(OURS + name); } catch { /* then it is not there */ }
}

// Every name that begins so.
export function names(beginning) {
  const found = [...alone.keys()];
  try {
    found.push(...Object.keys(localStorage).filter((key) => key.startsWith(OURS)).map((key) => key.slice(OURS.length)));
  } catch { /* none */ }
  return found.filter((name) => name.startsWith(beginning));
}

// What this person prefers here: { speed, captions, onward, keys }.
export function setting(name, otherwise) {
  return kept("settings")?.[name] ?? otherwise;
}

export function set(name, value) {
  keep("settings", { ...kept("settings"), [name]: value });
}
