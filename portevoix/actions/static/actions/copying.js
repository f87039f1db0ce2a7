/**
 * A button that copies a text; without scripts it is not shown, and the text is selected by hand.
 *
 * @example
 * <textarea id="letter" readonly>…</textarea>
 * <button type="button" data-copies="letter" data-copied="Copied." hidden>Copy</button> <span role="status"></span>
 */
for (const button of document.querySelectorAll("[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  const told = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      text.select();
      document.execCommand("copy");
    }
    told.textContent = button.dataset.copied;
  });
}
