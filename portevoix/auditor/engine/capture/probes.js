// Runs first in every frame and in every worker: notes what scripts do, changes nothing that they get back.
// BINDING is a name drawn for this audit; it is taken away before any script of the page can see it.
// A page may replace any function of the language: those used here are taken before it can, and are alone used.
(function probes(name) {
  const isPage = typeof self.Document === "function";
  let tell = self[name];
  if (isPage ? typeof tell !== "function" || self.top === undefined : !self.WorkerGlobalScope) return;
  // A worker has no way to us but its page, which listens under the same name. It is told there by no script's words.
  const heard = () => { try { return new BroadcastChannel(name); } catch { return null; /* an origin that has none */ } };
  const channel = heard();
  if (isPage) {
    try { delete self[name]; } catch { /* not ours to delete: told under its random name */ }
    const out = tell, said = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data").get, call = Reflect.apply;
    if (channel) channel.onmessage = (event) => { try { out(call(said, event, [])); } catch { /* the audit is over */ } };
  } else {
    if (!channel) return;
    const post = channel.postMessage.bind(channel);
    tell = (words) => post(words);
  }
  const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const of = (call) => (self, ...args) => apply(call, self, args);
  const quote = JSON.stringify; // of strings alone: nothing of the page's is asked how to write them
  const Text = String, Fault = Error, later = queueMicrotask, origin = self.origin;
  const cut = of(String.prototype.slice), at = of(String.prototype.indexOf), trimmed = of(String.prototype.trim);
  const find = of(RegExp.prototype.exec);
  const holds = of(Map.prototype.has), keep = of(Map.prototype.set);
  const weak = { get: of(WeakMap.prototype.get), set: of(WeakMap.prototype.set) };
  const seen = new Map();
  let queue = "";
  let left = 400; // a page that floods is not followed for ever, and that is told

  const flush = () => {
    const words = `[${queue}]`;
    queue = "";
    try { tell(words); } catch { /* the audit is over */ }
  };
  const send = (kind, from, detail) => {
    if (!queue) later(flush);
    queue += `${queue ? "," : ""}{"kind":${quote(kind)},"origin":${quote(Text(origin))},"script":${quote(from)},"detail":${quote(detail)}}`;
  };
  const script = () => {
    const found = find(/https?:\/\/[^\s)]+/, Text(new Fault().stack || ""));
    if (!found) return "";
    const place = find(/:\d+:\d+$/, found[0]);
    return place ? cut(found[0], 0, place.index) : found[0];
  };
  const note = (kind, detail) => {
    if (left < 0) return;
    const from = script();
    const text = cut(Text(detail === undefined ? "" : detail), 0, 300);
    const key = `${kind}|${from}|${text}`;
    if (holds(seen, key)) return;
    left -= 1;
    if (left < 0) { send("flooded", "", ""); return; }
    keep(seen, key, true);
    send(kind, from, text);
  };
  // A wrapped function still calls itself native: pages that look for a probe see none.
  const masks = new WeakMap();
  const toText = Function.prototype.toString;
  const asText = function toString() { return apply(toText, weak.get(masks, this) || this, []); };
  weak.set(masks, asText, toText);
  Function.prototype.toString = asText;
  const redefine = (owner, name, told) => {
    const whole = getOwnPropertyDescriptor(owner, name) || { configurable: true, enumerable: true, writable: true };
    return defineProperty(owner, name, { ...whole, ...told });
  };
  const wrap = (owner, name, before) => {
    const real = owner && owner[name];
    if (typeof real !== "function") return;
    const stand = { [name](...args) { try { apply(before, this, [args]); } catch { /* never the page's fault */ } return apply(real, this, args); } }[name];
    weak.set(masks, stand, real);
    redefine(owner, name, { value: stand });
  };
  const watch = (owner, name, onGet, onSet) => {
    const real = owner && getOwnPropertyDescriptor(owner, name);
    if (!real || !real.configurable) return;
    const get = real.get && function () { try { if (onGet) onGet(); } catch { /* idem */ } return apply(real.get, this, []); };
    const set = real.set && function (value) { try { if (onSet) onSet(value); } catch { /* idem */ } return apply(real.set, this, [value]); };
    if (get) weak.set(masks, get, real.get);
    if (set) weak.set(masks, set, real.set);
    redefine(owner, name, { ...(get && { get }), ...(set && { set }) });
  };

  const wrapStatic = (owner, name, real, after) => {
    const stand = { [name](...args) { const given = apply(real, this, args); try { after(given, args); } catch { /* idem */ } return given; } }[name];
    weak.set(masks, stand, real);
    redefine(owner, name, { value: stand });
  };

  // ---- what is written on the terminal
  const nameOf = (line) => { const end = at(line, "="); return trimmed(end < 0 ? line : cut(line, 0, end)); };
  if (isPage) watch(Document.prototype, "cookie", null, (value) => note("cookie", nameOf(Text(value))));
  if (self.CookieStore) wrap(CookieStore.prototype, "set", (args) => note("cookie", typeof args[0] === "object" ? args[0].name : args[0]));
  const session = getOwnPropertyDescriptor(self, "sessionStorage");
  if (self.Storage) wrap(Storage.prototype, "setItem", function (args) {
    let isSession = false;
    try { isSession = this === apply(session.get, self, []); } catch { /* a frame without an origin has none */ }
    note(isSession ? "session" : "local", args[0]);
  });
  if (self.IDBFactory) wrap(IDBFactory.prototype, "open", (args) => note("indexeddb", args[0]));
  if (self.CacheStorage) wrap(CacheStorage.prototype, "open", (args) => note("cache", args[0]));
  if (self.ServiceWorkerContainer) wrap(ServiceWorkerContainer.prototype, "register", (args) => note("worker", args[0]));

  // ---- what is read of it
  const drawn = new WeakMap();
  const painted = new WeakMap();
  const connected = isPage && getOwnPropertyDescriptor(Node.prototype, "isConnected").get;
  const signs = (text) => {
    const met = new Map();
    let count = 0;
    for (let place = 0; place < text.length; place += 1) if (!holds(met, text[place])) { keep(met, text[place], true); count += 1; }
    return count;
  };
  // What is shown to nobody is painted to be read: a picture of the machine.
  const isHidden = (canvas) => { try { return !apply(connected, canvas, []); } catch { return true; } };
  const read = (canvas) => {
    const text = weak.get(drawn, canvas) || "";
    if (signs(text) >= 8 && canvas.width >= 16 && canvas.height >= 16) note("canvas", cut(text, 0, 60));
    if (weak.get(painted, canvas) && isHidden(canvas)) note("webgl", "picture read");
  };
  for (const kind of ["CanvasRenderingContext2D", "OffscreenCanvasRenderingContext2D"]) {
    if (!self[kind]) continue;
    const context = self[kind].prototype;
    for (const name of ["fillText", "strokeText"]) {
      wrap(context, name, function (args) { weak.set(drawn, this.canvas, cut((weak.get(drawn, this.canvas) || "") + args[0], 0, 2000)); });
    }
    wrap(context, "getImageData", function (args) { if (args[2] * args[3] >= 320) read(this.canvas); });
    const faces = new Map();
    let count = 0;
    wrap(context, "measureText", function () {
      if (holds(faces, this.font)) return;
      keep(faces, this.font, true);
      count += 1;
      if (count === 50) note("fonts", "50 faces measured");
    });
  }
  if (isPage) for (const name of ["toDataURL", "toBlob"]) wrap(HTMLCanvasElement.prototype, name, function () { read(this); });
  if (self.OffscreenCanvas) {
    for (const name of ["convertToBlob", "transferToImageBitmap"]) wrap(OffscreenCanvas.prototype, name, function () { read(this); });
  }
  for (const kind of ["WebGLRenderingContext", "WebGL2RenderingContext"]) {
    if (!self[kind]) continue;
    const context = self[kind].prototype;
    wrap(context, "getParameter", (args) => {
      if (args[0] === 0x9245 || args[0] === 0x9246) note("webgl", "unmasked renderer");
    });
    for (const name of ["drawArrays", "drawElements"]) wrap(context, name, function () { weak.set(painted, this.canvas, true); });
    wrap(context, "readPixels", function () { read(this.canvas); });
  }
  if (self.OfflineAudioContext) {
    const parts = new WeakMap();
    for (const name of ["createOscillator", "createDynamicsCompressor"]) {
      wrap(BaseAudioContext.prototype, name, function () { weak.set(parts, this, true); });
    }
    wrap(OfflineAudioContext.prototype, "startRendering", function () { if (weak.get(parts, this)) note("audio", "rendered offline"); });
  }
  if (isPage) watch(Navigator.prototype, "webdriver", () => note("automation", "navigator.webdriver"));
  if (self.MediaDevices) wrap(MediaDevices.prototype, "enumerateDevices", () => note("devices", "enumerateDevices"));
  if (self.RTCPeerConnection) {
    const Real = self.RTCPeerConnection;
    const serversOf = (told) => {
      let words = "";
      const servers = (told && told.iceServers) || [];
      for (let place = 0; place < servers.length && place < 20; place += 1) {
        const urls = servers[place].urls || servers[place].url || "";
        for (let one = 0; typeof urls === "object" && one < urls.length && one < 20; one += 1) words += ` ${urls[one]}`;
        if (typeof urls === "string") words += ` ${urls}`;
      }
      return trimmed(words);
    };
    const Stand = function RTCPeerConnection(...args) {
      try { note("webrtc", serversOf(args[0])); } catch { /* the browser will say what is wrong */ }
      return construct(Real, args, new.target || Real);
    };
    Stand.prototype = Real.prototype;
    weak.set(masks, Stand, Real);
    self.RTCPeerConnection = Stand;
  }

  // ---- who listens
  const hands = { keydown: 1, keyup: 1, keypress: 1, input: 1, mousemove: 1, pointermove: 1, touchmove: 1, scroll: 1, __proto__: null };
  wrap(EventTarget.prototype, "addEventListener", (args) => { if (hands[args[0]]) note("listens", args[0]); });

  // ---- workers: those made of a blob are given these probes here, those of an address by the browser's protocol
  const source = `(${apply(toText, probes, [])})(${quote(name)});\n`;
  const blobs = new Map(), ours = new Map(), known = of(Map.prototype.get);
  if (self.Blob && URL.createObjectURL) {
    const RealBlob = self.Blob, make = URL.createObjectURL, LARGEST = 5e6;
    const typeOf = getOwnPropertyDescriptor(Blob.prototype, "type").get, sizeOf = getOwnPropertyDescriptor(Blob.prototype, "size").get;
    let room = 200;
    wrapStatic(URL, "createObjectURL", make, (url, args) => {
      if (room > 0 && args[0] instanceof RealBlob && apply(sizeOf, args[0], []) < LARGEST) { room -= 1; keep(blobs, url, args[0]); }
    });
    const watched = (url) => {
      const blob = known(blobs, url);
      if (!holds(ours, url)) keep(ours, url, apply(make, URL, [new RealBlob([source, blob], { type: apply(typeOf, blob, []) })]));
      return known(ours, url);
    };
    for (const kind of ["Worker", "SharedWorker"]) {
      const Real = self[kind];
      if (typeof Real !== "function") continue;
      const Stand = { [kind]: function (...args) {
        if (!new.target) return apply(Real, self, args); // the browser says what is wrong
        let given = args[0];
        try {
          const url = Text(given);
          if (holds(blobs, url)) given = watched(url);
          else if (!isPage || find(/^(?:blob|data):/, url)) note("unwatched", url);
        } catch { /* as it is */ }
        return construct(Real, [given, args[1]], new.target === Stand ? Real : new.target);
      } }[kind];
      Stand.prototype = Real.prototype;
      weak.set(masks, Stand, Real);
      redefine(self, kind, { value: Stand });
      redefine(Real.prototype, "constructor", { value: Stand });
    }
  }
  // What a shared worker asks for, the browser tells nobody.
  if (self.SharedWorkerGlobalScope && self instanceof self.SharedWorkerGlobalScope) {
    const asked = (url, kind, body) => {
      let whole = "";
      try { whole = new URL(Text(url), self.location.href).href; } catch { return; }
      if (left > 0) { left -= 1; if (typeof body === "string") whole += `\n${cut(body, 0, 4000)}`; send("asked", kind, whole); }
    };
    wrap(self, "fetch", (args) => asked(args[0] && args[0].url || args[0], "fetch", args[1] && args[1].body));
    const opened = new WeakMap();
    wrap(XMLHttpRequest.prototype, "open", function (args) { weak.set(opened, this, args[1]); });
    wrap(XMLHttpRequest.prototype, "send", function (args) { asked(weak.get(opened, this), "xhr", args[0]); });
    wrap(WebSocket.prototype, "send", function (args) { asked(this.url, "websocket", args[0]); });
  }
  if (!isPage) return;

  // ---- what would stop a machine: answered at once
  const answers = { alert: undefined, confirm: false, prompt: null, print: undefined };
  for (const name of ["alert", "confirm", "prompt", "print"]) {
    const real = self[name];
    const stand = { [name]() { return answers[name]; } }[name];
    weak.set(masks, stand, real);
    self[name] = stand;
  }
  // Shadow roots are opened so that a banner in one can be read.
  const attach = Element.prototype.attachShadow;
  const opened = function attachShadow(how) { return apply(attach, this, [{ ...how, mode: "open" }]); };
  weak.set(masks, opened, attach);
  Element.prototype.attachShadow = opened;
})("BINDING");
