/**
 * Questions that hang on an earlier answer: shown when that answer is given, put away when it is not.
 *
 * Without this script every question is shown, with a sentence that says whom it is for; the server decides either way.
 * What is put away is not sent, and what was written there comes back when it is asked again.
 *
 * @example
 * <div data-asked-after="q_bus" data-asked-if="yes">…a field…</div>
 */
for (const form of document.querySelectorAll("form")) {
  const hanging = [...form.querySelectorAll("[data-asked-after]")];

  /** What a question is answered now; one that is put away has no answer. */
  function answers(name) {
    return [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
      .filter((field) => !field.disabled && (!["radio", "checkbox"].includes(field.type) || field.checked))
      .map((field) => field.value);
  }

  /** In the order of the form: a question that goes takes those that hang on it with it. */
  function settle() {
    for (const block of hanging) {
      const isAsked = answers(block.dataset.askedAfter).includes(block.dataset.askedIf);
      block.hidden = !isAsked;
      for (const field of block.querySelectorAll("input, select, textarea")) field.disabled = !isAsked;
    }
  }

  if (hanging.length) {
    form.addEventListener("change", settle);
    form.addEventListener("input", settle);
    settle();
  }
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelector("[data-asked-after]")?.closest("form").dispatchEvent(new Event("change"));
});
