// What is typed into a form that is marked so survives a reload, for its writer and in this tab alone.

const MARK = "countersign kept ";
const FIELDS = "textarea[name], input[name]:not([type=hidden], [type=file], [type=password]), select[name]";

const keptForms = () => [...document.querySelectorAll("form[data-keep]")];
const ours = () => Object.keys(sessionStorage).filter((key) => key.startsWith(MARK));

function keep(form) {
  const values = [...form.querySelectorAll(FIELDS)].map((field) => [
    field.name,
    field.type === "checkbox" || field.type === "radio" ? String(field.checked) : field.value,
  ]);
  sessionStorage.setItem(MARK + form.dataset.keep, JSON.stringify(values));
}

// What the server sent with the form is newer than what was kept.
function fill(field, value) {
  if (field.type === "checkbox" || field.type === "radio") field.checked = value === "true";
  else if (!field.value) field.value = value;
}

function restore(form) {
  const kept = sessionStorage.getItem(MARK + form.dataset.keep);
  if (!kept) return;
  const fields = [...form.querySelectorAll(FIELDS)];
  for (const [index, [name, value]] of JSON.parse(kept).entries()) {
    if (fields[index]?.name === name) fill(fields[index], value);
  }
}

// Nobody finds here what somebody else typed.
const person = document.body.dataset.person;
for (const key of person ? ours() : []) {
  if (!key.startsWith(`${MARK}${person} `)) sessionStorage.removeItem(key);
}
for (const form of keptForms()) restore(form);

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-keep]");
  if (form) keep(form);
});

document.addEventListener("submit", ({ target }) => {
  if (target.dataset.keep) sessionStorage.removeItem(MARK + target.dataset.keep);
  if (target.hasAttribute("data-sign-out")) for (const key of ours()) sessionStorage.removeItem(key);
});
