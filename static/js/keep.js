// What is typed stays on this phone until the server says it has it: leaving the page, a dead battery or
// a lost session lose nothing. A draft carries its form's client_id; the address that answers a send
// names it (?sent=…), and only then is the draft forgotten.
import { uuid } from "./uuid.js";

const PREFIX = "cuadra:draft:";
const OLDEST = 7 * 24 * 3600 * 1000;
const address = new URLSearchParams(location.search);
// ``dropped``: two people had edited, both texts were shown, and this one is not the saved one.
const finished = [address.get("sent"), address.get("dropped")];

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
  const draft = read(key);
  if (!draft || finished.includes(draft.id) || Date.now() - draft.at > OLDEST) localStorage.removeItem(key);
}

function typed(form) {
  return Array.from(form.elements).filter((field) => field.name && !["hidden", "submit", "password"].includes(field.type));
}

function valuesOf(form) {
  return Object.fromEntries(
    typed(form).filter((field) => field.type !== "radio" || field.checked).map((field) => [field.name, field.value]),
  );
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = PREFIX + form.dataset.keep;
  const draft = read(key);
  const untouched = JSON.stringify(valuesOf(form));
  // A form that came back with an error already holds what was typed.
  const returned = form.querySelector(".govuk-error-message");
  if (draft && !returned && JSON.stringify(draft.values) !== untouched) {
    for (const field of typed(form)) {
      if (!(field.name in draft.values)) continue;
      if (field.type === "radio") field.checked = field.value === draft.values[field.name];
      else field.value = draft.values[field.name];
    }
    // The same key again: if the lost send did arrive, this one does not act twice.
    form.elements.client_id.value = draft.id;
    if (draft.version && form.elements.version) form.elements.version.value = draft.version;
    const around = form.closest("details");
    if (around) around.open = true;
  }
  let submitted = draft ? draft.submitted : false;
  const keep = () => {
    const version = form.elements.version ? form.elements.version.value : "";
    const now = { id: form.elements.client_id.value, at: Date.now(), values: valuesOf(form), version, submitted };
    try { localStorage.setItem(key, JSON.stringify(now)); } catch { /* full or private: the page still holds it */ }
  };
  form.addEventListener("input", () => {
    // Words changed after a send whose answer got lost are another send: the same key would be refused.
    if (submitted) form.elements.client_id.value = uuid();
    submitted = false;
    keep();
  });
  form.addEventListener("submit", () => {
    submitted = true;
    keep();
  });
}
