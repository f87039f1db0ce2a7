// Read by the auditor in each frame, in a world of its own that the page's scripts cannot reach: banner, forms, links, storage.
// Called with {ask, words, mark}; answers {value, cut}: what was found, and which of our limits were met.
async ({ ask, words, mark }) => {
  const ELEMENTS = 50000, FORMS = 100, FIELDS = 200, KEYS = 1000, VALUE = 4000, BASES = 50, RECORDS = 100, WORKERS = 50;
  const cut = [];
  const upTo = (list, limit, what) => {
    const found = [...list];
    if (found.length > limit && !cut.includes(what)) cut.push(what);
    return found.slice(0, limit);
  };
  const done = (value) => ({ value, cut });
  // A field or a picture may bear the name of a property of its form or of the document, and then stands in for it:
  // every property is read by the getter of its own kind.
  const getter = (kind, name) => { const get = Object.getOwnPropertyDescriptor(kind, name).get; return (one) => get.call(one); };
  const acting = (kind, name) => { const act = kind[name]; return (one, ...args) => act.apply(one, args); };
  const parentOf = getter(Node.prototype, "parentElement"), rootOf = acting(Node.prototype, "getRootNode");
  const shadowOf = getter(Element.prototype, "shadowRoot"), nextOf = getter(Element.prototype, "nextElementSibling");
  const previousOf = getter(Node.prototype, "previousSibling");
  const beforeOf = getter(Element.prototype, "previousElementSibling");
  const said = acting(Element.prototype, "getAttribute"), fits = acting(Element.prototype, "matches");
  const boxOf = acting(Element.prototype, "getBoundingClientRect"), inner = getter(HTMLElement.prototype, "innerText");
  const wholeText = getter(Node.prototype, "textContent"), bodyOf = getter(Document.prototype, "body");
  const rootElement = getter(Document.prototype, "documentElement"), titleOf = getter(Document.prototype, "title");
  const all = (root, selector) => {
    const kind = root instanceof Document ? Document : root instanceof Element ? Element : DocumentFragment;
    return kind.prototype.querySelectorAll.call(root, selector);
  };
  const textOf = (one) => (one instanceof HTMLElement ? inner(one) : wholeText(one)) || "";
  const everywhere = (root, found = []) => {
    for (const element of all(root, "*")) {
      if (found.length >= ELEMENTS) { if (!cut.includes("more elements than are looked through")) cut.push("more elements than are looked through"); break; }
      found.push(element);
      const shadow = shadowOf(element);
      if (shadow) everywhere(shadow, found);
    }
    return found;
  };
  const plain = (text) => (text || "").normalize("NFKC").replace(/[’']/g, "'").replace(/\s+/g, " ").trim();
  const isSeen = (element) => {
    const box = boxOf(element);
    if (box.width < 4 || box.height < 4) return false;
    const style = getComputedStyle(element);
    return style.visibility !== "hidden" && style.display !== "none" && Number(style.opacity) > 0.05;
  };
  const valueOf = (one) => (one instanceof HTMLInputElement ? one.value : "");
  const nameOf = (element) => plain(textOf(element) || valueOf(element) || said(element, "aria-label") || said(element, "title") || "");
  const labelOf = (field) => {
    // A label around a list is not what the list offers.
    const offered = field instanceof HTMLSelectElement ? wholeText(field) : "";
    const labels = [...(field.labels || [])].map((one) => wholeText(one).replace(offered, " "));
    const named = (said(field, "aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => { const root = rootOf(field); return root.getElementById ? root.getElementById(id) : null; }).filter(Boolean).map(wholeText);
    const hints = ["aria-label", "placeholder", "title", "autocomplete"].map((name) => said(field, name));
    return plain(labels.join(" ") || named.join(" ") || hints.slice(0, 3).find(Boolean) || before(field) || (/^(?:on|off)$/.test(hints[3]) ? "" : hints[3]) || "").slice(0, 300);
  };
  // A field without a label is called by the words just before it, in its own place or in the one before.
  const before = (field) => {
    for (let one = previousOf(field); one; one = previousOf(one)) {
      if (one instanceof Element && (fits(one, "input, textarea, select, button, form, script, style") || all(one, "input, textarea, select, button").length)) return "";
      const text = plain(wholeText(one));
      if (text) return text.slice(0, 80);
    }
    const over = parentOf(field);
    const beside = over && !fits(over, "form, body") && beforeOf(over);
    const text = beside && !all(beside, "input, textarea, select, button, form").length ? plain(wholeText(beside)) : "";
    return text.length <= 80 ? text : "";
  };

  if (ask === "links") {
    return done([...all(document, "a[href]")].slice(0, 600)
      .filter((one) => /^https?:/.test(one.href))
      .map((one) => ({ url: one.href, text: plain(wholeText(one) || said(one, "aria-label")).slice(0, 120) })));
  }
  if (ask === "text") {
    const body = bodyOf(document);
    return done({
      title: plain(titleOf(document)).slice(0, 300), language: said(rootElement(document), "lang") || "",
      text: plain(body ? textOf(body) : "").slice(0, 200000),
    });
  }
  if (["forms", "fill", "send"].includes(ask)) {
    const LANDMARK = "footer, nav, header, [role=contentinfo], [role=navigation], [role=banner]";
    const fieldsOf = getter(HTMLFormElement.prototype, "elements"), methodOf = getter(HTMLFormElement.prototype, "method");
    const actionOf = getter(HTMLFormElement.prototype, "action");
    // At the point of collection: the form and what stands by it, never the page's foot or its menu.
    const isPlace = (one) => one && one !== bodyOf(document) && one !== rootElement(document) &&
      !all(one, LANDMARK).length && textOf(one).length < 6000;
    const placesOf = (form) => {
      let place = form;
      for (let up = 0, over = parentOf(form); up < 2 && isPlace(over) && textOf(place).length < 1500; up += 1, over = parentOf(over)) place = over;
      const beside = [beforeOf(place), nextOf(place)].filter((one) => one && !fits(one, LANDMARK) && isPlace(one) && textOf(one).length < 1500 &&
        !all(one, "form").length && !fits(one, "form"));
      return [place, ...beside];
    };
    const FILLED = "input, textarea, select", BUTTON = "button, input[type=submit], input[type=button], input[type=image], [role=button]";
    // A field without a name is sent by a script: it is asked for all the same.
    const isField = (one) => one.name || one.id || fits(one, FILLED);
    const told = (form, fields, action, method) => {
      const places = placesOf(form);
      return {
        action, method,
        text: plain(places.map(textOf).join(" ")).slice(0, 6000),
        links: places.flatMap((place) => [...all(place, "a[href]")]).slice(0, 60).map((one) => `${one.href} ${plain(wholeText(one))}`.slice(0, 300)),
        fields: upTo(fields, FIELDS, "more forms than are noted").filter(isField).map((one) => ({
          name: one.name || one.id || "", kind: one.type || one.tagName.toLowerCase(), label: labelOf(one),
          is_seen: isSeen(one) && !one.disabled, is_required: Boolean(one.required), is_ticked: Boolean(one.defaultChecked || one.checked),
          options: one instanceof HTMLSelectElement ? plain([...one.options].slice(0, 60).map((option) => option.text).join(" · ")).slice(0, 600) : "",
        })),
      };
    };
    const byForm = (form) => {
      const fields = [...fieldsOf(form)];
      const own = said(form, "action") ? actionOf(form) : location.href;
      const ways = [own, ...fields.filter((one) => fits(one, "[formaction]")).map((one) => one.formAction)];
      const action = ways.find((way) => /^http/.test(way) && !way.startsWith(`${location.origin}/`)) || own;
      // The browser itself sends only what has a name.
      const isSent = fields.some((one) => one.name && fits(one, FILLED) && !["hidden", "submit", "button", "image"].includes(one.type));
      return told(form, fields, action, isSent ? (methodOf(form) || "get").toLowerCase() : "script");
    };
    const elements = everywhere(document);
    // Fields of no form, sent by a script: those that share a button are one form.
    const holderOf = (field) => {
      for (let up = parentOf(field), count = 0; up && count < 5 && isPlace(up); up = parentOf(up), count += 1) if (all(up, BUTTON).length) return up;
      return parentOf(field) || field;
    };
    const orphans = new Map();
    // What nobody can fill in, an address to copy, asks for nothing.
    for (const field of elements.filter((one) => fits(one, FILLED) && !one.form && !one.readOnly && !one.disabled && !["hidden", "submit", "button", "image"].includes(one.type))) {
      const holder = holderOf(field);
      orphans.set(holder, [...(orphans.get(holder) || []), field]);
    }
    const forms = elements.filter((one) => one instanceof HTMLFormElement).map((form) => [form, () => [...fieldsOf(form)], () => byForm(form)]);
    const loose = [...orphans].map(([holder, fields]) => [holder, () => fields, () => told(holder, fields, location.href, "script")]);
    const found = upTo([...forms, ...loose], FORMS, "more forms than are noted");
    if (ask === "forms") return done(found.map(([, , tell]) => tell()));

    // Filled like a visitor would, and pressed: the wire is held meanwhile. A service worker might keep it, and send it later.
    const given = JSON.parse(mark);
    if (!found[given.number] || (navigator.serviceWorker && navigator.serviceWorker.controller)) return done({ is_tried: false });
    const [holder, fields] = found[given.number];
    const put = (kind, name) => { const set = Object.getOwnPropertyDescriptor(kind, name).set; return (one, value) => set.call(one, value); };
    const changed = (one) => { for (const type of ["input", "change"]) one.dispatchEvent(new Event(type, { bubbles: true })); };
    const write = put(HTMLInputElement.prototype, "value"), tick = put(HTMLInputElement.prototype, "checked");
    const VALUES = { email: given.mail, tel: "0612345678", number: "7", date: "1990-01-01", url: `https://${given.text}.example/`, password: `${given.text}-A1` };
    const MAIL = "[name*=mail i], [id*=mail i], [placeholder*=mail i], [autocomplete=email]";
    const rings = new Set();
    const fill = (one) => {
      if (one.disabled || one.readOnly || !isSeen(one)) return;
      if (one instanceof HTMLTextAreaElement) put(HTMLTextAreaElement.prototype, "value")(one, given.text);
      else if (one instanceof HTMLSelectElement) { if (one.options.length) put(HTMLSelectElement.prototype, "selectedIndex")(one, one.options.length - 1); }
      else if (!(one instanceof HTMLInputElement) || ["hidden", "submit", "button", "image", "reset", "file", "search"].includes(one.type)) return;
      else if (one.type === "checkbox") tick(one, true);
      else if (one.type === "radio") { if (rings.has(one.name)) return; rings.add(one.name); tick(one, true); }
      else write(one, VALUES[one.type] || (one.type === "text" && fits(one, MAIL) ? given.mail : given.text));
      changed(one);
    };
    if (ask === "fill") { fields().forEach(fill); return done({ is_tried: true }); }
    const buttons = [...all(holder, BUTTON), ...fields().filter((one) => fits(one, BUTTON))].filter((one) => !one.disabled && said(one, "type") !== "reset");
    const submitters = buttons.filter((one) => fits(one, "button:not([type]), [type=submit], [type=image]"));
    const press = (one) => HTMLElement.prototype.click.call(one);
    if (holder instanceof HTMLFormElement) {
      put(HTMLFormElement.prototype, "noValidate")(holder, true);
      if (!submitters.length) HTMLFormElement.prototype.requestSubmit.call(holder);
    }
    (submitters.length ? submitters.slice(0, 1) : [...new Set(buttons)].slice(0, 3)).forEach(press);
    return done({ is_tried: true });
  }
  if (ask === "stored") {
    const MORE = "more storage than is noted";
    const told = [];
    const tell = (kind, key, value) => {
      if ((key.length > 200 || value.length > VALUE) && !cut.includes(MORE)) cut.push(MORE);
      told.push({ kind, origin: window.origin, key: key.slice(0, 200), value: value.slice(0, VALUE) });
    };
    for (const [kind, name] of [["local", "localStorage"], ["session", "sessionStorage"]]) {
      let store = null;
      try { store = window[name]; } catch { continue; /* a frame without an origin has no storage */ }
      if (store.length > KEYS && !cut.includes(MORE)) cut.push(MORE);
      for (let at = 0; at < Math.min(store.length, KEYS); at += 1) tell(kind, store.key(at), String(store.getItem(store.key(at))));
    }
    const soon = (promise, otherwise) => Promise.race([promise, new Promise((end) => setTimeout(() => end(otherwise), 1500))]);
    const asked = (request) => new Promise((end, fail) => { request.onsuccess = () => end(request.result); request.onerror = () => fail(request.error); });
    const written = (value) => { try { return (typeof value === "string" ? value : JSON.stringify(value)) || ""; } catch { return ""; } };
    const inside = async (name) => {
      const base = await asked(indexedDB.open(name));
      try {
        for (const store of [...base.objectStoreNames].slice(0, 20)) {
          const from = base.transaction(store, "readonly").objectStore(store);
          const [keys, values] = await Promise.all([asked(from.getAllKeys(null, RECORDS + 1)), asked(from.getAll(null, RECORDS + 1))]);
          upTo(values, RECORDS, MORE).forEach((value, at) => tell("indexeddb", `${name}/${store}/${written(keys[at])}`, written(value)));
        }
        if (base.objectStoreNames.length > 20 && !cut.includes(MORE)) cut.push(MORE);
      } finally { base.close(); }
      return true;
    };
    let bases = [];
    try { bases = indexedDB && indexedDB.databases ? await soon(indexedDB.databases(), null) : []; } catch { bases = []; /* no origin */ }
    if (bases === null) { cut.push("the storage could not be read"); bases = []; }
    for (const one of upTo(bases, BASES, MORE)) {
      told.push({ kind: "indexeddb", origin: window.origin, key: (one.name || "").slice(0, 200), value: "" });
      let isRead = false;
      try { isRead = await soon(inside(one.name), false); } catch { /* told below */ }
      if (!isRead && !cut.includes("the storage could not be read")) cut.push("the storage could not be read");
    }
    let workers = [];
    try { workers = navigator.serviceWorker ? await soon(navigator.serviceWorker.getRegistrations(), []) : []; } catch { workers = []; /* no origin */ }
    for (const one of upTo(workers, WORKERS, MORE)) {
      told.push({ kind: "worker", origin: window.origin, key: one.scope, value: (one.active || one.installing || one.waiting || {}).scriptURL || "" });
    }
    return done(told);
  }

  // ---- the banner: a place that speaks of cookies and holds something to press
  const matches = (name, list) => list.some((word) => name === word || (name.startsWith(word) && name.length < word.length + 40));
  const shorn = (name) => name.toLowerCase().replace(/[.!→›»✕×✓✔]+$/g, "").trim();
  const sorts = (name) => {
    const low = shorn(name);
    if (!low || low.length > 70) return "";
    if (matches(low, words.settings)) return "settings";
    if (matches(low, words.refuse)) return "refuse";
    if (matches(low, words.accept)) return "accept";
    return "";
  };
  const PRESSED = "button, a, input[type=button], input[type=submit], [role=button], [onclick], summary";
  const pressable = everywhere(document).filter((one) => fits(one, PRESSED) && isSeen(one));
  const speaks = new RegExp(words.speaks, "i"), names = new RegExp(words.cookies, "i"), reads = new RegExp(words.reads, "i");
  const climb = (element) => parentOf(element) || (rootOf(element) && rootOf(element).host) || null;
  // The menu's link to a policy is not a banner: a place that floats, asks, or is a dialog is one.
  const floats = (one) => ["fixed", "sticky", "absolute"].includes(getComputedStyle(one).position) ||
    fits(one, "dialog, [role=dialog], [role=alertdialog], [aria-modal=true], [id*=cookie i], [class*=cookie i], [id*=consent i], [class*=consent i]");
  const once = (work, known = new Map()) => (one) => { if (!known.has(one)) known.set(one, work(one)); return known.get(one); };
  const textIn = once((one) => {
    const shadow = shadowOf(one);
    return textOf(one) || (shadow && [...shadow.children].map(textOf).join(" ")) || "";
  });
  const placeOf = (element) => {
    for (let up = climb(element), count = 0; up && count < 9; up = climb(up), count += 1) {
      const text = textIn(up);
      if (text.length > 4000) return null;
      if (speaks.test(text)) {
        for (let over = up; over; over = climb(over)) if (floats(over)) return { place: up, text: plain(text).slice(0, 1500) };
        return window.top !== window ? { place: up, text: plain(text).slice(0, 1500) } : null;
      }
    }
    return null;
  };
  // What a place says beside its buttons and links: of cookies, or the place is a menu.
  const besides = once((place) => everywhere(shadowOf(place) || place).filter((one) => fits(one, PRESSED))
    .reduce((text, one) => text.replace(plain(textOf(one)), " "), plain(textIn(place))));
  // A place that asks floats by itself, not with the whole page; or it is a small page in a frame.
  const isApart = (element) => {
    for (let over = climb(element); over; over = climb(over)) if (floats(over)) return !all(over, "main, nav, article, h1").length;
    return window.top !== window && textIn(rootElement(document)).length < 1500;
  };
  // A bar in the page's own flow, with a word for yes or no beside one for cookies.
  const flowing = (element) => {
    for (let up = climb(element), count = 0; up && count < 3 && textIn(up).length < 600; up = climb(up), count += 1) {
      if (names.test(besides(up))) return { place: up, text: plain(textIn(up)) };
    }
    return null;
  };
  const asks = (element) => {
    const found = placeOf(element);
    return found && names.test(besides(found.place)) && isApart(element) ? found : null;
  };
  const leads = (element) => fits(element, "a[href]") && /^http/.test(element.protocol) &&
    element.origin + element.pathname !== location.origin + location.pathname;
  // By keyboard: it takes the focus, in its turn, and nothing around it is put out of reach.
  const isReached = (element) => {
    for (let over = element; over; over = climb(over)) if (fits(over, "[inert], [inert] *")) return false;
    return fits(element, "button, a[href], input, summary, [tabindex]") && element.tabIndex >= 0 && !fits(element, ":disabled");
  };
  const found = { is_there: false, accept: "", refuse: "", settings: "", others: "", text: "", refuse_is_reachable: true };
  const elements = {};
  const others = [];
  const takes = (element, sort, name, place) => {
    found.is_there = true;
    if (place.text.length > found.text.length) found.text = place.text;
    if (!sort) { if (!reads.test(name.toLowerCase())) others.push(name); return; }
    found[sort] = name;
    elements[sort] = element;
    if (sort === "refuse") found.refuse_is_reachable = isReached(element);
  };
  const unread = []; // what stands in a place that asks may be a choice, in words that are not ours
  for (const element of pressable) {
    const name = nameOf(element);
    const sort = sorts(name);
    if (!sort && !leads(element)) unread.push([element, name]);
    const place = sort && !found[sort] ? placeOf(element) || (sort !== "settings" && !leads(element) && flowing(element)) : null;
    if (place) takes(element, sort, name, place);
  }
  for (const [element, name] of unread) {
    const low = shorn(name);
    const sort = words.refuse_short.includes(low) ? "refuse" : words.accept_short.includes(low) ? "accept" : "";
    if (sort && found[sort]) continue;
    const place = asks(element);
    if (place) takes(element, sort, name, place);
  }
  found.others = others.join(" · ").slice(0, 300);
  if (ask === "banner") return done(found);
  if (ask === "press" && elements[mark]) {
    elements[mark].style.outline = "4px solid #c2185b";
    elements[mark].scrollIntoView({ block: "nearest" });
    return done({ ...found, pressed: found[mark] });
  }
  if (ask === "click" && elements[mark]) {
    HTMLElement.prototype.click.call(elements[mark]);
    return done({ ...found, pressed: found[mark] });
  }
  return done({ ...found, pressed: "" });
}
