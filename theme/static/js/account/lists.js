// Fills the lists of an account: courses, orders, browsers, apps, links, passkeys. What each shows comes from the service, as text only.

import { certificate, certificatesOf } from "./certificates.js";
import { ask, complain, element, say } from "./client.js";
import { invoiceForm } from "./invoice.js";
import { beside } from "./progress.js";
import { day, minute, money } from "./spelling.js";

const LISTS = {
  library: { path: "/api/library", of: (data) => data, empty: "Nothing here yet.", row: course, beside },
  certificates: { path: "/api/certificates", of: certificatesOf, empty: "", row: (each, place) => certificate(each, () => fill(place)) },
  orders: { path: "/api/orders", of: (data) => data, empty: "You have bought nothing yet.", row: order },
  sessions: { path: "/api/sessions", of: (data) => data.sessions, empty: "", row: browser },
  devices: { path: "/api/devices", of: (data) => data.devices, empty: "No app uses your account.", row: app },
  links: { path: "/api/media-links", of: (data) => data.links, empty: "No link is open.", row: openLink },
  passkeys: { path: "/api/passkeys", of: (data) => data.passkeys, empty: "You have no passkey yet.", row: passkey },
};

export async function fill(place) {
  const list = LISTS[place.dataset.list];
  const answer = await ask("GET", list.path);
  if (!answer.ok) {
    complain(answer);
    return;
  }
  const rows = list.of(answer.data);
  const shown = rows.length ? element("ul", "", { class: "things" }) : element("p", list.empty);
  shown.append(...rows.map((each) => list.row(each, place)));
  place.replaceChildren(shown);
  await list.beside?.(place);
}

function course(owned) {
  const title = owned.slug ? link(`/courses/${owned.slug}/`, owned.title) : element("strong", owned.title);
  const facts = [owned.lectures ? `${owned.lectures} lectures` : "", `yours since ${day(owned.since)}`];
  const row = item([title, element("small", facts.filter(Boolean).join(", "))]);
  row.dataset.course = owned.id;
  return row;
}

function order(bought) {
  const titles = (bought.lines || []).map((line) => line.title).join(", ") || "Order";
  const paid = bought.paid_at || bought.created_at;
  const facts = `${money(bought.total_cents, bought.currency)}, ${paid ? day(paid) : ""}, ${bought.state.replace("_", " ")}`;
  const invoice = bought.invoice_url ? [link(bought.invoice_url, "Invoice", "button plain")] : [];
  const form = bought.paid_at ? [invoiceForm(bought)] : [];
  return item([element("strong", titles), element("small", facts)], [...invoice, ...form]);
}

function browser(session, place) {
  const facts = `${session.place}, last seen ${day(session.seen_at)}, since ${day(session.created_at)}`;
  const here = session.this ? element("small", "This browser") : ender("Sign out", session.name, () =>
    end(`/api/sessions/${session.id}`, `${session.name} is signed out.`, place));
  return item([element("strong", session.name), element("small", facts)], [here]);
}

function app(device, place) {
  const facts = `may use: ${device.scopes.join(", ")}; since ${day(device.created_at)}`;
  const button = ender("End", device.name, () => end(`/api/devices/${device.id}`, `${device.name} is signed out.`, place));
  return item([element("strong", device.name), element("small", facts)], [button]);
}

function openLink(link) {
  const facts = `${link.course}; given to ${link.holder} ${minute(link.given_at)}, ends ${minute(link.ends_at)}`;
  return item([element("strong", link.lecture), element("small", facts)]);
}

function passkey(known, place) {
  const facts = `added ${day(known.created_at)}${known.used_at ? `, last used ${day(known.used_at)}` : ", not used yet"}`;
  const button = ender("Remove", known.name, () =>
    end(`/api/passkeys/${known.id}`, `The passkey ${known.name} is removed.`, place));
  return item([element("strong", known.name), element("small", facts)], [button]);
}

async function end(path, said, place) {
  const answer = await ask("DELETE", path);
  if (answer.ok) say(said);
  else complain(answer);
  await fill(place);
}

function item(words, parts = []) {
  const row = element("li");
  const said = element("div");
  said.append(...words);
  row.append(said, ...parts);
  return row;
}

function link(address, text, kind) {
  const known = /^(\/|https?:\/\/)/.test(address);
  const made = element("a", text, known ? { href: address } : {});
  if (kind) made.className = kind;
  return made;
}

function ender(text, name, work) {
  const button = element("button", text, { type: "button", class: "button plain", "aria-label": `${text}: ${name}` });
  button.addEventListener("click", work);
  return button;
}
