// Input that is not saved: it is saved as a draft while somebody types, and who would lose it is asked.

let typed = 0;
let saved = 0;
let sending = 0;
let leaving = false;

const sheet = () => document.querySelector("form[data-guard]");
const draft = () => document.getElementById("saved");

function isUnsaved() {
  const form = sheet();
  if (!form || leaving) return false;
  const chosen = [...form.querySelectorAll("input[type=file]")].some((field) => field.files.length);
  return chosen || typed > saved;
}

document.addEventListener("input", (event) => {
  if (event.target.form === sheet()) typed += 1;
});

addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});

// Who sends the form or throws it away leaves on purpose.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (event.target === sheet() || event.target.id === "discard") leaving = true;
}, { capture: true });

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-discard]");
  if (!link || typed === 0) return;
  if (confirm(link.dataset.discard)) leaving = true;
  else event.preventDefault();
});

// The address of a saved form is that of its draft: a reload opens it, and so does the way back from what was sent.
function becomeDraft() {
  history.replaceState(history.state, "", draft().dataset.address);
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== draft()) return;
  if (sheet().dataset.sent) event.preventDefault();
  sending = typed;
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === sheet() && draft() && ctx.response?.headers.get("HX-Redirect")) becomeDraft();
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === draft() && ctx.response?.status === 200) {
    saved = sending;
    if ("saved" in draft().dataset) becomeDraft();
  } else if (ctx.sourceElement.matches("form[data-guard]")) {
    leaving = Boolean(ctx.response?.headers.get("HX-Redirect"));
  }
});

// A tab that is hidden may never be seen again.
document.addEventListener("visibilitychange", () => {
  const form = sheet();
  if (!document.hidden || !draft() || !isUnsaved()) return;
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  navigator.sendBeacon(draft().getAttribute("hx-post"), new URLSearchParams(fields));
});
