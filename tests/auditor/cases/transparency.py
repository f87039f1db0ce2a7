"""Criterion 5, planted."""

from __future__ import annotations

from tests.auditor.cases.site import NOTICE, POLICY, SAFE, Case, bad, good
from tests.auditor.town import Reply

HOST = "Hébergeur : OVH SAS, 2 rue Kellermann, 59100 Roubaix, téléphone 09 72 10 10 07."

CASES: tuple[Case, ...] = (
    bad("no-notice", "notice-missing", notice=None),
    bad(
        "notice-gone",
        "notice-missing",
        notice=None,
        home='<a href="/mentions">Mentions légales</a>',
        pages={"/mentions": Reply("absent", status=404)},
    ),
    bad(
        "notice-no-director",
        "notice-without-director",
        notice=NOTICE.replace("Directrice de la publication : Camille Roussel.", ""),
    ),
    bad(
        "notice-no-phone",
        "notice-without-phone",
        "notice-without-host-phone",
        notice=NOTICE.replace("Téléphone : 04 77 00 00 00.", "").replace(", téléphone 09 72 10 10 07", ""),
    ),
    bad(
        "notice-with-the-hosts-alone",
        "notice-without-phone",
        "notice-without-address",
        notice=NOTICE.replace(", 12 rue des Tanneurs, 42000 Saint-Étienne", "").replace(
            "Téléphone : 04 77 00 00 00.", ""
        ),
    ),
    good("notice-host-first", notice="".join(f"<p>{one}" for one in reversed(NOTICE.split("<p>")))),
    good("notice-own-host", notice=NOTICE.replace("Éditeur du site", "Éditeur et hébergeur du site, avec OVH SAS")),
    bad("notice-no-host", "notice-without-host", notice=NOTICE.replace(HOST, "")),
    bad(
        "notice-host-bare",
        "notice-without-host-phone",
        "notice-without-host-address",
        notice=NOTICE.replace(HOST, "Hébergeur : OVH SAS."),
    ),
    bad("notice-wrong-host", "notice-other-host", notice=NOTICE.replace("OVH SAS", "Hetzner Online")),
    bad("no-policy", "policy-missing", policy=None),
    bad(
        "policy-no-complaint",
        "policy-without-complaint",
        policy=POLICY.replace("Réclamation : CNIL, 3 place de Fontenoy, 75007 Paris.", ""),
    ),
    bad("policy-no-term", "policy-without-retention", policy=POLICY.replace("Durée de conservation : trois ans.", "")),
    bad("policy-no-basis", "policy-without-basis", policy=POLICY.replace("Base juridique : votre consentement.", "")),
    bad("policy-in-a-picture", "policy-without-text", policy='<img src="data:," alt="">Voir.'),
    bad(
        "bare-headers",
        "no-hsts",
        "no-content-security-policy",
        "no-x-content-type-options",
        "no-referrer-policy",
        headers=(),
    ),
    bad("not-encrypted", "page-not-encrypted", scheme="http"),
    bad(
        "loose-session",
        "cookie-not-secure",
        pages={"/s": Reply("", headers=(("Set-Cookie", "sessionid=abc; HttpOnly"),))},
        home='<img src="/s" alt="">',
    ),
    good("well-kept", headers=SAFE),
)
