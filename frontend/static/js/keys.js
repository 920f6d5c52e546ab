// A key moves the focus; only Enter opens or decides.

const WRITING = "textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])";

// Through the rows of a list; from nowhere, j goes to the first.
function row(step) {
  const links = [...document.querySelectorAll("[data-item]")];
  const here = links.indexOf(document.activeElement.closest("[data-row]")?.querySelector("[data-item]"));
  return links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)];
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest(WRITING) || event.ctrlKey || event.metaKey || event.altKey) return;
  const help = document.getElementById("keys");
  if (event.key === "?" && help) {
    event.preventDefault();
    help.togglePopover();
    return;
  }
  const steps = { j: 1, k: -1 };
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`) ??
    (event.key in steps ? row(steps[event.key]) : null);
  if (!target) return;
  event.preventDefault();
  target.focus();
});
