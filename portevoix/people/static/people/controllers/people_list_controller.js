/**
 * The list of people by keyboard: moves from row to row, chooses, opens, searches; counts what is ticked. The keys are
 * heard outside of fields only, never with Ctrl, Alt or Meta, and not at all when they are turned off (WCAG 2.1.4).
 * Without script the boxes and the buttons under the list do the same.
 *
 * @example
 * <div data-controller="people-list" data-action="keydown@document->people-list#press"
 *      data-people-list-enabled-value="true" data-people-list-chosen-value="Chosen: #">
 *   <button type="button" hidden data-people-list-target="opener" data-action="people-list#openHelp">…</button>
 *   <table><tbody><tr><td><input type="checkbox" data-people-list-target="tick"></td><td class="title"><a>…</a></td>…
 *   <output data-people-list-target="number"></output>
 *   <dialog data-people-list-target="help">…</dialog>
 * </div>
 */
export class PeopleListController extends window.StimulusModule.Controller {
  static targets = ["tick", "every", "number", "help", "opener", "reach"];

  static values = { enabled: Boolean, chosen: String };

  openerTargetConnected(button) {
    button.hidden = false;
  }

  everyTargetConnected(box) {
    box.hidden = false;
  }

  /** Wagtail brings a new list in after each filter, and htmx is told of nothing. */
  reachTargetConnected(part) {
    window.htmx?.process(part);
  }

  numberTargetConnected() {
    this.count();
  }

  get links() {
    return [...this.element.querySelectorAll(".people-table tbody td.title a")];
  }

  /** The link of the row that the focus is in. */
  get here() {
    return document.activeElement?.closest?.(".people-table tbody tr")?.querySelector("td.title a");
  }

  press(event) {
    if (!this.enabledValue || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (this.helpTarget.open || event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const act = this.actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  actOf({ key, target }) {
    const isInList = Boolean(this.here);
    if (key === "j" || (key === "ArrowDown" && isInList)) return () => this.move(1);
    if (key === "k" || (key === "ArrowUp" && isInList)) return () => this.move(-1);
    if (key === "/") return () => document.querySelector("[data-search-form] input[name=q]")?.focus();
    if (key === "?") return () => this.openHelp();
    if (!isInList) return null;
    if (key === "x" || (key === " " && target.matches("a"))) return () => this.toggle();
    // Enter opens the link that has the focus by itself.
    return key === "o" ? () => this.here.click() : null;
  }

  move(step) {
    const { links } = this;
    const place = links.indexOf(this.here);
    const next = place < 0 ? links[step > 0 ? 0 : links.length - 1] : links[place + step];
    next?.focus();
  }

  toggle() {
    const box = this.here.closest("tr").querySelector("[data-people-list-target=tick]");
    if (!box) return;
    box.checked = !box.checked;
    this.count();
  }

  tickAll({ target }) {
    this.tickTargets.forEach((box) => {
      box.checked = target.checked;
    });
    this.count();
  }

  count() {
    const number = this.tickTargets.filter((box) => box.checked).length;
    if (this.hasNumberTarget) this.numberTarget.textContent = number ? this.chosenValue.replace("#", number) : "";
    if (!this.hasEveryTarget) return;
    this.everyTarget.checked = number > 0 && number === this.tickTargets.length;
    this.everyTarget.indeterminate = number > 0 && number < this.tickTargets.length;
  }

  openHelp() {
    this.helpTarget.showModal();
  }

  closeHelp() {
    this.helpTarget.close();
  }
}

window.wagtail.app.register("people-list", PeopleListController);
