/**
 * Puts the same message in plain letters in its field, without a request; the counter then counts again.
 * Without scripts the button sends the form, and the server does the same.
 *
 * @example
 * <form data-controller="text-count"><textarea name="words"></textarea>
 *   <blockquote data-text-count-target="plain">…</blockquote><button data-action="text-count#usePlain">…</button></form>
 */
export class TextCountController extends window.StimulusModule.Controller {
  static targets = ["plain"];

  usePlain(event) {
    const field = this.element.querySelector("textarea[name=words]");
    if (!field || !this.hasPlainTarget) return;
    event.preventDefault();
    field.value = this.plainTarget.textContent;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
}

window.wagtail.app.register("text-count", TextCountController);
