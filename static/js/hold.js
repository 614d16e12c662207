// Taps on the headcount go out one by one, in order, and wait here while there is no signal. The queue
// holds figures and keys, never words, so a lost phone tells nothing about anybody.
import { uuid } from "./uuid.js";

const STORE = "cuadra:taps";
const saved = document.querySelector("[data-saved]");
const refused = document.querySelector("[data-refused]");
const WAITS = [2, 5, 15, 30];
let queue = load();
let sending = false;
let failures = 0;

function load() {
  try { return JSON.parse(localStorage.getItem(STORE)) || []; } catch { return []; }
}

function store() {
  try { localStorage.setItem(STORE, JSON.stringify(queue)); } catch { /* private window: memory alone */ }
}

function say(text, waiting) {
  if (!saved) return;
  saved.hidden = false;
  saved.textContent = text;
  saved.classList.toggle("saved--waiting", Boolean(waiting));
}

function report() {
  if (queue.length) say(saved.dataset.textWaiting.replace("{n}", queue.length), true);
  else say(saved.dataset.textSaved);
}

function bump(selector, by) {
  for (const node of document.querySelectorAll(selector)) {
    node.textContent = Math.max(0, Number(node.textContent) + by);
  }
}

// What the thumb sees at once; the server's own figures replace it when nothing is on its way.
function guess(tap) {
  const by = Number(tap.step);
  bump(`[data-cell="${tap.gender}:${tap.what}"]`, by);
  bump(`[data-total="${tap.what}"]`, by);
  if (tap.what === "people") bump('[data-total="band"]', by);
}

function show(answer) {
  const { cell } = answer;
  const here = document.querySelector(`input[name=age_band][value="${cell.age_band}"]`);
  const write = (selector, value) => { const node = document.querySelector(selector); if (node) node.textContent = value; };
  write('[data-total="people"]', answer.people);
  write('[data-total="first_timers"]', answer.first_timers);
  if (!here) return;
  write('[data-total="band"]', answer.band);
  write(`[data-cell="${cell.gender}:people"]`, cell.people);
  write(`[data-cell="${cell.gender}:first_timers"]`, cell.first_timers);
}

async function flush() {
  if (sending || !queue.length) return;
  sending = true;
  while (queue.length) {
    const { url, ...tap } = queue[0];
    const token = document.querySelector("input[name=csrf_token]");
    let response;
    try {
      response = await fetch(url, {
        method: "POST", redirect: "manual", headers: { Accept: "application/json" },
        body: new URLSearchParams({ ...tap, csrf_token: token ? token.value : "" }),
      });
    } catch { /* no signal */ }
    if (!response || response.status >= 500 || response.status === 429) {
      report();
      setTimeout(flush, 1000 * WAITS[Math.min(failures++, WAITS.length - 1)]);
      break;
    }
    if (response.type === "opaqueredirect" || response.status === 400) {
      say(saved.dataset.textSignin, true);
      break;
    }
    failures = 0;
    queue.shift();
    store();
    const answer = await response.json().catch(() => ({}));
    if (response.ok && !queue.length) show(answer);
    if (!response.ok) {
      guess({ ...tap, step: -tap.step });
      if (refused) { refused.hidden = false; refused.textContent = answer.title || ""; }
    }
    report();
  }
  sending = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-moment], [data-tap]")) form.elements.occurred_at.value = new Date().toISOString();
  if (!form.matches("[data-tap]")) return;
  event.preventDefault();
  if (refused) refused.hidden = true;
  const { csrf_token, form_at, ...tap } = Object.fromEntries(new FormData(form));
  form.elements.client_id.value = uuid();
  queue.push({ url: form.action, ...tap });
  store();
  guess(tap);
  report();
  flush();
});

addEventListener("online", flush);
if (queue.length && saved) { report(); flush(); }
