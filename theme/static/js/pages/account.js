// Fills in the pages of the account for who is signed in. Without it the forms work as they stand.

import { ask, complain, element, say } from "../account/client.js";
import { fill } from "../account/lists.js";
import * as passkeys from "../account/passkeys.js";
import * as podcasts from "../account/podcast_apps.js";
import { day } from "../account/spelling.js";

const SCOPES = {
  account: "See your account's name and address",
  media: "Play and download what is yours",
  sync: "Keep your podcasts and your place in them in step",
};
const WAITING = ["pending", "processing"];
const LOOKS_MAX = 20;
const LOOK_MILLISECONDS = 2000;
const MAILED_CODE = /^#([0-9A-Za-z]{4}-?[0-9A-Za-z]{4})$/;
const page = document.querySelector("[data-page]");
const one = (selector) => page.querySelector(selector);

const PAGES = {
  overview: async () => {
    const account = await who();
    if (!account) return;
    one("[data-who]").textContent = `Signed in as ${account.name || account.email}${account.name ? ` (${account.email})` : ""}`;
    one("[data-who]").hidden = false;
    await lists();
  },
  sign_in: () => {
    const part = one("[data-passkey]");
    part.hidden = !passkeys.able;
    one("[data-enter-with-passkey]").addEventListener("click", () => passkeys.enter());
  },
  code: fromMail,
  library: () => lists(),
  orders: () => lists(),
  claim: isSignedIn,
  claim_code: () => {},
  devices: () => lists(),
  sessions: async () => {
    one("[data-end-others]").addEventListener("click", async () => {
      const answer = await ask("DELETE", "/api/sessions");
      if (answer.ok) say("All others are signed out.");
      else complain(answer);
      await lists();
    });
    await lists();
  },
  passkeys: async () => {
    const form = one("[data-add-passkey]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      passkeys.add(form.elements.name.value.trim());
    });
    form.hidden = !(await lists()) || !passkeys.able;
  },
  address: isSignedIn,
  export: async () => {
    await isSignedIn();
    one("[data-export]").addEventListener("click", takeAway);
  },
  delete: isSignedIn,
  authorize: async () => {
    if (!(await isSignedIn())) return;
    const answer = await ask("GET", "/api/authorize/request");
    if (!answer.ok) {
      complain(answer);
      one("form").hidden = true;
    } else {
      const list = element("ul", "", { class: "points" });
      list.append(...answer.data.scopes.map((scope) => element("li", SCOPES[scope] || scope)));
      one("[data-scopes]").replaceChildren(element("p", "It may then:"), list);
      one("[data-scopes]").hidden = false;
      for (const button of page.querySelectorAll("button[name=decision]")) button.addEventListener("click", decide);
    }
  },
  sync: async () => (await isSignedIn()) && podcasts.show(page),
  connect: async () => (await isSignedIn()) && podcasts.connect(page),
  device: isSignedIn,
  done: howFar,
  certificate: () => {},
  cancelled: () => {},
};

function signedIn(yes) {
  for (const part of page.querySelectorAll("[data-signed-in]")) part.hidden = !yes;
  for (const part of page.querySelectorAll("[data-signed-out]")) part.hidden = yes;
  return yes;
}

// Asked first, as it is no error to be signed out.
async function isSignedIn() {
  const standing = await ask("GET", "/api/sign-in");
  if (!standing.ok) complain(standing);
  return signedIn(standing.ok && standing.data.signed_in);
}

async function who() {
  if (!(await isSignedIn())) return null;
  const answer = await ask("GET", "/api/account");
  if (!answer.ok) complain(answer);
  return answer.ok ? answer.data : null;
}

async function lists() {
  if (!(await isSignedIn())) return false;
  await Promise.all([...page.querySelectorAll("[data-list]")].map(fill));
  return true;
}

// The mail's link carries the code behind '#', which no server sees. It is only filled in: the person still presses the button.
async function fromMail() {
  const found = MAILED_CODE.exec(location.hash);
  if (!found) return;
  const standing = await ask("GET", "/api/sign-in");
  if (standing.ok && !standing.data.code_asked) {
    one("[data-code]").textContent = found[1];
    one("[data-other-browser]").hidden = false;
    one("form").hidden = true;
    return;
  }
  one("[name=code]").value = found[1];
  one("form button").focus();
}

async function takeAway(event) {
  event.preventDefault();
  const answer = await ask("GET", "/api/account/export");
  if (!answer.ok) return complain(answer);
  const file = new Blob([JSON.stringify(answer.data, null, 2)], { type: "application/json" });
  const address = URL.createObjectURL(file);
  element("a", "", { href: address, download: `account-${answer.data.exported_at.slice(0, 10)}.json` }).click();
  URL.revokeObjectURL(address);
  return say("Your data is downloaded.");
}

async function decide(event) {
  event.preventDefault();
  const answer = await ask("POST", "/api/authorize", { decision: event.currentTarget.value });
  if (answer.ok) location.assign(answer.data.location);
  else complain(answer);
}

// Asks Stripe once, then looks at what we know until there is an end or the buyer has waited long enough for a page.
async function howFar() {
  const id = new URLSearchParams(location.search).get("order");
  if (!id || !/^[a-z]+_[0-9a-z]+$/.test(id)) return;
  let answer = await ask("POST", `/api/orders/${id}/check`);
  for (let looks = 0; answer.ok && WAITING.includes(answer.data.state) && looks < LOOKS_MAX; looks += 1) {
    await new Promise((done) => setTimeout(done, LOOK_MILLISECONDS));
    answer = await ask("GET", `/api/orders/${id}`);
  }
  if (answer.ok) one("[data-order]").textContent = said(answer.data);
}

function said(order) {
  if (order.state === "paid") return `Paid${order.paid_at ? ` on ${day(order.paid_at)}` : ""}. It is in your library, and the receipt is on its way to you by mail.`;
  if (WAITING.includes(order.state)) return one("[data-order]").textContent;
  if (order.state.includes("refunded")) return "The money for this order, or a part of it, has been given back.";
  return "This order was not paid. Nothing was charged.";
}

await PAGES[page.dataset.page]?.();
