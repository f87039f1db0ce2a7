/**
 * Names the fields of blocks for who does not see them: Wagtail writes what a block is in the heading of its panel, and
 * ties it to no field (WCAG 1.3.1, 4.1.2). Fields with a label of their own keep it.
 */
const FIELDS = "input:not([type=hidden]), textarea, select, [contenteditable=true]";

function isNamed(field) {
  return field.labels?.length || field.hasAttribute("aria-label") || field.hasAttribute("aria-labelledby");
}

function headingOf(field) {
  const label = field.closest("[data-field-wrapper]")?.querySelector("label[id]");
  if (label) return label.id;
  const panel = field.closest(".w-panel--nested");
  const words = panel?.querySelector(":scope > .w-panel__header .c-sf-block__type");
  if (!words) return null;
  words.id ||= `${panel.id}-type`;
  return words.id;
}

function name(within) {
  for (const field of within.querySelectorAll(FIELDS)) {
    if (isNamed(field)) continue;
    const heading = headingOf(field);
    if (heading) field.setAttribute("aria-labelledby", heading);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  // Whether Wagtail has drawn the blocks by now, or not yet.
  const form = document.querySelector("[data-block], [data-streamfield-stream-container]")?.closest("form");
  if (!form) return;
  let isAsked = false;
  const later = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      name(form);
    });
  };
  new MutationObserver(later).observe(form, { childList: true, subtree: true });
  later();
});
