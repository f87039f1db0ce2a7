/**
 * Lets cards of a board be dragged from column to column. A card that is dropped sends its own form, the one that
 * works without this file: one way to move, one check on the server.
 *
 * @example
 * <div data-controller="path-board">
 *   <section data-path-board-target="column" data-step="3">
 *     <li draggable="true" data-action="dragstart->path-board#take dragend->path-board#let"><form>…</form></li>
 *   </section>
 * </div>
 */
export class PathBoardController extends window.StimulusModule.Controller {
  static targets = ["column"];

  connect() {
    this.listeners = new AbortController();
    const options = { signal: this.listeners.signal };
    for (const column of this.columnTargets) {
      column.addEventListener("dragover", (event) => this.over(event, column), options);
      column.addEventListener("dragleave", () => column.classList.remove("paths-column--over"), options);
      column.addEventListener("drop", (event) => this.drop(event, column), options);
    }
  }

  disconnect() {
    this.listeners.abort();
  }

  take(event) {
    this.card = event.currentTarget;
    this.card.classList.add("paths-card--held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.card.id);
    this.goals(false);
  }

  let() {
    this.card?.classList.remove("paths-card--held");
    this.card = null;
    this.goals(true);
  }

  goals(areHidden) {
    for (const column of this.columnTargets) {
      if (column.classList.contains("paths-goal")) column.hidden = areHidden;
      column.classList.remove("paths-column--over");
    }
  }

  over(event, column) {
    if (!this.card) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    column.classList.add("paths-column--over");
  }

  drop(event, column) {
    if (!this.card) return;
    event.preventDefault();
    const form = this.card.querySelector("form");
    const menu = form.elements.namedItem("to");
    if (column.contains(this.card) || menu.value === column.dataset.step) return;
    menu.value = column.dataset.step;
    form.requestSubmit();
  }
}

window.wagtail.app.register("path-board", PathBoardController);
