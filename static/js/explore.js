// The map is fetched when somebody asks for it, or comes by a link that holds a view of it. Whatever goes
// wrong on the way is one sentence; the table says the same and stays.
const root = document.querySelector("[data-explore]");
const button = root.querySelector("[data-explore-open]");
const said = root.querySelector("[data-explore-said]");
const settings = JSON.parse(root.dataset.explore);

function say(words) {
  said.textContent = words || "";
  said.hidden = !words;
}

async function open() {
  button.disabled = true;
  say(settings.words.loading);
  try {
    const { begin } = await import(settings.map);
    await begin(root, settings, say);
    button.closest("[data-explore-ask]").hidden = true;
  } catch (wrong) {
    say(wrong.name === "NoWebGL" ? settings.words.noWebgl : settings.words.failed);
    root.dataset.exploreState = "failed";
    button.disabled = false;
  }
}

button.closest("[data-explore-ask]").hidden = false;
button.addEventListener("click", open);
if (location.hash.startsWith("#map=")) open();
