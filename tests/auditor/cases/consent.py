"""Criterion 1, planted."""

from __future__ import annotations

from portevoix.auditor.engine.types import Criterion
from tests.auditor.cases.site import WATCHED, Case, bad, banner, document, good, load, script
from tests.auditor.town import Reply

GA = "https://www.google-analytics.com"
TRACKED = ("tracker-before-choice", "address-to-tracker")
AFTER = ("tracker-after-refusal", "address-to-tracker")
PIXEL = f'new Image().src="{GA}/collect?v=1&t=pageview";'
CANVAS = """const c=document.createElement("canvas");c.width=240;c.height=60;const x=c.getContext("2d");
x.fillText("Cwm fjordbank glyphs vext quiz 😃",2,15);window.mark=c.toDataURL();"""
WEBGL = """const g=document.createElement("canvas").getContext("webgl");if(g){const e=g.getExtension("WEBGL_debug_renderer_info");
window.mark=g.getParameter(37446);}"""
OFFSCREEN = """const c=new OffscreenCanvas(240,60);const x=c.getContext("2d");
x.fillText("Cwm fjordbank glyphs vext quiz",2,15);c.convertToBlob();"""
WEBGL_READ = """const c=new OffscreenCanvas(64,64);const g=c.getContext("webgl");if(g){g.clear(g.COLOR_BUFFER_BIT);
g.drawArrays(g.TRIANGLES,0,3);g.readPixels(0,0,64,64,g.RGBA,g.UNSIGNED_BYTE,new Uint8Array(64*64*4))}"""
#: What Prototype.js did to the language, and what a page that knows of auditors may do.
CHANGED = 'Array.prototype.toJSON=String.prototype.toJSON=Object.prototype.toJSON=function(){return "x"};'
BROKEN = """String.prototype.slice=()=>5;JSON.stringify=()=>"[]";Map.prototype.has=()=>true;Array.prototype.map=()=>[];
Promise.prototype.then=()=>{};Array.prototype[Symbol.iterator]=function*(){};document.querySelectorAll=()=>[];"""
KEPT = """const i=Math.random().toString(36).slice(2,12)+Math.random().toString(36).slice(2,12);const o=indexedDB.open("mes-choix");
o.onupgradeneeded=()=>o.result.createObjectStore("t");o.onsuccess=()=>o.result.transaction("t","readwrite").objectStore("t").put({who:i},"a")"""
AUDIO = """const a=new OfflineAudioContext(1,5000,44100);const o=a.createOscillator();o.connect(a.destination);o.start(0);a.startRendering();"""
LANGUAGES = {
    "english": ("Reject all", "Accept all", "We use cookies. You may change your mind."),
    "german": ("Alle ablehnen", "Alle akzeptieren", "Wir verwenden Cookies."),
    "spanish": ("Rechazar todo", "Aceptar todo", "Utilizamos cookies."),
    "italian": ("Rifiuta tutto", "Accetta tutto", "Utilizziamo i cookie."),
    "continue-without": ("Continuer sans accepter →", "J’accepte", "Nous utilisons des cookies."),
}
SHADOW = """const h=document.createElement("div");h.id="cmp";document.body.append(h);const r=h.attachShadow({mode:"MODE"});
r.innerHTML='<div role="dialog" style="position:fixed;bottom:0;background:#fff"><p>Nous utilisons des cookies</p><button id=a>Tout accepter</button><button id=b>Tout refuser</button></div>';
r.getElementById("b").onclick=()=>{h.remove();document.cookie="consent=no;max-age=15552000"};r.getElementById("a").onclick=()=>{h.remove();LOAD};"""
FRAME = document(
    "Choix",
    """<div role="dialog"><p>Ce site utilise des cookies</p><button id="b">Tout refuser</button><button id="a">Tout accepter</button></div>
<script>for(const [i,w] of [["a","yes"],["b","no"]])document.getElementById(i).onclick=()=>parent.postMessage(w,"*")</script>""",
)
#: The markup and the calls of tarteaucitron that autoconsent's rule looks for.
TARTEAUCITRON = """<div id="tarteaucitronRoot"><div id="tarteaucitronAlertBig" style="display:block;position:fixed;bottom:0;background:#fff">
<span id="tarteaucitronDisclaimerAlert">Ce site utilise des cookies</span>
<button id="tarteaucitronPersonalize2">OK, tout accepter</button><button id="tarteaucitronAllDenied2">Interdire tous les cookies</button></div></div>
<script>const hide=()=>{document.getElementById("tarteaucitronAlertBig").style.display="none"};
window.tarteaucitron={userInterface:{respondAll:(yes)=>{hide();if(yes){ACCEPT}else{REFUSE}},closePanel(){},openPanel(){}}};
document.getElementById("tarteaucitronPersonalize2").onclick=()=>tarteaucitron.userInterface.respondAll(true);
document.getElementById("tarteaucitronAllDenied2").onclick=()=>tarteaucitron.userInterface.respondAll(false);</script>"""

#: A banner without a word, which only a rule knows, and whose refusal leads nowhere.
WORDLESS = """<div id="tarteaucitronRoot"><div id="tarteaucitronAlertBig" style="position:fixed;bottom:0;background:#fff">
<button id="tarteaucitronCloseAlert">★★★</button><button id="tarteaucitronPersonalize">●●●</button></div></div>"""

#: A banner that a rule knows and drives, in words that we do not read: is refusing as easy as accepting?
FOREIGN = (
    TARTEAUCITRON.replace("OK, tout accepter", "●●●")
    .replace("Interdire tous les cookies", "★★★")
    .replace("Ce site utilise des cookies", "◆◆◆")
)
BAR = banner(on_refuse=PIXEL, on_accept=PIXEL).replace(
    ' class="cookie-banner" role="dialog" aria-label="Cookies" style="position:fixed;inset:auto 0 0;background:#fff;padding:1rem"',
    "",
)
COOKIES = "Nous utilisons des cookies."
EVERYTHING = {"watched": (*WATCHED, Criterion.TRANSFERS)}

BEFORE: tuple[Case, ...] = (
    bad("ga-script", "cookie-before-choice", *TRACKED, head=f'<script src="{GA}/analytics.js"></script>'),
    bad(
        "cookie-by-answer",
        "cookie-before-choice",
        pages={"/x.gif": Reply("", "image/gif", headers=(("Set-Cookie", "_fbp=fb.1.1.42; Max-Age=7776000; Path=/"),))},
        home='<img src="/x.gif" alt="">',
    ),
    bad(
        "cookie-store",
        "cookie-before-choice",
        home=script('cookieStore.set({name:"_clck",value:"abc",expires:Date.now()+9e9})'),
    ),
    bad("local-storage", "storage-before-choice", home=script('localStorage.setItem("_hjSessionUser_1","u1")')),
    bad(
        "session-storage", "storage-before-choice", home=script('sessionStorage.setItem("yt-remote-session-name","u1")')
    ),
    bad("indexed-db", "storage-before-choice", home=script('indexedDB.open("amplitude_main")')),
    bad("pixel", *TRACKED, home='<img src="https://www.facebook.com/tr?id=1&ev=PageView&noscript=1" alt="">'),
    bad("beacon", *TRACKED, home=script(f'navigator.sendBeacon("{GA}/g/collect?v=2&tid=G-1","x")')),
    bad(
        "fetch-keepalive",
        *TRACKED,
        home=script(f'fetch("{GA}/g/collect?v=2&tid=G-1",{{method:"POST",keepalive:true,mode:"no-cors"}})'),
    ),
    bad("socket", *TRACKED, home=script('new WebSocket("wss://ws.hotjar.com/api/v2/client/ws")')),
    bad(
        "redirect",
        *TRACKED,
        pages={
            "/go": Reply(status=302, headers=(("Location", "https://ad.doubleclick.net/ddm/activity/src=1;type=a"),))
        },
        home='<img src="/go" alt="">',
    ),
    bad(
        "in-a-frame",
        *TRACKED,
        pages={"/cadre": Reply(document("Cadre", f"<p>Cadre</p>{script(PIXEL)}"))},
        home='<iframe src="/cadre" title="Cadre"></iframe>',
    ),
    bad(
        "in-a-foreign-frame",
        *TRACKED,
        "third-party-other",
        home='<iframe src="https://cadre.tiers.example/suivi" title="Cadre"></iframe>',
    ),
    bad(
        "service-worker",
        *TRACKED,
        pages={
            "/sw.js": Reply(
                f'self.addEventListener("install",e=>e.waitUntil(fetch("{GA}/collect?v=1&t=sw",{{mode:"no-cors"}})))',
                "application/javascript",
            )
        },
        home=script('navigator.serviceWorker.register("/sw.js")'),
    ),
    bad(
        "on-another-page",
        *TRACKED,
        home='<a href="/programme">Programme</a>',
        pages={"/programme": Reply(document("Programme", f"<p>Notre programme</p>{script(PIXEL)}"))},
    ),
    bad("delayed", *TRACKED, home=script(f"setTimeout(()=>{{{PIXEL}}},400)")),
    bad(
        "on-scroll",
        *TRACKED,
        home='<div style="height:3000px"></div>' + script(f'addEventListener("scroll",()=>{{{PIXEL}}},{{once:true}})'),
    ),
    bad(
        "cname",
        "cname-tracker-before-choice",
        "address-to-tracker",
        under={"metrics": ("elan.eulerian.net",)},
        home='<script src="https://metrics.cname.example/ea.js"></script>',
    ),
    bad("canvas", "fingerprint-before-choice", home=script(CANVAS)),
    bad("webgl", "fingerprint-before-choice", home=script(WEBGL)),
    bad("audio", "fingerprint-before-choice", home=script(AUDIO)),
    bad(
        "unclassified",
        "unclassified-identifier",
        home=script(
            'document.cookie="zq_ref="+Math.random().toString(36).slice(2,14)+Math.random().toString(36).slice(2,8)+";max-age=2592000"'
        ),
    ),
    bad(
        "audience-long",
        "audience-too-long",
        home=script('document.cookie="_pk_id.1.abcd=f00dfeed12345678.1700000000;max-age=63072000"'),
    ),
    bad("canvas-offscreen", "fingerprint-before-choice", home=script(OFFSCREEN)),
    bad("webgl-read", "fingerprint-before-choice", home=script(WEBGL_READ)),
    bad("canvas-after-prototype-js", "fingerprint-before-choice", home=script(CHANGED + CANVAS)),
    bad("canvas-in-a-changed-language", "fingerprint-before-choice", home=script(BROKEN + CANVAS)),
    bad("indexed-db-inside", "unclassified-identifier", home=script(KEPT)),
    bad(
        "alias-of-a-third-party",
        *TRACKED,
        home='<script src="https://outils.tiers.example/x.js"></script>',
    ),
    bad("asks-for-machines", "automation-sought", home=script("if(navigator.webdriver)document.title='robot'")),
)
CHOICE: tuple[Case, ...] = (
    bad("deaf-banner", *AFTER, home=banner(on_refuse=PIXEL, on_accept=PIXEL)),
    bad(
        "socket-when-refused",
        *AFTER,
        home=banner(on_refuse='new WebSocket("wss://ws.hotjar.com/api/v2/client/ws")'),
    ),
    bad(
        "deaf-on-the-last-page",
        *AFTER,
        home='<a href="/programme">Programme</a>' + banner(on_refuse='document.cookie="consent=no;max-age=15552000"'),
        pages={
            "/programme": Reply(
                document("Programme", f"<p>Programme</p>{script(f'if(document.cookie.includes(`consent=no`)){PIXEL}')}")
            )
        },
    ),
    bad("wordless-banner", "refusal-not-driven", home=WORDLESS),
    bad(
        "yes-and-no-deaf",
        *AFTER,
        "certification-not-checked",
        home=banner(refuse="Non", accept="Oui", words=COOKIES, on_refuse=PIXEL, on_accept=PIXEL),
        **EVERYTHING,
    ),
    bad(
        "banner-that-names-no-cookie",
        *AFTER,
        "certification-not-checked",
        home=banner(words="D’autres sites peuvent se montrer ici.", on_refuse=PIXEL, on_accept=PIXEL),
        **EVERYTHING,
    ),
    bad(
        "banner-in-strange-words",
        "refusal-not-driven",
        "acceptance-not-driven",
        home=banner(refuse="Bof", accept="Chiche", words=COOKIES, on_refuse=PIXEL, on_accept=PIXEL),
        **EVERYTHING,
    ),
    bad(
        "strange-refusal",
        "refusal-not-driven",
        "refusal-not-read",
        home=banner(refuse="Bof", accept="Tout accepter", words=COOKIES, on_accept=PIXEL),
    ),
    bad("bar-in-the-flow", *AFTER, home=BAR),
    bad("foreign-banner-driven-by-a-rule", "refusal-not-read", home=FOREIGN),
    bad(
        "cookie-when-refused",
        "cookie-after-refusal",
        home=banner(on_refuse='document.cookie="_fbp=fb.1.2.3;max-age=7776000"'),
    ),
    bad("storage-when-refused", "storage-after-refusal", home=banner(on_refuse='localStorage.setItem("_hjid","1")')),
    bad("canvas-when-refused", "fingerprint-after-refusal", home=banner(on_refuse=CANVAS)),
    bad(
        "cname-when-refused",
        "cname-tracker-after-refusal",
        "address-to-tracker",
        under={"m": ("elan.eulerian.net",)},
        home=banner(on_refuse=load("https://m.cname-when-refused.example/ea.js")),
    ),
    bad("no-refusal", "no-refusal-first-layer", "refusal-not-driven", home=banner(refuse="", on_accept=PIXEL)),
    bad(
        "refusal-is-no-button",
        "refusal-not-by-keyboard",
        home=banner(button='span onclick="0"').replace('</span onclick="0">', "</span>"),
    ),
    *(
        bad(
            f"refusal-with-{name}",
            "refusal-not-by-keyboard",
            home=banner().replace('<button id="non"', f'{around}<button id="non" {how}'),
        )
        for name, around, how in (("no-turn", "", 'tabindex="-1"'), ("no-focus", "<span inert>", ""))
    ),
    bad(
        "choice-for-ever",
        "choice-kept-too-long",
        home=banner(on_refuse='document.cookie="tarteaucitron=!gtag=false;max-age=31536000"'),
    ),
    bad(
        "tarteaucitron-deaf",
        *AFTER,
        home=TARTEAUCITRON.replace("ACCEPT", PIXEL).replace("REFUSE", PIXEL),
    ),
)
HONEST: tuple[Case, ...] = (
    good("plain"),
    good(
        "session-cookies",
        pages={"/s": Reply("", headers=(("Set-Cookie", "sessionid=abc; Secure; HttpOnly"),))},
        home='<img src="/s" alt="">' + script('document.cookie="csrftoken=x;secure"'),
    ),
    good("theme-kept", home=script('localStorage.setItem("theme","dark")')),
    good(
        "drawing",
        home=script(
            'const c=document.createElement("canvas");c.getContext("2d").fillRect(0,0,50,50);window.u=c.toDataURL()'
        ),
    ),
    good(
        "map-drawn",
        home='<canvas id="c" width="64" height="64"></canvas>'
        + script(WEBGL_READ.replace("new OffscreenCanvas(64,64)", 'document.getElementById("c")')),
    ),
    good(
        "short-names",
        home=script('for(const n of ["fr","mc","sb","SM","MR"])document.cookie=n+"=1;max-age=2592000"'),
    ),
    good("own-audience", home=script('document.cookie="_pk_id.1.abcd=f00dfeed12345678.1700000000;max-age=33000000"')),
    good("shortcuts", home=script('addEventListener("keydown",e=>{window.last=e.key})')),
    good(
        "obedient-banner",
        home=banner(
            on_accept=load(f"{GA}/analytics.js"), on_refuse='document.cookie="cookie_consent=no;max-age=15552000"'
        ),
    ),
    good(
        "late-banner",
        home=f"<template id=t>{banner()}</template>"
        + script(
            'setTimeout(()=>{const d=document.createRange().createContextualFragment(document.getElementById("t").innerHTML);document.body.append(d)},700)'
        ),
    ),
    good("yes-and-no", home=banner(refuse="Non merci", accept="OK", words=COOKIES, on_accept=PIXEL)),
    good("dutch-no", home=banner(refuse="Nee", accept="Ja", words="Wij gebruiken cookies.", on_accept=PIXEL)),
    good(
        "floating-menu-with-a-word",
        home='<nav style="position:sticky;top:0"><a href="/confidentialite">Cookies</a> <button>Menu</button></nav>'
        '<div style="position:fixed;bottom:0">Aucun cookie ici. <a href="/confidentialite">Vie privée</a></div>',
    ),
    good(
        "dialog-of-another-kind",
        home='<div role="dialog" style="position:fixed;top:0">Écrivez-nous, dans le respect de votre vie privée. <button>Plus tard</button></div>',
    ),
    good("shadow-banner", home=script(SHADOW.replace("MODE", "open").replace("LOAD", PIXEL))),
    good("closed-shadow-banner", home=script(SHADOW.replace("MODE", "closed").replace("LOAD", PIXEL))),
    good(
        "framed-banner",
        pages={"/choix": Reply(FRAME)},
        home='<iframe id="f" src="/choix" title="Choix" style="position:fixed;bottom:0;width:100%;height:200px"></iframe>'
        + script(
            f'addEventListener("message",e=>{{document.getElementById("f").remove();if(e.data=="yes"){{{PIXEL}}}}})'
        ),
    ),
    good("tarteaucitron", home=TARTEAUCITRON.replace("ACCEPT", PIXEL).replace("REFUSE", "")),
    *(
        good(f"banner-{name}", home=banner(refuse=no, accept=yes, words=words, on_accept=PIXEL))
        for name, (no, yes, words) in LANGUAGES.items()
    ),
)
CASES = (*BEFORE, *CHOICE, *HONEST)
