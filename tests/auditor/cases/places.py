"""Criteria 3 and 4, planted: who receives, and on whom the site stands."""

from __future__ import annotations

from portevoix.auditor.engine.types import Criterion
from tests.auditor.cases.site import FORM, Case, bad, banner, good, page_with
from tests.auditor.town import ALIBABA, AMAZON, AWS_PARIS, CLOUDFLARE, HETZNER, OVH, OVH_AMERICA, RENATER

TRANSFERS = {"watched": (Criterion.TRANSFERS,)}
SOVEREIGN = {"watched": (Criterion.SOVEREIGNTY,)}
BOTH = {"watched": (Criterion.TRANSFERS, Criterion.SOVEREIGNTY)}


def subscribes(action: str) -> dict[str, object]:
    return page_with(FORM.replace('action="/contact"', f'action="{action}"'))


CASES: tuple[Case, ...] = (
    good("transfers-none", **TRANSFERS),
    bad(
        "transfers-russia",
        "country-not-adequate",
        head='<script src="https://yastatic.net/x.js"></script>',
        **TRANSFERS,
    ),
    bad(
        "transfers-google",
        "certification-not-checked",
        head='<link rel="stylesheet" href="https://fonts.googleapis.com/css2">',
        **TRANSFERS,
    ),
    good("transfers-french", head='<script src="https://sibforms.com/forms/x.js"></script>', **TRANSFERS),
    bad(
        "transfers-nobody",
        "receiver-unknown",
        head='<script src="https://perdu.inconnu.example/x.js"></script>',
        **TRANSFERS,
    ),
    bad("transfers-french-host-in-america", "machine-without-certification", place=OVH_AMERICA, **TRANSFERS),
    bad("transfers-own-host-of-nobody", "receiver-unknown", place=RENATER, **TRANSFERS),
    bad("transfers-mail-at-google", "certification-not-checked", zone={"MX": ("1 aspmx.l.google.com",)}, **TRANSFERS),
    bad(
        "transfers-acceptance-not-driven",
        "acceptance-not-driven",
        home=banner(accept="●●●"),
        **TRANSFERS,
    ),
    bad("transfers-hosted-in-china", "country-not-adequate", place=ALIBABA, **TRANSFERS),
    bad("transfers-second-machine-in-china", "country-not-adequate", place=(OVH, ALIBABA), **TRANSFERS),
    bad(
        "transfers-second-machine-of-another",
        "country-not-adequate",
        head='<script src="https://deux.tiers.example/x.js"></script>',
        **TRANSFERS,
    ),
    bad(
        "mail-under-own-name-partly-at-amazon",
        "reached-mail",
        "reached-hosting",
        "certification-not-checked",
        zone={"MX": ("10 mail.mail-under-own-name-partly-at-amazon.example",)},
        under={"mail": ()},
        under_place=(OVH, AWS_PARIS),
        **BOTH,
    ),
    good("transfers-two-machines-at-home", place=(OVH, HETZNER), **BOTH),
    bad("transfers-mail-in-russia", "country-not-adequate", zone={"MX": ("10 mx.yandex.net",)}, **TRANSFERS),
    good("sovereign", **SOVEREIGN),
    good("sovereign-german", place=HETZNER, zone={"NS": ("ns1.your-server.de",)}, **SOVEREIGN),
    bad("aws-in-paris", "reached-hosting", place=AWS_PARIS, **SOVEREIGN),
    bad("behind-cloudflare", "reached-hosting", place=CLOUDFLARE, **SOVEREIGN),
    bad("cdn-by-alias", "reached-cdn", aliases=("d111111abcdef8.cloudfront.net",), **SOVEREIGN),
    bad(
        "own-name-behind-amazon",
        "reached-cdn",
        home='<img src="https://static.own-name-behind-amazon.example/x.png" alt="">',
        under={"static": ("d111111abcdef8.cloudfront.net",)},
        under_place=AMAZON,
        **SOVEREIGN,
    ),
    bad(
        "own-name-at-amazon",
        "reached-hosting",
        home='<img src="https://static.own-name-at-amazon.example/x.png" alt="">',
        under={"static": ()},
        under_place=AWS_PARIS,
        **SOVEREIGN,
    ),
    good(
        "own-name-at-home",
        home='<img src="https://static.own-name-at-home.example/x.png" alt="">',
        under={"static": ()},
        **SOVEREIGN,
    ),
    good("form-at-brevo", **subscribes("https://sibforms.com/serve/x"), **BOTH),
    bad(
        "button-elsewhere",
        "certification-not-checked",
        "reached-other",
        **page_with(FORM.replace("<button>", '<button formaction="https://elan.us1.list-manage.com/subscribe/post">')),
        **BOTH,
    ),
    bad(
        "gives-by-stripe",
        "reached-payment",
        home='<a href="https://donate.stripe.com/x">Faire un don</a>',
        **BOTH,
    ),
    good("gives-by-helloasso", home='<a href="https://www.helloasso.com/associations/elan">Faire un don</a>', **BOTH),
    bad("names-at-cloudflare", "reached-names", zone={"NS": ("ada.ns.cloudflare.com",)}, **SOVEREIGN),
    bad("names-at-route53", "reached-names", zone={"NS": ("ns-12.awsdns-01.com",)}, **SOVEREIGN),
    bad("names-in-switzerland", "outside-names", zone={"NS": ("ns11.infomaniak.ch",)}, **SOVEREIGN),
    bad("mail-sent-from-an-address", "reached-mail", zone={"TXT": ("v=spf1 +ip4:142.250.75.0/24 -all",)}, **SOVEREIGN),
    bad("names-unknown", "unknown-names", zone={"NS": ("ns1.inconnu-total.example",)}, **SOVEREIGN),
    bad(
        "mail-under-own-name-at-amazon",
        "reached-mail",
        "reached-hosting",
        zone={"MX": ("10 mail.mail-under-own-name-at-amazon.example",)},
        under={"mail": ()},
        under_place=AWS_PARIS,
        **SOVEREIGN,
    ),
    bad(
        "mail-under-own-name-nowhere",
        "unknown-mail",
        zone={"MX": ("10 mail.mail-under-own-name-nowhere.example",)},
        **SOVEREIGN,
    ),
    good(
        "mail-under-own-name-at-home",
        zone={"MX": ("10 mail.mail-under-own-name-at-home.example",)},
        under={"mail": ()},
        **SOVEREIGN,
    ),
    bad("mail-at-google", "reached-mail", zone={"MX": ("1 aspmx.l.google.com",)}, **SOVEREIGN),
    bad("mail-sent-by-google", "reached-mail", zone={"TXT": ("v=spf1 include:_spf.google.com -all",)}, **SOVEREIGN),
    bad("pays-by-stripe", "reached-payment", head='<script src="https://js.stripe.com/v3/"></script>', **SOVEREIGN),
    bad(
        "video-by-google",
        "reached-video",
        home='<iframe src="https://www.youtube-nocookie.com/embed/x" title="v"></iframe>',
        **SOVEREIGN,
    ),
)
