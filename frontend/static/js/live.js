// Keeps an open page true: one poll, whose response holds the regions of the page as they are now.
// What is typed or selected stays, and screen readers hear what changed.

let morph;
htmx.registerExtension("live", {
  init: (api) => {
    morph = api.morph;
  },
  // What somebody unfolded stays unfolded.
  htmx_before_morph_attr: (_, { attrName }) => attrName !== "open",
});

const AIMING_MILLISECONDS = 3000;
let tag = "";
let timer;
let moved = -AIMING_MILLISECONDS;

document.addEventListener("pointermove", () => {
  moved = performance.now();
}, { passive: true });

const poll = () => document.getElementById("poll");

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return field.matches(":focus");
  return field.value !== field.defaultValue || field.matches(":focus");
}

function isBusy(part) {
  return [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some(isChanged);
}

// A form says which version of the request it decides. It never decides another one than the one it was opened with.
function version(part) {
  return part.querySelector("[data-version]")?.dataset.version;
}

function isHeld(region, fresh) {
  const [was, is] = [version(region), version(fresh)];
  if (was && is) return was !== is;
  return isBusy(region) && !isDrawnAgain(region, fresh);
}

// Whether everything that somebody may be typing into is still there.
function isDrawnAgain(region, fresh) {
  const fields = [...region.querySelectorAll("input:not([type=hidden]), textarea, select")].filter(isChanged);
  return fields.every((field) => field.id && fresh.querySelector(`#${CSS.escape(field.id)}`));
}

function hold(region) {
  if (region.querySelector("input[name=pick]") || region.querySelector(".cs-held")) return;
  const note = document.getElementById("held").content.cloneNode(true);
  region.prepend(note);
  for (const button of region.querySelectorAll("button")) button.disabled = true;
}

// A click must not land on another row, so rows with buttons stay where they are while the pointer moves over them.
function isAimedAt(region) {
  const aiming = performance.now() - moved < AIMING_MILLISECONDS;
  return aiming && region.matches(":hover") && region.querySelector(".cs-approve button");
}

// What changed in words; null if the region has to stay as it is for now.
function renew(region, fresh) {
  if (region.isEqualNode(fresh)) return [];
  if (isAimedAt(region)) return null;
  if (isHeld(region, fresh)) {
    hold(region);
    return null;
  }
  const said = new Map([...region.querySelectorAll("[data-says]")].map((each) => [each.dataset.says, each.textContent]));
  const whole = document.createDocumentFragment();
  whole.append(fresh);
  morph(region, whole, false);
  htmx.process(region);
  return [...region.querySelectorAll("[data-says]")]
    .filter((each) => said.get(each.dataset.says) !== each.textContent)
    .map((each) => each.textContent.trim());
}

// Whether every region is as it is now.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const heard = [];
  let complete = true;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const region = document.getElementById(fresh.id);
    const words = region ? renew(region, fresh) : [];
    complete &&= words !== null;
    heard.push(...(words ?? []));
  }
  if (heard.length) document.getElementById("announcer").textContent = heard.join(" ");
  document.dispatchEvent(new Event("live:renewed"));
  return complete;
}

function isStale(stale) {
  document.body.classList.toggle("is-stale", stale);
}

// The session ended: sign in again, unless that would take away what is typed here.
function signIn() {
  isStale(true);
  if (!isBusy(document.body)) location.reload();
}

async function ask() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const headers = { "Countersign-Live": "1", "If-None-Match": tag };
    const response = await fetch(poll().dataset.url, { headers, cache: "no-store", signal: AbortSignal.timeout(15_000) });
    isStale(!response.ok && response.status !== 304);
    if (response.status === 401) signIn();
    if (response.ok) {
      const complete = show(await response.text());
      tag = complete ? (response.headers.get("ETag") ?? "") : "";
    }
  } catch {
    isStale(true);
  }
  timer = setTimeout(ask, poll().dataset.every * 1000);
}

if (poll()) {
  timer = setTimeout(ask, Math.min(poll().dataset.every, 2) * 1000);
  document.addEventListener("visibilitychange", ask);
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) ask();
  });
}
