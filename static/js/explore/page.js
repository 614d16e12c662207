// The rest of the page follows the map: the same address without the map is asked for, and the parts that depend
// on the choice are taken from its answer. So there is one place where a table or a legend is made: the server.
export class Refused extends Error {}

export async function turn(address, signal) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal });
  const text = await answer.text();
  const made = new DOMParser().parseFromString(text, "text/html");
  if (answer.status === 400) throw new Refused(made.querySelector("main p")?.textContent || "");
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = made.querySelector(`[data-part="${part.dataset.part}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
  document.title = made.title;
}

// Links of the table (its order, its pages, its filters) and the form change the page in place.
export function follow(root, form, go) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-part] a[href]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const address = new URL(link.href);
    if (address.pathname !== location.pathname || address.searchParams.has("format")) return;
    event.preventDefault();
    go(address);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(addressOf(form));
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("select")) go(addressOf(form));
  });
}

export function addressOf(form) {
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
  return address;
}
