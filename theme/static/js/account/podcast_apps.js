// Podcast apps: lists them and the last changes, makes a password for one, lets one in that waits. Keeps no secret it shows.

import { ask, complain, element, say } from "./client.js";
import { day, minute } from "./spelling.js";

export async function show(page) {
  const form = page.querySelector("[data-new-app]");
  for (const button of form.querySelectorAll("button")) button.addEventListener("click", (event) => make(event, page));
  await fill(page);
}

async function fill(page) {
  const answer = await ask("GET", "/api/sync");
  if (!answer.ok) return complain(answer);
  const { devices, changes } = answer.data;
  return page.querySelector("[data-sync]").replaceChildren(
    element("h2", "Your podcast apps"),
    list(devices, "No podcast app is let in yet.", (device) => app(device, page)),
    element("h2", "The last changes"),
    list(changes, "Nothing was changed yet.", (change) => row(change, page)),
    element("p", "Of two reports the one of the later moment wins, whichever comes first. A change can be undone for a day.", { class: "note" }),
  );
}

function app(device, page) {
  const seen = device.seen_at ? `last seen ${day(device.seen_at)}` : "never seen";
  const facts = [
    device.ended ? "ended" : seen,
    device.user_name ? `user name ${device.user_name}` : "",
    device.calls_itself.length ? `calls itself ${device.calls_itself.join(", ")}` : "",
  ];
  const words = [element("strong", device.name), element("small", facts.filter(Boolean).join("; "))];
  const end = button("End", device.name, () => act("DELETE", `/api/devices/${device.id}`, `${device.name} is ended.`, page));
  return item(words, device.ended ? [removal(device, page)] : [end, removal(device, page)]);
}

function removal(device, page) {
  const made = element("details");
  const inside = element("div", "", { class: "form" });
  const yes = button("Remove it all", device.name, () =>
    act("POST", `/api/sync/devices/${device.id}/removal`, `${device.name} is ended, and what it brought is taken out.`, page));
  yes.classList.replace("plain", "danger");
  inside.append(element("p", "This ends the app, puts back every place that it changed, gives up the podcasts that it added, and follows those again that it gave up in the last day."), yes);
  made.append(element("summary", "Remove everything from it"), inside);
  return made;
}

function row(change, page) {
  const about = change.episode || change.podcast;
  const facts = element("small", `${change.who}: ${change.said}, ${minute(change.at)}`);
  if (change.outcome === "lost") facts.append(". ", element("b", "It lost."), ` ${change.why}`);
  const podcast = change.episode ? [element("small", change.podcast)] : [];
  const undo = button(change.undo, about, () =>
    act("POST", `/api/sync/changes/${change.id}/undo`, "It is put back as it was.", page));
  return item([element("strong", about), ...podcast, facts], change.undo ? [undo] : []);
}

async function act(method, path, said, page) {
  const answer = await ask(method, path);
  if (answer.ok) say(said);
  else complain(answer);
  await fill(page);
}

async function make(event, page) {
  event.preventDefault();
  const form = page.querySelector("[data-new-app]");
  if (!form.reportValidity()) return undefined;
  const answer = await ask("POST", "/api/app-passwords", { name: form.elements.name.value, kind: event.currentTarget.value });
  if (!answer.ok) return complain(answer);
  const { name, server, user_name: user, password } = answer.data;
  const place = page.querySelector("[data-made]");
  const typed = [["Server", server], ["User name", user], ["Password", password ?? ""]].filter(([, value]) => value);
  place.replaceChildren(
    element("p", `Type this into ${name} now. It is not shown again.`),
    ...typed.map(([label, value]) => line(label, value)),
  );
  if (!password) place.append(element("p", "The user name is the secret: leave the password empty, or write anything."));
  place.hidden = false;
  form.elements.name.value = "";
  return fill(page);
}

function line(label, value) {
  const made = element("p", `${label}: `);
  made.append(element("code", value));
  return made;
}

export async function connect(page) {
  const form = page.querySelector("[data-decide]");
  const waiting = await ask("GET", "/api/app-login");
  form.hidden = !waiting.ok;
  if (!waiting.ok) return location.hash ? undefined : complain(waiting);
  const facts = page.querySelector("[data-waiting]");
  const { name, place, asked_at: asked } = waiting.data;
  facts.replaceChildren(element("strong", name), element("span", `asked on ${minute(asked)} from ${place}`));
  facts.hidden = false;
  for (const each of form.querySelectorAll("button")) each.addEventListener("click", (event) => decide(event, form));
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

function list(rows, empty, shown) {
  if (!rows.length) return element("p", empty);
  const made = element("ul", "", { class: "things" });
  made.append(...rows.map(shown));
  return made;
}

function item(words, buttons) {
  const made = element("li");
  const said = element("div");
  said.append(...words.flatMap((word) => [word, " "]));
  made.append(said, ...buttons);
  return made;
}

function button(text, name, work) {
  const made = element("button", text, { type: "button", class: "button plain", "aria-label": `${text}: ${name}` });
  made.addEventListener("click", work);
  return made;
}
