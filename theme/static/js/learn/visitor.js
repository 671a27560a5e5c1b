// Whether somebody is signed in, as the service's mark says, without asking it. The same account has the same mark; nobody's is "".

const MARK = /(?:^|; )__Host-signed-in=([0-9a-f]+)/;

export function mark() {
  return MARK.exec(document.cookie)?.[1] ?? "";
}

// The service has said that the session is over.
export function isOver() {
  document.cookie = "__Host-signed-in=; Max-Age=0; Path=/; Secure; SameSite=Lax";
}
