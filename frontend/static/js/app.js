// What the pages do better with a script; without one they work all the same.

// The server opens one case for one form in any way; this only keeps the second click from being sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  form.dataset.sent = "yes";
}, { capture: true });

// An answer or its absence frees the form that is still there.
document.addEventListener("htmx:finally:request", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A page that comes back from the history may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A field that counts only with a certain answer elsewhere is shown only then; the server decides either way.
function showWhatCounts() {
  for (const field of document.querySelectorAll("[data-when]")) {
    const [name, wanted] = field.dataset.when.split("=");
    const other = field.closest("form")?.elements[name];
    if (!other) continue;
    const answer = other.type === "checkbox" ? String(other.checked) : other.value;
    field.hidden = answer !== wanted;
  }
}
document.addEventListener("change", showWhatCounts);
document.addEventListener("htmx:after:swap", showWhatCounts);
document.addEventListener("live:renewed", showWhatCounts);
showWhatCounts();

// What can be undone for some seconds is offered no longer than that.
for (const offer of document.querySelectorAll("[data-lasts]")) {
  const seconds = Number(offer.dataset.lasts);
  if (seconds < 3600) setTimeout(() => offer.remove(), seconds * 1000);
}

// A menu closes as menus do: by Escape, and by a click elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.cs-menu[open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.cs-menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.cs-menu[open]") ?? document.querySelector("details.cs-menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});
