// Money and days as people read them: the same here as in the site's pages, in mails and without script. Knows no page.

// Stripe's "Supported currencies": where the decimal point stands, else two places from the right.
const WHOLE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");
const THOUSANDTHS = "bhd jod kwd omr tnd".split(" ");
const SYMBOLS = {
  usd: "$", eur: "€", gbp: "£", jpy: "¥", inr: "₹", krw: "₩", cad: "CA$", aud: "A$",
  nzd: "NZ$", hkd: "HK$", sgd: "S$", mxn: "MX$", brl: "R$", ils: "₪", php: "₱", vnd: "₫",
};
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

// 4900, "usd" -> "$49"; 4950, "sek" -> "49.50 SEK"
export function money(cents, currency) {
  const code = currency.toLowerCase();
  const written = number(Math.abs(cents), WHOLE.includes(code) ? 0 : THOUSANDTHS.includes(code) ? 3 : 2);
  const sign = cents < 0 ? "-" : "";
  return code in SYMBOLS ? `${sign}${SYMBOLS[code]}${written}` : `${sign}${written} ${code.toUpperCase()}`;
}

// "2026-01-05T06:00:00.000Z" -> "5 January 2026", in UTC as in the mails
export function day(text) {
  const time = new Date(text);
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
}

// "2026-01-05T06:00:00.000Z" -> "5 January 2026, 06:00 UTC"
export function minute(text) {
  return `${day(text)}, ${new Date(text).toISOString().slice(11, 16)} UTC`;
}

function number(amount, places) {
  const parts = 10 ** places;
  const whole = String(Math.floor(amount / parts)).replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = amount % parts;
  return rest ? `${whole}.${String(rest).padStart(places, "0")}` : whole;
}
