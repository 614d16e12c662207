// A slip's QR carries its code in the fragment (#papeleta=…), which no server ever sees. It is kept for
// this tab only, taken out of the address, and put where a code is asked for.
const STORE = "cuadra:slip";
const found = /^#papeleta=([A-Za-z0-9]{10})$/.exec(location.hash);
try {
  if (found) {
    sessionStorage.setItem(STORE, found[1]);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const code = sessionStorage.getItem(STORE);
  const field = document.querySelector("input.code-input[data-slip]");
  if (code && field && !field.value) field.value = code;
} catch { /* storage is off: the code is typed from the paper */ }
