// Renews the box of a job at work every two seconds, and the page when the job ends or turns to another step. Only a
// change of words is announced: a screen reader told each figure would never fall silent.
const box = document.querySelector("[data-progress]");
const said = document.createElement("p");
said.className = "govuk-visually-hidden";
said.setAttribute("role", "status");
box.after(said);

async function renew() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-progress]");
    if (!answer.ok) throw new Error(answer.status);
    if (!next || next.dataset.progress !== box.dataset.progress) return location.reload();
    box.replaceChildren(...next.childNodes);
    const words = box.querySelector("label").textContent;
    if (said.textContent !== words) said.textContent = words;
  } catch {
    // No signal: the job goes on without us; ask again.
  }
  setTimeout(renew, 2000);
}

setTimeout(renew, 2000);
