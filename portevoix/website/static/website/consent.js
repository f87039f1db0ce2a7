/**
 * Other sites: nothing of theirs is loaded before the visitor accepts them, here or in the banner.
 *
 * The answers are kept by the browser in one cookie, `version~+host~-host`, which only the server writes: `-` refused,
 * `+` accepted by its name, `*` accepted with all others in the banner. The banner asks while a site has no answer. A
 * browser that sends Global Privacy Control is not asked: it has refused what was not accepted by its name.
 *
 * @example
 * <figure data-foreign="tube.example" data-address="https://tube.example/videos/embed/x">…</figure>
 * <section id="choix" data-consent="version" data-consent-hosts="tube.example" data-consent-cookie="name" data-consent-address="/mes-choix/" hidden>…</section>
 */
const banner = document.querySelector("[data-consent]");
const { consent: version, consentHosts: hosts, consentCookie: name, consentAddress: address } = banner.dataset;
const refusesAll = Boolean(navigator.globalPrivacyControl);
const figures = [...document.querySelectorAll("[data-foreign]")];

/** What was answered: by host, its mark. */
function answers() {
  const kept = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  const [first, ...marked] = (kept ?? "").slice(name.length + 1).replaceAll('"', "").split("~");
  return new Map(first === version ? marked.map((one) => [one.slice(1), one[0]]) : []);
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

/** Whether nothing is to be asked: each site has its answer, or the browser gives one for all. */
function isAnswered() {
  const marks = answers();
  return refusesAll || hosts.split(" ").every((host) => marks.has(host));
}

function showAccepted() {
  const marks = answers();
  const agreed = refusesAll ? "+" : "+*";
  for (const figure of figures) {
    const mark = marks.get(figure.dataset.foreign);
    if (mark && agreed.includes(mark)) show(figure, false);
  }
}

async function decide(host, accepts) {
  const accepted = accepts ? [["accepted_hosts", host]] : [];
  await answer([["answer", "some"], ["way_answered", "block"], ["answered_hosts", host], ...accepted]);
  banner.hidden = isAnswered();
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

banner.hidden = isAnswered();
showAccepted();
