/**
 * Other sites: nothing of theirs is loaded before the visitor accepts them, here or in the banner.
 *
 * The answer is kept by the browser in one cookie, `version~host~host`, which only the server writes. Another version
 * of the question, and it is asked again. A browser that sends Global Privacy Control is not asked: it has refused.
 *
 * @example
 * <figure data-foreign="tube.example" data-address="https://tube.example/videos/embed/x">…</figure>
 * <section id="choix" data-consent="version" data-consent-cookie="name" data-consent-address="/mes-choix/" hidden>…</section>
 */
const banner = document.querySelector("[data-consent]");
const { consent: version, consentCookie: name, consentAddress: address } = banner.dataset;
const figures = [...document.querySelectorAll("[data-foreign]")];

/** What was answered: a set of hosts, or null where this question has not been answered. */
function answered() {
  const kept = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  const [first, ...hosts] = (kept ?? "").slice(name.length + 1).replaceAll('"', "").split("~");
  return first === version ? new Set(hosts) : null;
}

async function answer(fields) {
  const response = await fetch(address, { method: "POST", body: new URLSearchParams(fields) });
  if (response.ok) return;
  location.assign(`${address}?attendre`); // too many answers from there: the page says so, and what to do
  throw new Error(`The answer could not be kept: ${response.status}`);
}

function show(figure, takesFocus) {
  if (figure.classList.contains("foreign--shown")) return;
  const frame = document.createElement("iframe");
  frame.src = figure.dataset.address;
  frame.title = figure.querySelector("figcaption").textContent;
  frame.allow = "fullscreen; picture-in-picture";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.loading = "lazy";
  figure.querySelector(".foreign__card").replaceWith(frame);
  figure.classList.add("foreign--shown");
  if (takesFocus) frame.focus();
}

function showAccepted() {
  const hosts = answered() ?? new Set();
  for (const figure of figures) if (hosts.has(figure.dataset.foreign)) show(figure, false);
}

async function decide(host, accepts) {
  const hosts = answered() ?? new Set();
  if (accepts) hosts.add(host);
  else hosts.delete(host);
  const accepted = [...hosts].map((one) => ["accepted_hosts", one]);
  await answer([["answer", "some"], ["way_answered", "block"], ["answered_hosts", host], ...accepted]);
  banner.hidden = true;
  showAccepted();
}

for (const figure of figures) {
  const question = figure.querySelector("[data-foreign-question]");
  const opener = figure.querySelector("[data-foreign-show]");
  opener.hidden = false;
  opener.addEventListener("click", () => {
    question.hidden = false;
    question.focus();
  });
  figure.querySelector("[data-foreign-accept]").addEventListener("click", async () => {
    await decide(figure.dataset.foreign, true);
    figure.querySelector("iframe")?.focus();
  });
  figure.querySelector("[data-foreign-refuse]").addEventListener("click", async () => {
    await decide(figure.dataset.foreign, false);
    question.hidden = true;
    opener.focus();
  });
}

for (const button of banner.querySelectorAll("[data-consent-answer]")) {
  button.addEventListener("click", async () => {
    await answer([["answer", button.dataset.consentAnswer], ["way_answered", "banner"]]);
    banner.hidden = true;
    showAccepted();
  });
}

if (answered() === null && !navigator.globalPrivacyControl) banner.hidden = false;
showAccepted();
