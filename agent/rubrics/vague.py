"""Words in a criterion's wording that leave open what counts, by language: English, German, French, Spanish."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


def _any(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


@dataclass(frozen=True)
class Vague:
    """One language. `topics` are qualities in the place of an act, `degree` words of worth without a bound, `inner` what is
    inside a head, `uncounted` words that stand for a number with how to say it. `occasion` is what not every call has, and
    `nothing_came` says what holds where it did not come."""

    topics: re.Pattern[str]
    degree: re.Pattern[str]
    inner: re.Pattern[str]
    uncounted: Mapping[str, str]
    occasion: re.Pattern[str]
    nothing_came: re.Pattern[str]


ENGLISH = Vague(
    topics=_any(
        r"^\s*(builds?|establish\w*|shows?|demonstrat\w+|is|was|has|maintains?|creates?|understands?|knows?|listens?)\b"
        r".{0,25}\b(rapport|trust|empathy|confidence|relationship\w*|understanding|value|interest|credib\w+|professional\w*)"
    ),
    degree=_any(
        r"\b(good|better|best|well|effective(ly)?|appropriate(ly)?|adequate(ly)?|sufficient(ly)?|enough|strong(ly)?|"
        r"proper(ly)?|relevant|meaningful(ly)?|clear(ly)?|quickly|various|natural(ly)?)\b"
    ),
    inner=_any(
        r"\b(feels?|felt|thinks?|believes?|intends?|(?<!customer )wants? to|genuine(ly)?|sincere(ly)?|confident(ly)?|empath\w+|"
        r"understood|interested|engaged|comfortable)\b"
    ),
    uncounted={
        r"(first|last) few (turns|minutes|questions|sentences|calls)": "say how many: “the rep's first three turns”",
        r"a (few|couple of|handful of)": "say how many: “at least three”",
        r"several|multiple|(?<!how )many": "say how many: “at least two”",
        r"early( on)?|soon|shortly|promptly|right away": "say by when: “before the product is shown”, “in the rep's first three turns”",
        r"at length|briefly": "say how long or how many turns",
        r"(?<!how )often|repeatedly|regularly": "say how often: “at least twice in the call”",
    },
    occasion=_any(
        r"\b(when|where|once|after|if|whenever|each time)\b[^.;:]{0,60}\b(customer|buyer|price|objection|concern|doubt|question|"
        r"competitor|date)\b|\b(objection|concern|doubt)s?\b"
    ),
    nothing_came=_any(
        r"\b(no|none|nothing|nobody|never|without|not)\b[^.;]{0,60}\b(raised|came up|comes up|voiced|asked|mention\w*|said|named|"
        r"made|heard|seen|shown)\b|\b(ignores?|nothing of the kind)\b[^.;]{0,40}\bor (none|no)\b"
    ),
)
GERMAN = Vague(
    topics=_any(
        r"^\s*(?:(?:der|die) \w+ )?(baut|schafft|zeigt|vermittelt|hat|ist|wirkt|pflegt|versteht|kennt|beweist|strahlt|hört)\b.{0,40}\b("
        r"vertrauen|empathie|beziehung\w*|verständnis|interesse|mehrwert|nutzen|glaubwürdig\w*|professionell\w*|kompetenz|"
        r"sympathie|souverän\w*|aktiv zu)"
    ),
    degree=_any(
        r"\b(gut(e[nrsm]?)?|besser\w*|beste[nrsm]?|angemessen\w*|geeignet\w*|ausreichend\w*|genug|genügend|stark\w*|richtig(e[nrsm]?)?|"
        r"relevant\w*|sinnvoll\w*|klar(e[nrsm]?)?|deutlich\w*|schnell\w*|verschiedene\w*|natürlich\w*|effektiv\w*|wirksam\w*|"
        r"passend\w*|wichtige\w*)\b"
    ),
    inner=_any(
        r"\b(fühlt|fühlte|denkt|glaubt|meint|beabsichtigt|(?<!kunde )will|möchte|aufrichtig\w*|ehrlich\w*|echte[nrsm]?|authentisch\w*|"
        r"selbstbewusst\w*|selbstsicher\w*|empath\w+|einfühlsam\w*|verstanden|interessiert|engagiert\w*|wohl\s?fühl\w*)\b"
    ),
    uncounted={
        r"(den|die) (ersten|letzten) (?!\w*(zwei|drei|vier|fünf|sechs|zehn|\d))(beiträgen?|minuten|fragen|sätzen?)": "say how many: „in "
        "den ersten drei Beiträgen“",
        r"ein paar|einige[nrs]?|etliche|mehrere[nrs]?|(?<!wie )viele[nrs]?": "say how many: „mindestens zwei“",
        r"früh(zeitig)?|bald|rasch|zeitnah|umgehend|sofort": "say by when: „bevor das Produkt gezeigt wird“",
        r"ausführlich|kurz|knapp": "say how long or how many turns",
        r"(?<!wie )oft|häufig|mehrmals|regelmäßig|immer wieder": "say how often: „mindestens zweimal im Gespräch“",
    },
    occasion=_any(
        r"\b(wenn|falls|sobald|nachdem|sooft|immer wenn|bei|nach)\b[^.;:]{0,60}\b(kund\w*|käufer\w*|preis\w*|einw[aä]nd\w*|bedenken|"
        r"zweifel\w*|frage\w*|wettbewerb\w*|termin\w*)\b|\b(einw[aä]nd\w*|bedenken|zweifel)\b"
    ),
    nothing_came=_any(
        r"\b(kein\w*|nichts|niemand|nie|ohne|nicht)\b[^.;]{0,60}\b(geäußert|erhoben|vorgebracht|genannt|gesagt|gefragt|erwähnt|"
        r"vorkam|kam|gemacht|gezeigt|gibt|gab)\b"
    ),
)
FRENCH = Vague(
    topics=_any(
        r"^\s*(?:(?:le|la) \w+ )?(instaure|crée|établit|montre|démontre|fait preuve|a|est|entretient|comprend|connaît|inspire|écoute)\b"
        r".{0,40}\b(confiance|empathie|relation\w*|compréhension|intérêt|valeur|crédib\w+|professionn\w+|activement)"
    ),
    degree=_any(
        r"\b(bonn?e?s?|bien|meilleure?s?|mieux|efficace(ment)?|appropriée?s?|adéquat\w*|adaptée?s?|suffisam+ent|suffisante?s?|assez|"
        r"pertinente?s?|claire?(ment)?|clair|rapide(ment)?|diverse?s?|naturel\w*|convenable\w*|important\w*)\b"
    ),
    inner=_any(
        r"\b(ressent|sent|pense|croit|(?<!client )veut|souhaite|entend|sincère(ment)?|authentique\w*|confiant\w*|empath\w+|"
        r"comprise?|intéressée?|engagée?|à l'aise|véritable(ment)?)\b"
    ),
    uncounted={
        r"(premières|derni[eè]res|premiers|derniers) (minutes|questions|phrases|échanges|répliques)": "say how many: « dans ses trois "
        "premières répliques »",
        r"quelques|plusieurs|beaucoup|(?<!de )nombreu(x|ses)": "say how many: « au moins deux »",
        r"tôt|rapidement|bientôt|promptement|tout de suite|d'emblée": "say by when: « avant de montrer le produit »",
        r"longuement|brièvement": "say how long or how many turns",
        r"souvent|régulièrement|à plusieurs reprises|fréquemment": "say how often: « au moins deux fois pendant l'appel »",
    },
    occasion=_any(
        r"\b(quand|lorsque|lorsqu|si|après|dès|chaque fois|en cas)\b[^.;:]{0,60}\b(client\w*|acheteu\w*|prix|objections?|doutes?|questions?|"
        r"concurrents?|date)\b|\b(objection|réserve|doute|inquiétude)s?\b"
    ),
    nothing_came=_any(
        r"\b(aucune?|rien|personne|jamais|sans|pas|n'est|ne)\b[^.;]{0,60}\b(soulevée?s?|exprimée?s?|posée?s?|mentionnée?s?|évoquée?s?|dite?s?|"
        r"demandée?s?|montrée?s?|formulée?s?|soulève|exprime)\b"
    ),
)
SPANISH = Vague(
    topics=_any(
        r"^\s*(?:(?:el|la) \w+ )?(genera|crea|establece|muestra|demuestra|es|tiene|mantiene|entiende|comprende|conoce|transmite|escucha)\b"
        r".{0,40}\b(confianza|empatía|relaci(?:ón|ones)|comprensión|interés|valor|credib\w+|profesional\w*|activamente)"
    ),
    degree=_any(
        r"\b(buen[oa]?s?|bien|mejor(es)?|eficaz(mente)?|eficiente\w*|apropiad[oa]s?|adecuad[oa]s?|adecuadamente|suficiente(s|mente)?|bastante|"
        r"relevantes?|pertinentes?|clar[oa]s?|claramente|rápid[oa]s?|divers[oa]s?|natural(mente)?|importantes?)\b"
    ),
    inner=_any(
        r"\b(siente|piensa|cree|pretende|(?<!cliente )quiere|desea|sincer[oa]\w*|sinceramente|genuin\w+|auténtic\w+|segur[oa] de sí|empát\w+|"
        r"empatía|comprendid[oa]|entendid[oa]|interesad[oa]|comprometid[oa]|cómod[oa])\b"
    ),
    uncounted={
        r"(primer[oa]s|últim[oa]s) (minutos|preguntas|frases|intervenciones)": "say how many: «en sus tres primeras intervenciones»",
        r"unos cuantos|un par de|algun[oa]s|vari[oa]s|much[oa]s|múltiples": "say how many: «al menos dos»",
        r"pronto|temprano|enseguida|rápidamente|de inmediato|cuanto antes": "say by when: «antes de mostrar el producto»",
        r"extensamente|brevemente": "say how long or how many turns",
        r"a menudo|con frecuencia|repetidamente|regularmente|frecuentemente": "say how often: «al menos dos veces en la llamada»",
    },
    occasion=_any(
        r"\b(cuando|si|después|tras|cada vez|en caso|ante)\b[^.;:]{0,60}\b(clientes?|comprador\w*|precio|objeci(?:ón|ones)|dudas?|preguntas?|"
        r"competencia|fecha)\b|\b(objeci(?:ón|ones)|dudas?|reparos?)\b"
    ),
    nothing_came=_any(
        r"\b(ningun[oa]?|ningún|nada|nadie|nunca|sin|no)\b[^.;]{0,60}\b(planteó|plantea|surgió|surge|expresó|mencion\w+|dijo|dice|preguntó|hizo|"
        r"hace|mostró|hay|hubo)\b"
    ),
)
VAGUE: Mapping[str, Vague] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}
