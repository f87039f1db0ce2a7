/**
 * Puts buttons under a text field that insert merge fields where the caret is.
 * The fields are in the page's JSON block "merge-fields": [{name, label, otherwise}].
 *
 * @example
 * <div data-controller="merge-fields"><input type="text"></div>
 */
import { fieldsOfThePage, written } from "../merge_fields.js";

export class MergeFieldsController extends window.StimulusModule.Controller {
  connect() {
    this.input = this.element.querySelector("input[type=text], textarea");
    if (!this.input || this.bar) return;
    this.bar = document.createElement("div");
    this.bar.className = "merge-bar";
    this.bar.append(...fieldsOfThePage().map((field) => this.button(field)));
    this.input.after(this.bar);
  }

  disconnect() {
    this.bar?.remove();
    this.bar = null;
  }

  button(field) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "merge-bar__field";
    button.textContent = field.label;
    button.title = written(field);
    button.addEventListener("click", () => this.insert(written(field)));
    return button;
  }

  insert(words) {
    const { selectionStart, selectionEnd } = this.input;
    this.input.setRangeText(words, selectionStart ?? this.input.value.length, selectionEnd ?? this.input.value.length, "end");
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.input.focus();
  }
}

window.wagtail.app.register("merge-fields", MergeFieldsController);
