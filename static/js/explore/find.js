// Find my street: the search of every page, and the map goes to what is chosen.
import { aborted, json, latest } from "./net.js";

export function findStreets(explorer) {
  const form = explorer.root.querySelector("[data-find]");
  const results = form.querySelector("[data-found]");
  const signal = latest();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const address = new URL(form.action);
    address.searchParams.set("q", new FormData(form).get("q"));
    address.searchParams.set("unit", explorer.settings.code);
    address.searchParams.set("limit", 6);
    try {
      const { items } = await json(address, signal());
      const places = items.filter((one) => one.unit);
      results.replaceChildren(...places.map((one) => choice(explorer, one, results)));
      explorer.say(places.length ? "" : explorer.settings.words.notFound);
      results.querySelector("button")?.focus();
    } catch (wrong) {
      if (!aborted(wrong)) explorer.say(explorer.settings.words.lost);
    }
  });
}

function choice(explorer, hit, results) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: hit.title });
  button.addEventListener("click", async () => {
    try {
      const { bounds } = await json(explorer.settings.groundOf.replace("~", encodeURIComponent(hit.unit.code)));
      const [west, south, east, north] = bounds;
      explorer.map.fitBounds([[west, south], [east, north]], { padding: 60, maxZoom: 17, animate: !explorer.still });
      results.replaceChildren();
      explorer.map.getCanvas().focus();
    } catch {
      explorer.say(explorer.settings.words.lost);
    }
  });
  const item = document.createElement("li");
  const where = Object.assign(document.createElement("span"), { className: "soft small", textContent: hit.unit.name === hit.title ? hit.unit.code : hit.unit.name });
  item.append(button, " ", where);
  return item;
}
