"""What sites call things, in French and the languages around: links, fields, the items that the law asks for."""

from __future__ import annotations

import re

# ---- links

PRIVACY = re.compile(
    r"confidentialit|vie[ -_]?priv|donn[ée]es[ -_]?personnelles|\bvos[ -_]donn[ée]es\b|privacy|datenschutz|privacidad|riservatezza|rgpd|gdpr|protection[ -_]des[ -_]donn"
    r"|\bdsgvo\b|privatsph[äa]re|datenverarbeitung|protecci[óo]n[ _-]de[ _-](?:los[ _-])?datos|tratamiento[ _-]de[ _-](?:los[ _-])?datos"
    r"|datos[ _-]personales|dati[ _-]personali|protezione[ _-]dei[ _-]dati|trattamento[ _-]dei[ _-]dati|\binformativa\b",
    re.IGNORECASE,
)
KINDS = {
    "legal": re.compile(
        r"mentions?[ -_]?l[ée]gales|legal[ -_]?notice|imprint|impressum|aviso[ -_]?legal|note[ -_]?legali|informazioni[ -_]legali|informaci[óo]n[ -_]legal|rechtliche[ -_]hinweise|anbieterkennzeichnung|\blegal\b|informations?[ -_]l[ée]gales",
        re.IGNORECASE,
    ),
    "privacy": PRIVACY,
    "form": re.compile(
        r"contact|adh[ée]r|rejoin|inscri|don(?:ate|s?\b|ner)|soutenir|p[ée]tition|newsletter|b[ée]n[ée]vole|join|sign[ -_]?up|volunteer|spenden|mitmachen|mitglied|anmeld|unterst[üu]tz|kontakt|donar|dona\b|donazion|inscr[íi]b|suscri|[úu]nete|afili|voluntari|iscri|aderisci|sostien|volontari|petizione|contatt|petici[óo]n|subscribe",
        re.IGNORECASE,
    ),
}
NOT_PAGES = re.compile(
    r"\.(?:pdf|zip|docx?|xlsx?|pptx?|odt|jpe?g|png|gif|svg|webp|mp[34]|webm|ics|csv|exe|dmg|apk|tar|gz)$", re.IGNORECASE
)
LEAVES = re.compile(r"logout|log-out|signout|deconnexion|déconnexion|unsubscribe|desinscri", re.IGNORECASE)

# ---- forms

NAMED = re.compile(
    r"e-?mail|courriel|phone|t[ée]l|nom\b|name|pr[ée]nom|adresse|address|code.?postal|zip|naissance|birth|\bportable\b"
    # « nombre » is a name in Spanish, and a number in French.
    r"|correo|\bnombre\b(?!\s+(?:nombre|total|d[e'’]))|apellido|m[óo]vil\b|direcci[óo]n|c[óo]digo.?postal|nacimiento|\bdni\b|\bnif\b"
    r"|nome\b|cognome|cellulare|indirizzo|posta.?elettronica|\bcap\b|nascita|codice.?fiscale"
    r"|vorname|nachname|anschrift|stra(?:ß|ss)e|postleitzahl|\bplz\b|geburt|handy|mobilnummer|rufnummer",
    re.IGNORECASE,
)
SEARCH = re.compile(r"search|recherche|^q$|^s$|query|suche|buscar|busqueda|búsqueda|cerca|ricerca", re.IGNORECASE)
POLICY_LINK = PRIVACY
PURPOSE = re.compile(
    r"pour (?:vous|nous|que|quoi|recevoir|traiter|répondre|être)|de recevoir (?:par|la|les|nos|des|l['’])|afin d|finalit|seront utilis|sont utilis|traitées|we (?:will )?use|in order to|to (?:answer|reply|send|contact)|purpose|zweck|finalidad|finalità|um (?:ihnen|dir|sie|dich)|damit wir|zur (?:beantwortung|bearbeitung)|wir verwenden|verwenden wir|para (?:responder|enviar|contactar|atender|gestionar|que podamos)|(?:usaremos|utilizaremos|usamos) (?:tus|sus)|per (?:rispondere|risponderti|inviar|contattar|ricontattar|gestire)|(?:useremo|utilizzeremo|utilizziamo) i",
    re.IGNORECASE,
)
BASIS = re.compile(
    r"base(?:s)? (?:juridique|légale)|fondement juridique|legal basis|consent|accepte|j['’]accepte|i (?:accept|agree)|accord\b|intérêts? légitimes?|legitimate interest|obligation légale|legal obligation|exécution d['’]un contrat|performance of a contract|mission d['’]intérêt public|public interest|art(?:icle|\.) 6|einwilligung|rechtsgrundlage|einverst[äa]nd|zustimm|consentimiento|base jurídica|consenso|acconsent|base giuridica",
    re.IGNORECASE,
)
OPINION = re.compile(
    r"opinion|vot(?:e|ez|erez|é)\b|candidat|parti(?:s)? politique|sympathis|engagement politique|political|party|elected|wahl|voto|ideolog",
    re.IGNORECASE,
)
#: What a list offers, when choosing it tells a side: the topics of a contact form do not.
SIDES = re.compile(
    r"je vote|j['’]ai voté|voterai|sympathisant|adhérent|militant|\b(?:gauche|droite)\b|i (?:will |would )?vote|left[- ]wing|right[- ]wing",
    re.IGNORECASE,
)
#: A form that makes one a member tells one's side by itself: its members' is a party's to keep (art. 9(2)(d)).
JOINS = re.compile(
    r"adh[ée](?:r\w+|sion)\b[^.]{0,40}\b(?:parti|mouvement|section)\b|(?:devenir|deviens|devenez) (?:membre|adhérent)|join (?:the|our) party|party member",
    re.IGNORECASE,
)
CONSENTS = re.compile(
    r"consen|accept|agree|autoris|j'ai lu|einwillig|einverstanden|acepto|zustimm|accetto|acconsent", re.IGNORECASE
)

# ---- what a site says of itself

PHONE = re.compile(r"(?:\+\d{1,3}|\b0)[\s.\-]?\(?\d(?:[\s.\-)]{0,2}\d){7,12}")
ADDRESS = re.compile(
    r"\b\d{1,4}\s?(?:bis|ter)?,?\s+(?:rue|avenue|av\.|boulevard|bd|place|quai|chemin|allée|impasse|route|cours|square|passage|street|road|strasse|straße|via|calle)\b|\b\d{5}\s+[A-ZÉÈ][\w\-éèêàôîç]+|\bCS\s?\d{5}|\bBP\s?\d+",
    re.IGNORECASE,
)
NOTICE = {
    "publisher": re.compile(
        r"[ée]diteur|[ée]dit[ée] par|propri[ée]taire du site|publisher|published by|association|parti\b|raison sociale|siège|herausgeber|editor",
        re.IGNORECASE,
    ),
    "address": ADDRESS,
    "phone": PHONE,
    "director": re.compile(
        r"direct(?:eur|rice)[^.]{0,15} de (?:la )?publication|responsable (?:de (?:la )?)?publication|publication director|director of publication|responsable [ée]ditorial",
        re.IGNORECASE,
    ),
    "host": re.compile(r"h[ée]berg(?:eur|ement|é|ée)|hosted by|hosting|hoster", re.IGNORECASE),
}
POLICY = {
    "controller": re.compile(
        r"responsable d[eu]s? traitements?|data controller|controller|verantwortlich|responsable del tratamiento|titolare",
        re.IGNORECASE,
    ),
    "purposes": re.compile(
        r"finalit|purpose|pour (?:quoi|quelles)|usages? de vos données|à quoi (?:elles )?servent|objectif|zweck|finalidad",
        re.IGNORECASE,
    ),
    "basis": re.compile(
        r"base(?:s)? (?:juridique|légale)|fondement|legal basis|consentement|lawful|intérêt légitime|rechtsgrundlage|base jurídica",
        re.IGNORECASE,
    ),
    "retention": re.compile(
        r"dur[ée]e|conserv|retention|retain|kept for|speicherdauer|plazo|conservazione", re.IGNORECASE
    ),
    "recipients": re.compile(
        r"destinataire|recipient|sous-traitant|qui (?:les |y )?(?:voit|a accès|accède|reçoit)|prestataires?|who (?:sees|has access|receives)|transmis|communiqu[ée]|processor|shared with|empfänger|destinatario",
        re.IGNORECASE,
    ),
    "rights": re.compile(
        r"droit d.acc[èe]s|vos droits|rectification|right of access|your rights|right to|auskunftsrecht|derecho de acceso|effacement",
        re.IGNORECASE,
    ),
    "complaint": re.compile(
        r"\bCNIL\b|autorité de contrôle|réclamation|supervisory authority|complaint|aufsichtsbehörde|autoridad de control|\bAPD\b",
        re.IGNORECASE,
    ),
    "contact": re.compile(
        r"délégué[e]? à la protection|\bDPO\b|\bDPD\b|data protection officer|[\w.+-]+@[\w-]+\.\w|\w\s?(?:\[at\]|\(at\)|\[arobase\])\s?\w|datenschutzbeauftragt|nous (?:contacter|écrire)|(?:contactez|écrivez)[ -]nous|(?:contact|write to) us|formulaire de contact|contact form|par (?:courrier|voie postale)|by post\b",
        re.IGNORECASE,
    ),
}
