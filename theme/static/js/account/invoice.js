// A form that puts an invoice right, one for each order: the page's own template, filled in. The service leads back to a message.

const PLACE = "{order_id}"; // where the template has an order's id

export function invoiceForm(order) {
  const form = document.querySelector("template[data-invoice-form]").content.cloneNode(true);
  for (const each of form.querySelectorAll("*")) {
    for (const name of ["id", "for", "action"]) {
      if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replace(PLACE, order.id));
    }
  }
  for (const field of form.querySelectorAll("[name]")) field.value = order.invoice_data?.[field.name] ?? "";
  return form;
}
