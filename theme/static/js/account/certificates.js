// The certificates of a library: those that are there, and a form for each course that is completed and has none yet.

import { ask, complain, element, say } from "./client.js";
import { day } from "./spelling.js";

export function certificatesOf({ certificates, earned }) {
  return [...earned, ...certificates];
}

// `again` fills the list once more.
export function certificate(each, again) {
  const row = element("li");
  row.append(...(each.certificate ? had(each) : form(each, again)));
  return row;
}

function had({ certificate: { id, title, name, issued_at }, good, linkedin_url }) {
  const said = element("div");
  const facts = `Certificate of ${name}, ${day(issued_at)}${good ? "" : "; withdrawn, as the course is not yours any more"}`;
  said.append(good ? element("a", title, { href: `/certificates/${id}` }) : element("strong", title), element("small", facts));
  return good ? [said, element("a", "Add to LinkedIn", { href: linkedin_url, class: "button plain" })] : [said];
}

function form({ course, title, name }, again) {
  const said = element("div");
  said.append(element("strong", title), element("small", "Completed. Your certificate bears the name that you write here."));
  const made = element("form", "", { class: "form" });
  const field = element("p", "", { class: "field" });
  const id = `name-${course}`;
  const input = element("input", "", { id, name: "name", required: "", maxlength: "80", autocomplete: "name", value: name });
  field.append(element("label", "Name", { for: id }), input);
  made.append(field, element("button", "Get the certificate", { class: "button" }));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    issue(course, input.value, again);
  });
  return [said, made];
}

async function issue(course, name, again) {
  const answer = await ask("POST", "/api/certificates", { course, name });
  if (answer.ok) say("Your certificate is there. Its page can be printed, and its address shown to anybody.");
  else complain(answer);
  await again();
}
