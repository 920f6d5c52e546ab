// Selecting rows of a list; without a script there is a link that selects the page.

const boxes = () => [...document.querySelectorAll("input[name=pick]")];

function countPicked() {
  const picked = boxes().filter((box) => box.checked).length;
  for (const button of document.querySelectorAll("[data-picks]")) {
    button.disabled = !picked;
    button.querySelector("[data-picked]").textContent = picked ? `(${picked})` : "";
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
  countPicked();
});
document.addEventListener("live:renewed", countPicked);
addEventListener("pageshow", countPicked);
