/**
 * Starts Wagtail's calendars, choosers and inline panels, which Wagtail starts by inline scripts: the policy of the back
 * office allows none. A block of JSON says what to start and with what.
 *
 * @example
 * <script type="application/json" data-starts="initDateChooser" data-argument="id_birth">{"format": "Y-m-d"}</script>
 */
const STARTERS = {
  initDateChooser: (options, id) => window.initDateChooser(id, options),
  initTimeChooser: (options, id) => window.initTimeChooser(id, options),
  initDateTimeChooser: (options, id) => window.initDateTimeChooser(id, options),
  InlinePanel: (options) => new window.InlinePanel(JSON.parse(options)),
  MultipleChooserPanel: (options) => new window.MultipleChooserPanel(JSON.parse(options)),
};

/** Choosers are classes that Wagtail names itself: PageChooser, ImageChooser, DocumentChooser… */
function chooser(name) {
  return /^[A-Z]\w*Chooser$|^Chooser$/.test(name) && ((options, id) => new window[name](id, options));
}

function start(block) {
  if (block.dataset.started) return;
  block.dataset.started = "yes";
  const starter = STARTERS[block.dataset.starts] || chooser(block.dataset.starts);
  if (starter) starter(JSON.parse(block.textContent), block.dataset.argument);
}

function startAll(root) {
  if (root.matches?.("script[data-starts]")) start(root);
  root.querySelectorAll?.("script[data-starts]").forEach(start);
}

// As soon as the page is read, before Stimulus begins (DOMContentLoaded): its drop-downs take away the very buttons
// that a chooser listens to.
document.addEventListener("readystatechange", () => {
  startAll(document.body);
  new MutationObserver((changes) =>
    changes.forEach((change) => change.addedNodes.forEach(startAll)),
  ).observe(document.body, { childList: true, subtree: true });
}, { once: true });
