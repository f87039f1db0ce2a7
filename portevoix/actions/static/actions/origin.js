/**
 * Says which site led to a form: the browser knows, and the server keeps its name alone, never the page that was read.
 *
 * @example
 * <input type="hidden" name="from" data-origin>
 */
for (const field of document.querySelectorAll("[data-origin]")) {
  const site = document.referrer && new URL(document.referrer).host;
  if (!field.value && site && site !== location.host) field.value = document.referrer;
}
