// Makes passkeys and signs in with them: turns the service's options into the browser's, and its answer back into text.
// https://www.w3.org/TR/webauthn-3/

import { ask, complain, say } from "./client.js";
import { fill } from "./lists.js";

export const able = "PublicKeyCredential" in window;

export async function add(name) {
  const asked = await ask("POST", "/api/passkeys/challenge");
  if (!asked.ok) return complain(asked);
  const options = asked.data.public_key;
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials || []).map((each) => ({ ...each, id: bytes(each.id) })),
  };
  const made = await fromDevice(() => navigator.credentials.create({ publicKey }));
  if (!made) return undefined;
  const response = {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  };
  const kept = await ask("POST", "/api/passkeys", { credential: credential(made, response), name });
  if (!kept.ok) return complain(kept);
  say(`The passkey ${name} is added. All other browsers are signed out.`);
  return fill(document.querySelector('[data-list="passkeys"]'));
}

export async function enter() {
  const asked = await ask("POST", "/api/sign-in/passkey/challenge");
  if (!asked.ok) return complain(asked);
  const options = asked.data.public_key;
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: [] };
  const given = await fromDevice(() => navigator.credentials.get({ publicKey }));
  if (!given) return undefined;
  const { clientDataJSON, authenticatorData, signature, userHandle } = given.response;
  const response = {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : undefined,
  };
  const entered = await ask("POST", "/api/sign-in/passkey", { credential: credential(given, response) });
  if (!entered.ok) return complain(entered);
  return location.assign(entered.data.next);
}

async function fromDevice(work) {
  try {
    return await work();
  } catch (error) {
    const known = error.name === "InvalidStateError";
    complain({ data: { detail: known ? "This device has a passkey for your account already." : "That was not finished. Nothing was changed." } });
    return null;
  }
}

function credential(made, response) {
  return { id: made.id, rawId: text(made.rawId), type: made.type, response };
}

function bytes(written) {
  const plain = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
