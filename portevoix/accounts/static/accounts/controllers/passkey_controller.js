/**
 * Asks the browser for a passkey, puts its answer into the form and sends it. The form stays hidden where the browser
 * knows no passkeys; the other ways in need no script.
 *
 * @example
 * <form hidden action="…" data-controller="passkey" data-passkey-options-value="…/options/" data-passkey-mode-value="get">
 *   <input type="hidden" name="csrfmiddlewaretoken" value="…">
 *   <input type="hidden" name="credential" data-passkey-target="credential">
 *   <button type="button" data-action="passkey#ask">…</button>
 *   <p hidden data-passkey-target="fault">…</p>
 * </form>
 */
export class PasskeyController extends window.StimulusModule.Controller {
  static targets = ["credential", "fault"];

  static values = { options: String, mode: String };

  connect() {
    this.element.hidden = !window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  }

  async ask() {
    this.faultTarget.hidden = true;
    try {
      this.credentialTarget.value = JSON.stringify(await this.answer());
    } catch {
      this.faultTarget.hidden = false; // refused, too late, or no key at hand: the browser tells nobody which
      return;
    }
    this.element.submit();
  }

  async answer() {
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.element.csrfmiddlewaretoken.value });
    const response = await fetch(this.optionsValue, { method: "POST", body });
    if (!response.ok) throw new Error(response.statusText);
    const options = await response.json();
    if (this.modeValue === "create") {
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    }
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  }
}

window.wagtail.app.register("passkey", PasskeyController);
