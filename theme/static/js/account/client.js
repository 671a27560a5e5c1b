// Asks the service and says on the page what it answered. It knows no page and keeps nothing.

// `keepalive`: the request goes on when the page is left.
export async function ask(method, path, body, { keepalive = false } = {}) {
  const options = { method, headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", keepalive };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);
    const type = response.headers.get("Content-Type") || "";
    const data = type.includes("json") ? await response.json() : null;
    return { ok: response.ok, status: response.status, data };
  } catch {
    return { ok: false, status: 0, data: { detail: "The server cannot be reached. Please try again." } };
  }
}

export function say(text) {
  show("[data-status]", text);
  show("[data-alert]", "");
}

export function complain(answer) {
  show("[data-alert]", answer.data?.detail || "Something went wrong. Nothing was changed. Please try again.");
  show("[data-status]", "");
  if (answer.data?.code === "stale_sign_in") offerSignIn();
}

function show(selector, text) {
  const place = document.querySelector(selector);
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

function offerSignIn() {
  const link = element("a", "Sign in again", { href: "/account/sign-in/#stale_sign_in" });
  document.querySelector("[data-alert]").append(" ", link);
}

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
