/**
 * Copies the address to share. Without this file it stands in a field, to be selected by hand.
 *
 * @example
 * <div data-sharing><input readonly data-share-address><button hidden data-share-copy>…</button><span role="status" data-share-said data-words="Copied."></span></div>
 */
for (const sharing of document.querySelectorAll("[data-sharing]")) {
  const field = sharing.querySelector("[data-share-address]");
  const button = sharing.querySelector("[data-share-copy]");
  const said = sharing.querySelector("[data-share-said]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    field.select();
    said.textContent = said.dataset.words;
  });
}
