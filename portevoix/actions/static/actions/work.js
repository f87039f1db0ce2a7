/**
 * Works for a form that its connection must earn: tries answers until the digest of the form's moment and the answer
 * begins with enough zeros, then sends the form. Without script, or on an insecure page, the visitor waits instead.
 *
 * @example <p data-work data-bits="16" hidden>…</p> in a form with the fields "moment" and "work"
 */
const AT_ONCE = 512;

async function isFound(challenge, answer, bits) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${challenge}:${answer}`));
  return new DataView(digest).getUint32(0) >>> (32 - bits) === 0;
}

async function find(challenge, bits) {
  for (let from = 0; ; from += AT_ONCE) {
    const answers = Array.from({ length: AT_ONCE }, (_unused, step) => String(from + step));
    const found = await Promise.all(answers.map((answer) => isFound(challenge, answer, bits)));
    if (found.includes(true)) return answers[found.indexOf(true)];
  }
}

const told = document.querySelector("[data-work]");
if (told && crypto.subtle) {
  const form = told.closest("form");
  told.hidden = false;
  form.elements.work.value = await find(form.elements.moment.value, Number(told.dataset.bits));
  form.submit();
}
