"""A well-made campaign site, to which a case adds its trick; and the third parties of the town."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from portevoix.auditor.engine.types import Criterion, Status
from tests.auditor.town import ALIBABA, GIF, GOOGLE, META, OVH, SCALEWAY, Reply, Town

SAFE = (
    ("Strict-Transport-Security", "max-age=31536000"),
    ("Content-Security-Policy", "upgrade-insecure-requests"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)
NOTICE = """<p>Éditeur du site : association Élan commun, 12 rue des Tanneurs, 42000 Saint-Étienne.
Téléphone : 04 77 00 00 00. Directrice de la publication : Camille Roussel.</p>
<p>Hébergeur : OVH SAS, 2 rue Kellermann, 59100 Roubaix, téléphone 09 72 10 10 07.</p>"""
POLICY = """<p>Responsable du traitement : association Élan commun. Finalités : répondre aux messages et tenir la liste des
soutiens. Base juridique : votre consentement. Durée de conservation : trois ans. Destinataires : l’équipe de campagne et
son sous-traitant d’hébergement. Vos droits : droit d’accès, de rectification et d’effacement, en écrivant à
dpo@elan.example. Réclamation : CNIL, 3 place de Fontenoy, 75007 Paris.</p>"""
FORM = """<form method="post" action="/contact"><label>Adresse électronique <input type="email" name="email" required></label>
<label>Nom <input name="nom"></label><p>Avec votre accord, vos données servent pour vous répondre.
<a href="/confidentialite">Politique de confidentialité</a></p><button>Envoyer</button></form>"""
#: What makes a page's words or code look like a banner's.
ASKS = re.compile(
    r"cookies?\b(?!=|Store)|bandeau|banner|dialog|fixed|tarteaucitron|setTimeout|attachShadow|iframe|worker",
    re.IGNORECASE,
)
WATCHED = (Criterion.CONSENT, Criterion.PERSONAL, Criterion.TRANSPARENCY)
#: Scripts and pixels that the town's third parties serve.
SETS_GA = 'document.cookie="_ga=GA1.1."+Math.floor(Math.random()*1e10)+";max-age=63072000;path=/";'
SCRIPT = "application/javascript"


@dataclass(frozen=True)
class Case:
    """A site and the rules that must find something on it, no more and no less."""

    name: str
    expects: frozenset[str] = frozenset()
    home: str = ""
    head: str = ""
    pages: Mapping[str, Reply] = field(default_factory=dict)
    notice: str | None = NOTICE
    policy: str | None = POLICY
    headers: tuple[tuple[str, str], ...] = SAFE
    place: str | tuple[str, ...] = OVH
    aliases: tuple[str, ...] = ()
    #: Other names of the site's own, with the alias behind each.
    under: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    under_place: str | tuple[str, ...] = OVH
    zone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    watched: tuple[Criterion, ...] = WATCHED
    scheme: str = "https"
    statuses: Mapping[Criterion, Status] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return f"{self.name}.example"

    @property
    def sample(self) -> int:
        """Return how many pages are visited: a second one proves all there is where no page of its own is judged."""
        return 4 if self.pages or Criterion.TRANSPARENCY in self.watched else 2

    @property
    def is_quick(self) -> bool:
        """Tell whether nothing on the home page asks, now or later: then no banner is waited for."""
        return not ASKS.search(self.home)

    @property
    def url(self) -> str:
        return f"{self.scheme}://www.{self.domain}/"

    def build(self, town: Town) -> None:
        """Put the site in the town."""
        links, routes = "", dict(self.pages)
        for path, words, content in (
            ("/mentions-legales", "Mentions légales", self.notice),
            ("/confidentialite", "Politique de confidentialité", self.policy),
        ):
            if content is not None:
                links += f'<a href="{path}">{words}</a> '
                routes[path] = Reply(document(words, content), headers=self.headers)
        body = f"{self.home}<main><h1>Élan commun</h1><p>Une campagne de proximité pour notre territoire.</p></main>"
        routes.setdefault(
            "/", Reply(document("Élan commun", f"{body}<footer>{links}</footer>", self.head), headers=self.headers)
        )
        town.add(f"www.{self.domain}", routes, place=self.place, aliases=self.aliases, door=self.scheme)
        for name, aliases in self.under.items():
            town.add(f"{name}.{self.domain}", {"*": Reply("/* ok */", SCRIPT)}, place=self.under_place, aliases=aliases)
        zone = {
            "NS": ("dns10.ovh.net",),
            "MX": ("1 mx1.mail.ovh.net",),
            "TXT": ("v=spf1 include:mx.ovh.com -all",),
            **self.zone,
        }
        for kind, rows in zone.items():
            town.records[(self.domain, kind)] = rows


def document(title: str, body: str, head: str = "") -> str:
    """Return a page."""
    return f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">{head}</head><body>{body}</body></html>'


def page_with(form: str) -> dict[str, object]:
    """Return a home page that leads to a page with this form."""
    return {
        "home": '<a href="/contact">Nous contacter</a>',
        "pages": {"/contact": Reply(document("Contact", f"<h1>Contact</h1>{form}"))},
    }


def bad(name: str, *rules: str, **more: object) -> Case:
    """Return a case in which these rules must find something."""
    return Case(name, frozenset(rules), **more)  # type: ignore[arg-type]


def good(name: str, **more: object) -> Case:
    """Return a case in which nothing may be found."""
    return Case(name, **more)  # type: ignore[arg-type]


def script(code: str) -> str:
    return f"<script>{code}</script>"


def banner(
    *,
    refuse: str = "Tout refuser",
    accept: str = "Tout accepter",
    words: str = "Ce site utilise des cookies. Votre choix est gardé six mois.",
    on_refuse: str = "",
    on_accept: str = "",
    button: str = "button",
) -> str:
    """Return a banner that asks honestly, unless told otherwise."""
    no = f'<{button} id="non">{refuse}</{button}>' if refuse else '<button id="regler">Personnaliser</button>'
    return f"""<div id="bandeau" class="cookie-banner" role="dialog" aria-label="Cookies" style="position:fixed;inset:auto 0 0;background:#fff;padding:1rem">
<p>{words}</p><button id="oui">{accept}</button> {no}</div>
<script>{{
const close = () => document.getElementById("bandeau").remove();
document.getElementById("oui").onclick = () => {{ close(); {on_accept} }};
const no = document.getElementById("non"); if (no) no.onclick = () => {{ close(); {on_refuse} }};
}}</script>"""


def load(url: str) -> str:
    """Return code that loads a script."""
    return f'const s=document.createElement("script");s.src="{url}";document.head.append(s);'


def third_parties(town: Town) -> None:
    """Build those that others call: real names, on this machine."""
    pixel, nothing = Reply(GIF, "image/gif"), Reply("/* ok */", SCRIPT)
    town.add("www.google-analytics.com", {"/analytics.js": Reply(SETS_GA, SCRIPT), "*": pixel}, place=GOOGLE)
    for host in ("www.googletagmanager.com", "www.google.com", "www.gstatic.com", "stun.l.google.com"):
        town.add(host, {"*": nothing}, place=GOOGLE)
    for host in ("ad.doubleclick.net", "googleads.g.doubleclick.net"):
        town.add(host, {"*": pixel}, place=GOOGLE)
    town.add("fonts.googleapis.com", {"*": Reply("/* */", "text/css")}, place=GOOGLE)
    town.add("www.youtube-nocookie.com", {"*": Reply(document("Vidéo", "<p>Vidéo</p>"))}, place=GOOGLE)
    town.add("www.facebook.com", {"*": pixel}, place=META)
    town.add("connect.facebook.net", {"*": nothing}, place=META)
    town.add("ws.hotjar.com", {"*": nothing}, place="34.250.1.1")
    town.add("cdn.jsdelivr.net", {"*": nothing}, place="104.16.85.20")
    town.add("platform.twitter.com", {"*": nothing}, place="104.244.42.1")
    town.add("tile.openstreetmap.org", {"*": pixel}, place="184.104.179.145")
    town.add("js.stripe.com", {"*": nothing}, place="54.187.1.1")
    town.add("mc.yandex.ru", {"*": pixel}, place="77.88.21.119")
    town.add("yastatic.net", {"*": nothing}, place="178.154.131.217")
    town.add("sibforms.com", {"*": nothing}, place=SCALEWAY)
    town.add("sdk.privacy-center.org", {"*": nothing}, place=SCALEWAY)
    # Hosts that take in what a form sends: known to the name servers, called by nobody before somebody sends.
    town.add("elan.us1.list-manage.com", {"*": nothing}, place="23.56.1.1")
    # Hosts that no list knows.
    town.add("collecte.tiers.example", {"*": Reply("ok", "text/plain")}, place=SCALEWAY)
    follows = script('new Image().src="https://www.google-analytics.com/collect?v=1&t=pageview"')
    town.add("cadre.tiers.example", {"*": Reply(document("Cadre", f"<p>Cadre</p>{follows}"))}, place=SCALEWAY)
    town.add("deux.tiers.example", {"*": nothing}, place=(SCALEWAY, ALIBABA))
    town.add("outils.tiers.example", {"*": nothing}, place=SCALEWAY, aliases=("elan.eulerian.net", "x.tiers.example"))
    town.add("perdu.inconnu.example", {"*": nothing}, place="198.51.100.7")
