// Lets podcast apps in: the page where one waits for a yes. Knows no secrets but those that are shown once.

import { ask, complain, element, say } from "./client.js";
import { day } from "./spelling.js";

export async function connect(page) {
  const form = page.querySelector("[data-decide]");
  const waiting = await ask("GET", "/api/app-login");
  form.hidden = !waiting.ok;
  if (!waiting.ok) return location.hash ? undefined : complain(waiting);
  const facts = page.querySelector("[data-waiting]");
  const { name, place, asked_at: asked } = waiting.data;
  facts.replaceChildren(element("strong", name), element("p", `asked on ${day(asked)} from ${place}`));
  facts.hidden = false;
  for (const button of form.querySelectorAll("button")) {
    button.addEventListener("click", (event) => decide(event, form));
  }
  return undefined;
}

async function decide(event, form) {
  event.preventDefault();
  const decision = event.currentTarget.value;
  const answer = await ask("POST", "/api/app-login", { decision });
  if (!answer.ok) return complain(answer);
  form.hidden = true;
  return say(decision === "allow"
    ? "The app is let in. Go back to it now: it goes on by itself. You can close this page."
    : "The app was not let in. Nothing was changed.");
}
