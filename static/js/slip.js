// A slip's QR brings its code after the hash, so that no server and no log on the way sees it.
// Fill the field with it, carry it along the links of this page, and take it off the address bar.
const found = /(?:^#|&)papeleta=([A-Za-z0-9 -]{6,40})/.exec(decodeURIComponent(window.location.hash));

if (found) {
  const code = found[1];
  for (const link of document.querySelectorAll("a[data-carry-slip]")) {
    link.hash = `papeleta=${code}`;
  }
  const field = document.querySelector("input.code-input");
  if (field && !field.value) {
    field.value = code;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
  }
}
