// Drawing a boundary, or a line across one, into the text field that says it: whoever cannot or will not draw types
// or pastes the same coordinates, and the server looks at both alike.
const root = document.querySelector("[data-draw]");
const button = root.querySelector("[data-draw-open]");
const said = root.querySelector("[data-draw-said]");
const settings = JSON.parse(root.dataset.draw);

function say(words) {
  said.textContent = words;
  said.hidden = !words;
}

async function open() {
  button.disabled = true;
  say(settings.words.loading);
  try {
    const { begin } = await import(settings.map);
    await begin(root, settings, say);
    button.hidden = true;
    root.dataset.drawState = "ready";
  } catch (wrong) {
    say(wrong.name === "NotOnePiece" ? settings.words.pieces : settings.words.failed);
    root.dataset.drawState = "failed";
    button.disabled = false;
  }
}

root.hidden = false;
button.addEventListener("click", open);
