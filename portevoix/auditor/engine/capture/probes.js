// Runs first in every frame: notes what scripts do, changes nothing that they get back.
// BINDING is a name drawn for this audit; it is taken away before any script of the page can see it.
(() => {
  const tell = window["BINDING"];
  if (typeof tell !== "function" || window.top === undefined) return;
  try { delete window["BINDING"]; } catch { /* not ours to delete: told under its random name */ }
  const seen = new Map();
  const queue = [];
  let isPlanned = false;
  let left = 400; // a page that floods is not followed for ever

  const flush = () => {
    isPlanned = false;
    if (queue.length) tell(JSON.stringify(queue.splice(0))).catch(() => {});
  };
  const script = () => {
    const found = (new Error().stack || "").match(/https?:\/\/[^\s)]+/g) || [];
    return (found[0] || "").replace(/:\d+:\d+$/, "");
  };
  const note = (kind, detail) => {
    if (left <= 0) return;
    const from = script();
    const text = String(detail === undefined ? "" : detail).slice(0, 300);
    const key = `${kind}|${from}|${text}`;
    if (seen.has(key)) return;
    seen.set(key, true);
    left -= 1;
    queue.push({ kind, script: from, detail: text });
    if (!isPlanned) { isPlanned = true; Promise.resolve().then(flush); }
  };
  // A wrapped function still calls itself native: pages that look for a probe see none.
  const masks = new WeakMap();
  const toText = Function.prototype.toString;
  const asText = function toString() { return toText.call(masks.get(this) || this); };
  masks.set(asText, toText);
  Function.prototype.toString = asText;
  const wrap = (owner, name, before) => {
    const real = owner && owner[name];
    if (typeof real !== "function") return;
    const stand = { [name](...args) { try { before.call(this, args); } catch { /* never the page's fault */ } return Reflect.apply(real, this, args); } }[name];
    masks.set(stand, real);
    Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: stand });
  };
  const watch = (owner, name, onGet, onSet) => {
    const real = owner && Object.getOwnPropertyDescriptor(owner, name);
    if (!real || !real.configurable) return;
    const get = real.get && function () { try { onGet && onGet.call(this); } catch { /* idem */ } return real.get.call(this); };
    const set = real.set && function (value) { try { onSet && onSet.call(this, value); } catch { /* idem */ } return real.set.call(this, value); };
    if (get) masks.set(get, real.get);
    if (set) masks.set(set, real.set);
    Object.defineProperty(owner, name, { ...real, ...(get && { get }), ...(set && { set }) });
  };

  // ---- what is written on the terminal
  watch(Document.prototype, "cookie", null, (value) => note("cookie", String(value).split("=")[0].trim()));
  if (window.CookieStore) wrap(CookieStore.prototype, "set", ([one]) => note("cookie", typeof one === "object" ? one.name : one));
  wrap(Storage.prototype, "setItem", function ([key]) { note(this === window.sessionStorage ? "session" : "local", key); });
  if (window.IDBFactory) wrap(IDBFactory.prototype, "open", ([name]) => note("indexeddb", name));
  if (window.CacheStorage) wrap(CacheStorage.prototype, "open", ([name]) => note("cache", name));
  if (window.ServiceWorkerContainer) wrap(ServiceWorkerContainer.prototype, "register", ([url]) => note("worker", url));

  // ---- what is read of it
  const drawn = new WeakMap();
  if (window.CanvasRenderingContext2D) {
    const context = CanvasRenderingContext2D.prototype;
    for (const name of ["fillText", "strokeText"]) {
      wrap(context, name, function ([text]) { drawn.set(this.canvas, (drawn.get(this.canvas) || "") + text); });
    }
    const read = (canvas) => {
      const text = drawn.get(canvas) || "";
      if (new Set(text).size >= 8 && canvas.width >= 16 && canvas.height >= 16) note("canvas", text.slice(0, 60));
    };
    wrap(context, "getImageData", function ([, , width, height]) { if (width * height >= 320) read(this.canvas); });
    wrap(HTMLCanvasElement.prototype, "toDataURL", function () { read(this); });
    wrap(HTMLCanvasElement.prototype, "toBlob", function () { read(this); });
    const faces = new Set();
    wrap(context, "measureText", function () { faces.add(this.font); if (faces.size === 50) note("fonts", "50 faces measured"); });
  }
  for (const kind of ["WebGLRenderingContext", "WebGL2RenderingContext"]) {
    if (!window[kind]) continue;
    wrap(window[kind].prototype, "getParameter", ([what]) => {
      if (what === 0x9245 || what === 0x9246) note("webgl", "unmasked renderer");
    });
  }
  if (window.OfflineAudioContext) {
    const parts = new WeakMap();
    for (const name of ["createOscillator", "createDynamicsCompressor"]) {
      wrap(BaseAudioContext.prototype, name, function () { parts.set(this, (parts.get(this) || 0) + 1); });
    }
    wrap(OfflineAudioContext.prototype, "startRendering", function () { if (parts.get(this)) note("audio", "rendered offline"); });
  }
  watch(Navigator.prototype, "webdriver", () => note("automation", "navigator.webdriver"));
  if (window.MediaDevices) wrap(MediaDevices.prototype, "enumerateDevices", () => note("devices", "enumerateDevices"));
  if (window.RTCPeerConnection) {
    const Real = window.RTCPeerConnection;
    const Stand = function RTCPeerConnection(...args) {
      const servers = ((args[0] || {}).iceServers || []).flatMap((one) => one.urls || one.url || []);
      note("webrtc", servers.join(" "));
      return Reflect.construct(Real, args, new.target || Real);
    };
    Stand.prototype = Real.prototype;
    masks.set(Stand, Real);
    window.RTCPeerConnection = Stand;
  }

  // ---- who listens
  wrap(EventTarget.prototype, "addEventListener", function ([type]) {
    if (["keydown", "keyup", "keypress", "input", "mousemove", "pointermove", "touchmove", "scroll"].includes(type)) note("listens", type);
  });

  // ---- what would stop a machine: answered at once
  for (const [name, answer] of [["alert", undefined], ["confirm", false], ["prompt", null], ["print", undefined]]) {
    const real = window[name];
    const stand = { [name]() { return answer; } }[name];
    masks.set(stand, real);
    window[name] = stand;
  }
  // Shadow roots are opened so that a banner in one can be read.
  const attach = Element.prototype.attachShadow;
  const opened = function attachShadow(how) { return attach.call(this, { ...how, mode: "open" }); };
  masks.set(opened, attach);
  Element.prototype.attachShadow = opened;
})();
