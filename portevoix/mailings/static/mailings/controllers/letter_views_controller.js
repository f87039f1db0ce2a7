/**
 * Shows the letter that is being written in several ways at once, beside its editor, and what to look at in it.
 *
 * At each pause the form is posted to the preview's address, which keeps it for its author alone and answers
 * {is_valid, is_available, faults}; then each view asks for its own way of showing it. A view keeps its place: the new
 * page is loaded behind the old one, scrolled to where that was, then takes its place.
 *
 * @example
 * <div data-controller="letter-views" data-letter-views-url-value="/preview/">
 *   <div data-letter-views-target="view" data-mode="dark" data-width="390"><iframe></iframe></div>
 * </div>
 */
const PAUSE = 600;

export class LetterViewsController extends window.StimulusModule.Controller {
  static targets = ["view", "fault", "hints", "reader", "widen"];

  static values = { url: String };

  connect() {
    this.form = document.querySelector("[data-edit-form]");
    this.sent = null;
    this.isBusy = false;
    this.isWide = false;
    this.timer = window.setInterval(() => this.look(), PAUSE);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.element);
  }

  disconnect() {
    window.clearInterval(this.timer);
    this.sizes.disconnect();
  }

  /** Posts the form if it changed since the last time, and the panel can be seen. */
  async look() {
    if (this.isBusy || !this.form || !this.element.getClientRects().length) return;
    const data = new FormData(this.form);
    const written = new URLSearchParams([...data].filter(([, value]) => typeof value === "string")).toString();
    if (written === this.sent) return;
    this.isBusy = true;
    try {
      const response = await fetch(this.urlValue, { method: "POST", body: data });
      const answer = await response.json();
      this.sent = written;
      this.say(answer);
      if (answer.is_available) this.show();
    } catch {
      // Away from the network: the next pause tries again.
    } finally {
      this.isBusy = false;
    }
  }

  say({ is_valid: isValid, faults }) {
    this.faultTarget.hidden = isValid;
    this.faultTarget.replaceChildren(
      ...(isValid ? [] : faults).map((words) => {
        const line = document.createElement("p");
        line.textContent = words;
        return line;
      }),
    );
  }

  /** Asks for each view, and for the hints. */
  async show() {
    this.viewTargets.forEach((view) => this.load(view));
    const response = await fetch(this.address("hints"));
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      this.hintsTarget.replaceChildren(...page.body.childNodes);
    }
  }

  address(mode) {
    return `${this.urlValue}?mode=${mode}&reader=${this.readerTarget.value}&at=${Date.now()}`;
  }

  load(view) {
    // What was still loading is out of date.
    view.querySelectorAll(".letter-view__coming").forEach((frame) => frame.remove());
    const old = view.querySelector("iframe");
    const fresh = old.cloneNode();
    fresh.classList.add("letter-view__coming");
    fresh.addEventListener(
      "load",
      () => {
        const place = old.contentWindow?.scrollY ?? 0;
        fresh.contentWindow?.scrollTo(0, place);
        view.querySelectorAll("iframe").forEach((frame) => frame !== fresh && frame.remove());
        fresh.classList.remove("letter-view__coming");
      },
      { once: true },
    );
    fresh.src = this.address(view.dataset.mode);
    view.append(fresh);
    this.fit();
  }

  /** Scales each view from its device's width to the room there is. */
  fit() {
    this.viewTargets.forEach((view) => {
      if (!view.clientWidth) return;
      const width = Number(view.dataset.width);
      const scale = Math.min(1, view.clientWidth / width);
      view.style.setProperty("--device-width", `${width}px`);
      view.style.setProperty("--scale", scale);
    });
  }

  toggle() {
    this.setWide(!this.isWide);
  }

  narrow() {
    this.setWide(false);
  }

  /** The browser's top layer: the side panel's own box would hold anything else back. */
  setWide(isWide) {
    if (isWide === this.isWide) return;
    this.isWide = isWide;
    if (isWide) {
      this.element.popover = "manual";
      this.element.showPopover();
    } else {
      this.element.hidePopover();
      this.element.removeAttribute("popover");
    }
    const button = this.widenTarget;
    [button.textContent, button.dataset.back] = [button.dataset.back, button.textContent.trim()];
    this.fit();
  }
}

window.wagtail.app.register("letter-views", LetterViewsController);
