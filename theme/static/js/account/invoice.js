// A form that puts an invoice right, one for each order. It is an ordinary form: the service leads back to a message.

import { element } from "./client.js";

const FIELDS = [
  ["name", "Name or company", { required: "", maxlength: 200, autocomplete: "organization" }],
  ["line1", "Street and number", { maxlength: 200, autocomplete: "address-line1" }],
  ["line2", "More of the address", { maxlength: 200, autocomplete: "address-line2" }],
  ["postal_code", "Postal code", { maxlength: 80, autocomplete: "postal-code" }],
  ["city", "City", { maxlength: 200, autocomplete: "address-level2" }],
  ["state", "State or province", { maxlength: 200, autocomplete: "address-level1" }],
  ["country", "Country, in two letters", { maxlength: 2, autocomplete: "country" }],
  ["tax_id_type", "Kind of tax number, such as eu_vat", { maxlength: 80, autocomplete: "off" }],
  ["tax_id", "Tax number", { maxlength: 80, autocomplete: "off" }],
];

export function invoiceForm(order) {
  const box = element("details");
  box.append(element("summary", "Correct the invoice"));
  const form = element("form", "", { method: "post", action: `/api/orders/${order.id}/invoice`, class: "form" });
  for (const [name, label, attributes] of FIELDS) form.append(field(order, name, label, attributes));
  const actions = element("p", "", { class: "actions" });
  actions.append(element("button", "Send me a corrected invoice", { class: "button" }));
  form.append(actions);
  box.append(form);
  return box;
}

function field(order, name, label, attributes) {
  const id = `site:${order.id}-${name}`;
  const line = element("p", "", { class: "field" });
  const input = element("input", "", { id, name, ...attributes });
  input.value = order.invoice_data?.[name] ?? "";
  line.append(element("label", label, { for: id }), input);
  return line;
}
