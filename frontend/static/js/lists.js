// Selecting rows of a list; without a script there is a link that selects the page.

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick-all]")) return;
  for (const box of document.querySelectorAll("input[name=pick]")) box.checked = event.target.checked;
});

// A list does not refresh itself under somebody who has begun to select.
document.addEventListener("htmx:before:request", (event) => {
  const rows = event.target.closest?.("#rows");
  if (rows?.querySelector("input[name=pick]:checked")) event.preventDefault();
});
