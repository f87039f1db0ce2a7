// Read by the auditor in each frame: banner, forms, links, storage. Called with {ask, words, mark}.
({ ask, words, mark }) => {
  const everywhere = (root, found = []) => {
    for (const element of root.querySelectorAll("*")) {
      if (found.length > 20000) break;
      found.push(element);
      if (element.shadowRoot) everywhere(element.shadowRoot, found);
    }
    return found;
  };
  const plain = (text) => (text || "").normalize("NFKC").replace(/[’']/g, "'").replace(/\s+/g, " ").trim();
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    if (box.width < 4 || box.height < 4) return false;
    const style = getComputedStyle(element);
    return style.visibility !== "hidden" && style.display !== "none" && Number(style.opacity) > 0.05;
  };
  const nameOf = (element) => plain(element.innerText || element.value || element.getAttribute("aria-label") || element.title || "");
  const labelOf = (field) => {
    const labels = [...(field.labels || [])].map((one) => one.textContent);
    return plain(labels.join(" ") || field.getAttribute("aria-label") || field.placeholder || "").slice(0, 300);
  };

  if (ask === "links") {
    return [...document.querySelectorAll("a[href]")].slice(0, 600)
      .filter((one) => /^https?:/.test(one.href))
      .map((one) => ({ url: one.href, text: plain(one.textContent || one.getAttribute("aria-label")).slice(0, 120) }));
  }
  if (ask === "text") {
    return {
      title: plain(document.title).slice(0, 300), language: document.documentElement.lang || "",
      text: plain(document.body ? document.body.innerText : "").slice(0, 60000),
    };
  }
  if (ask === "forms") {
    return [...document.forms].slice(0, 30).map((form) => {
      let around = form.parentElement;
      for (let up = 0; around && up < 2 && (around.innerText || "").length < 1500; up += 1) around = around.parentElement || around;
      const place = around && (around.innerText || "").length < 6000 ? around : form;
      return {
        action: form.action && typeof form.action === "string" ? form.action : location.href,
        method: (form.method || "get").toLowerCase(),
        text: plain(place.innerText).slice(0, 4000),
        links: [...place.querySelectorAll("a[href]")].slice(0, 40).map((one) => `${one.href} ${plain(one.textContent)}`.slice(0, 300)),
        fields: [...form.elements].slice(0, 80).filter((one) => one.name || one.id).map((one) => ({
          name: one.name || one.id, kind: one.type || one.tagName.toLowerCase(), label: labelOf(one),
          is_required: Boolean(one.required), is_ticked: Boolean(one.defaultChecked || one.checked),
        })),
      };
    });
  }
  if (ask === "stored") {
    const told = [];
    for (const [kind, name] of [["local", "localStorage"], ["session", "sessionStorage"]]) {
      try {
        const store = window[name];
        for (let at = 0; at < Math.min(store.length, 200); at += 1) {
          const key = store.key(at);
          told.push({ kind, origin: location.origin, key: key.slice(0, 200), value: String(store.getItem(key)).slice(0, 500) });
        }
      } catch { /* a frame without an origin has no storage */ }
    }
    const databases = window.indexedDB && indexedDB.databases ? indexedDB.databases().catch(() => []) : Promise.resolve([]);
    const workers = navigator.serviceWorker ? navigator.serviceWorker.getRegistrations().catch(() => []) : Promise.resolve([]);
    return Promise.all([databases, workers]).then(([bases, registered]) => [
      ...told,
      ...bases.slice(0, 50).map((one) => ({ kind: "indexeddb", origin: location.origin, key: one.name || "", value: "" })),
      ...registered.slice(0, 20).map((one) => ({ kind: "worker", origin: location.origin, key: one.scope, value: (one.active || one.installing || one.waiting || {}).scriptURL || "" })),
    ]).catch(() => told);
  }

  // ---- the banner: a place that speaks of cookies and holds something to press
  const matches = (name, list) => list.some((word) => name === word || (name.startsWith(word) && name.length < word.length + 40));
  const sorts = (name) => {
    const low = name.toLowerCase().replace(/[.!→›»✕×✓✔]+$/g, "").trim();
    if (!low || low.length > 70) return "";
    if (matches(low, words.settings)) return "settings";
    if (matches(low, words.refuse)) return "refuse";
    if (matches(low, words.accept)) return "accept";
    return "";
  };
  const pressable = everywhere(document).filter((one) =>
    one.matches("button, a, input[type=button], input[type=submit], [role=button], [onclick], summary") && isSeen(one));
  const speaks = new RegExp(words.speaks, "i");
  const climb = (element) => element.parentElement || (element.getRootNode() && element.getRootNode().host) || null;
  const placeOf = (element) => {
    for (let up = climb(element), count = 0; up && count < 9; up = climb(up), count += 1) {
      const text = up.innerText || (up.shadowRoot && [...up.shadowRoot.children].map((one) => one.innerText || "").join(" ")) || "";
      if (text.length > 4000) return null;
      if (speaks.test(text)) {
        // The menu's link to a policy is not a banner: a place that floats, asks, or is a dialog is one.
        const floats = (one) => one && (["fixed", "sticky", "absolute"].includes(getComputedStyle(one).position) ||
          one.matches("dialog, [role=dialog], [role=alertdialog], [aria-modal=true], [id*=cookie i], [class*=cookie i], [id*=consent i], [class*=consent i]"));
        for (let over = up; over; over = climb(over)) if (floats(over)) return { place: up, text: plain(text).slice(0, 1500) };
        return window.top !== window ? { place: up, text: plain(text).slice(0, 1500) } : null;
      }
    }
    return null;
  };
  const found = { is_there: false, accept: "", refuse: "", settings: "", text: "", refuse_is_reachable: true };
  const elements = {};
  for (const element of pressable) {
    const name = nameOf(element);
    const sort = sorts(name);
    if (!sort || found[sort]) continue;
    const place = placeOf(element);
    if (!place) continue;
    found.is_there = true;
    found[sort] = name;
    elements[sort] = element;
    if (place.text.length > found.text.length) found.text = place.text;
    if (sort === "refuse") {
      found.refuse_is_reachable = element.matches("button, a[href], input, summary") || element.tabIndex >= 0;
    }
  }
  if (ask === "banner") return found;
  if (ask === "press" && elements[mark]) {
    elements[mark].style.outline = "4px solid #c2185b";
    elements[mark].scrollIntoView({ block: "nearest" });
    return { ...found, pressed: found[mark] };
  }
  if (ask === "click" && elements[mark]) {
    elements[mark].click();
    return { ...found, pressed: found[mark] };
  }
  return { ...found, pressed: "" };
}
