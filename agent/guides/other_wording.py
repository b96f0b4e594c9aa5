"""What gives away what a question asks for, in German, French and Spanish: one `Wording` for each.

Simpler than the English rules (agent/guides/wording.py): a pattern for each rule, and the beginnings of open questions.
How often they are right: evals/measure_guide_lint.py --language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.guides.model import GuideRule


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)


@dataclass(frozen=True)
class Wording:
    """One language. A question that is no invitation and does not begin as an open one does is answered with yes or no.

    `same_story` is a second half that goes on with the first; `scenes` are what a rewrite can be about, by words of the
    question; `form` is the rewrite.
    """

    invites: re.Pattern[str]
    open: re.Pattern[str]
    tag: re.Pattern[str]
    second: re.Pattern[str]
    same_story: re.Pattern[str]
    rules: Mapping[GuideRule, re.Pattern[str]]
    acted: re.Pattern[str]
    scenes: tuple[tuple[re.Pattern[str], str], ...]
    decision: str
    remembered: str
    form: str


_DE_OPENER = r"(?:(?:und|also|aber|dann|nun|oder)\b,? )*"
_DE_ASKS = (
    r"(?:was|wer|wen|wem|wessen|wie|wo|wann|warum|wieso|weshalb|weswegen|welche\w?|wo(?:mit|r\w+|her|hin|von|zu|bei|durch|für|"
    r"nach)|inwie\w+)\b"
)
_DE_PREPOSITION = (
    r"(?:an|am|auf|aus|bei|beim|bis|durch|für|gegen|in|im|mit|nach|ohne|seit|über|um|unter|von|vor|wegen|zu|zum|zur) "
)
_DE_FRONT = (
    r"(?:(?:als|wenn|nachdem|bevor|ehe|während|sobald|solange|an|am|auf|aus|bei|beim|in|im|mit|nach|seit|vor|zu|zum|zur)\b"
    r"[^?]*?, )?(?:[^?]*: )?"
)
_DE_PRAISE = (
    r"(?:hervorragend|ausgezeichnet|toll|großartig|fantastisch|überzeugend|überlegen|perfekt|schlecht|schwach|enttäuschend|"
    r"frustrierend|ärgerlich|mies|furchtbar|überteuert|umständlich|begeister\w*|beeindruckend|lästig|nervig)"
)
_DE_TELL = (
    r"(?:erzähl|schilder|durchgeh|beschreib|nenn|zeig|geben|gib|erklär|bericht|nehm|nimm|führ|geh|denk|erinner|spiel|versetz|sag|"
    r"spreche|lassen)"
)
GERMAN = Wording(
    invites=_any(
        rf"^{_DE_OPENER}(?:bitte )?{_DE_TELL}\w* sie\b",
        rf"^{_DE_OPENER}(?:könn\w+|würden|mögen|möchten) sie (?:\w+[, ]+){{0,10}}?{_DE_TELL}\w*",
        rf"^{_DE_OPENER}(?:wissen|erinnern) sie (?:sich )?(?:noch )?(?:\w+ )?(?:an|,? ?{_DE_ASKS})",
    ),
    open=re.compile(rf"^{_DE_OPENER}{_DE_FRONT}{_DE_OPENER}(?:{_DE_PREPOSITION})?{_DE_ASKS}", re.IGNORECASE),
    tag=_any(
        r", (?:oder|nicht wahr|nicht|richtig|stimmt's|stimmts|gell|ja|nein|oder nicht|finden sie nicht(?: auch)?)\s*\?$"
    ),
    second=_any(
        rf",? (?:und|oder|sowie|aber) (?:dann |auch )?(?:{_DE_PREPOSITION})?{_DE_ASKS}",
        r"; ?wenn ja\b|, wenn ja\b|falls ja\b",
    ),
    same_story=_any(
        rf",? und (?:dann )?(?:{_DE_PREPOSITION})?{_DE_ASKS}[^?]*\b(?:er|(?-i:sie|ihr|ihnen)|es|ihm|da|dort|daraus|"
        r"darauf|daraufhin|danach|dann|diese\w?)\b[^?]*\?$",
        rf",? und {_DE_ASKS} (?:\w+ )*?(?:gesagt|gefragt|gezeigt|vereinbart|besprochen|geantwortet|passiert(?:e)?|geschah)\?$",
    ),
    rules={
        "rationalisation": _any(
            r"\b(?:warum|wieso|weshalb|weswegen)\b",
            r"\b(?:gr(?:und|ünde\w*)|beweggr\w+|motive\w*|motivation\w*|faktor\w*|kriteri\w+)\b(?! ?stück)",
            r"\bausschlag(?:gebend)?\w*\b|\b\w*entscheidend\w*\b|\bden unterschied (?:ge)?mach\w+|\bam wichtigsten\b",
            r"\bwas (?:hat|haben|hatte) (?:sie|ihr\w*|die \w+|den \w+) .{0,40}?(?:bewogen|überzeugt|gebracht|veranlasst|motiviert|"
            r"abgehalten|umgestimmt|getrieben)\b",
            r"\bwas sprach (?:am ende |letztlich |damals )?(?:für|gegen)\b|\bwie kam(?:en sie)? (?:es )?zu (?:der|dieser|ihrer) "
            r"(?:entscheidung|wahl)\b|\bwie haben sie (?:sich )?(?:\w+ )?(?:entschieden|ausgewählt)\b",
        ),
        "rating": _any(
            r"\bskala\b|\bvon (?:0|1|null|eins) bis (?:\d+|\w+)\b|\b(?:schul)?note[n]?\b|\bsterne\b|\bpunktzahl\b|\bprozent\b",
            r"\b(?:bewerten|benoten|beurteilen) sie\b|\bwie (?:würden|bewerten|beurteilen|benoten) sie .{0,60}(?:bewerten|einstufen|\?)"
            r"(?<=bewerten\?)",
            r"\binwie(?:weit|fern)\b|\bin welche[mn] (?:maße?|ausmaß|umfang)\b|\bwie (?:sehr|stark) \w+",
            r"(?:^|[,:;] |^und )wie (?!viel|lang|oft|häufig|schnell|weit|früh|spät|alt|groß|genau|und|ist|war|sind|hat|haben|ging|"
            r"kam|lief)\w+ (?:war|waren|ist|sind|hat|haben|hatte|hatten|wurden?|fanden|finden|schätzen|erschien\w*)\b",
            r"\bwie wahrscheinlich\b",
        ),
        "leading": _any(
            r"^(?:finden|denken|meinen|glauben|stimmen|sind|war|waren|hat|haben|ist|wollten|sollte\w*) (?:sie|der|die|das|unser\w*) "
            r"(?:\w+ ){0,3}?nicht\b",
            r"\b(?:natürlich|sicher|sicherlich|bestimmt|zweifellos|zweifelsohne|offensichtlich|selbstverständlich|bekanntlich|"
            r"vermutlich|gewiss)\b",
            r"\b(?:war|waren|ist|sind|hat|haben|fanden|kam) (?:\w+ )?doch\b|\bich (?:nehme an|vermute|gehe davon aus|schätze|denke|"
            r"glaube)\b|\bstimmen sie (?:mir )?zu\b|\bgeben sie mir recht\b|\bda sind wir uns einig\b",
            r"\bdie meisten (?:unserer )?(?:kunden|käufer|firmen)\b|\b(?:alle|jeder) (?:unsere\w? )?(?:kunden|sagen|sagt|loben)\b",
            rf"^{_DE_OPENER}wie {_DE_PRAISE} (?:war|waren|ist|fanden|hat)\b",
            rf"\b(?:unser\w*|ihr\w*|sein\w*|der|die|das|den|dem|so ein\w*) (?:so |sehr |wirklich |wahrlich )?{_DE_PRAISE}\w* \w+",
            r"\bwas hat (?:sie|ihnen) (?:\w+ )?(?:so |am meisten )?(?:begeistert|gestört|geärgert|enttäuscht|beeindruckt|frustriert)\b",
        ),
        "hypothetical": _any(
            r"\b(?:hätte|wäre|würde|könnte|sollte|dürfte|müsste)n? (?:sie|er|es|man|wir|ich|ihr\w*|unser\w*|der|die|das|ein\w*)\b",
            r"\b(?:er|sie|es|man|wir|ihr|\w+) (?:hätten?|wären?|würden?)\b",
            r"\b(?:beim|das) nächste[ns]? mal\b|\bin zukunft\b|\bkünftig\b|\bidealerweise\b|\bim idealfall\b|\bangenommen\b|"
            r"\bstellen sie sich vor\b|\bgesetzt den fall\b|\bwas wäre,? wenn\b|\bwünschen sie sich\b|\bzauberstab\b|\btraum\w*\b",
            r"\bwas (?:raten|empfehlen) sie\b|\bwerden sie .{0,40}(?:wieder|verlängern|kaufen)\b",
        ),
        "opinion": _any(
            r"\bwie (?:fanden|finden|empfanden|empfinden) (?:sie|ihre?\w*)\b(?! (?:den weg|zu uns|heraus))",
            r"\bwas (?:halten|hielten|denken|dachten|meinen|meinten) (?:sie|ihr\w*)\b|\b(?:finden|fanden|meinen|glauben) sie\b",
            r"\b(?:eindr(?:uck|ücke)\w*|verbess\w+|verbesserungs\w+|meinung\w*|ansicht\w*|einschätzung\w*|gefühl\w*|urteil|rückmeldung|feedback|sicht)\b",
            r"\b(?:gefiel\w*|gefallen|gefällt|missfiel|schätzten sie|mochten sie|mögen sie)\b|\b(?:stärken|schwächen|vorteile|"
            r"nachteile|pluspunkte|minuspunkte)\b",
            r"\bwie (?:haben sie|hat ihr \w+) .{3,60}(?:empfunden|wahrgenommen|erlebt|gefunden)\b",
            r"^(?:und )?wie war(?:en)? (?:die|der|das|ihr\w*|unser\w*|\w+s) [^?,.]{0,60}\?$(?<!abgelaufen\?)",
            r"\bwas (?:lief|war|hat) (?:\w+ )?(?:gut|schlecht|besonders gut|weniger gut|gefehlt)\b|\bwas hat (?:sie|ihnen) .{0,20}"
            r"(?:gestört|begeistert|geärgert|enttäuscht|beeindruckt|gefallen)\b",
        ),
    },
    acted=_any(
        r"\b(?:ge)?(?:frag|sag|zeig|antwort|schick|erklär|erzähl|berichtet|versprach|versproch|vereinbar|besproch|geschah|"
        r"passier|reagier|angebot|bot |tat\b|getan|ging|gingen|lief|abl[ai]e?f|stell|vorgestellt|geantwort|anr[iu]ef|angerufen|meld|gemeldet|begann|begonn|"
        r"gesproch|sprach|stand|ablauf|durchgeh)\w*",
        r"\bschritt für schritt\b|\bnehmen sie mich mit\b|\bgehen sie mit mir\b|\bbeschreiben sie (?:bitte )?den moment\b",
    ),
    scenes=(
        (_any(r"vorführ|demo|präsentation|bildschirm|oberfläche"), "der Produktvorführung"),
        (_any(r"vertrag|jurist|rechtsabteil|unterschr|klausel"), "den Gesprächen über den Vertrag"),
        (_any(r"preis|rabatt|budget|kosten|teuer|günstig|geld"), "dem Gespräch, in dem der Preis zur Sprache kam"),
        (_any(r"angebot"), "dem Gespräch über das Angebot"),
        (_any(r"sicherheit|schnittstelle|technisch|daten|integration"), "dem Gespräch über Ihre technischen Fragen"),
        (_any(r"geschäftsführ|einkauf|vorstand|kolleg|finanzchef"), "dem Treffen, zu dem Ihre Kollegen dazukamen"),
        (_any(r"wettbewerb|anbieter|vergleich"), "dem Gespräch, in dem andere Anbieter zur Sprache kamen"),
        (_any(r"erste\w? |bedarf|problem"), "dem ersten Gespräch mit dem Vertrieb"),
    ),
    decision="dem letzten Gespräch vor Ihrem Beschluss",
    remembered="dem Gespräch, an das Sie sich am genauesten erinnern",
    form="Erzählen Sie mir von {scene}. Was hat der Vertrieb dort gefragt, gesagt und getan?",
)


_FR_OPENER = r"(?:(?:et|alors|donc|mais|ensuite|puis|ou)\b,? )*"
_FR_ASKS = (
    r"(?:qu'|(?:que|quoi|qui|quelles?|quels?|comment|quand|où|pourquoi|combien|lequel|laquelle|lesquels|lesquelles)\b)"
)
_FR_PREPOSITION = r"(?:à|de|d'|avec|dans|pour|par|depuis|jusqu'|jusqu'à|sur|en|chez|vers|après|avant|auprès de) ?"
_FR_FRONT = r"(?:(?:quand|lorsque?|lorsqu'|après|avant|pendant|dès|une fois|au moment|lors|sur|à|dans|si)\b[^?]*?, )?(?:[^?]*: )?"
_FR_PRAISE = (
    r"(?:excellent|formidable|remarquable|magnifique|exceptionnel|impressionnant|supérieur|mauvais|décevant|catastrophique|"
    r"médiocre|pénible|frustrant|agaçant|horrible)\w*"
)
_FR_TELL = (
    r"(?:racont|décri|parl|expliqu|montr|donn|repren|emmen|dit|dir|retrac|détaill|cit|reven|reconstitu|rappel|présent|livr|"
    r"expos|parcour|partag)"
)
FRENCH = Wording(
    invites=_any(
        rf"^{_FR_OPENER}{_FR_TELL}\w*(?:-moi|-nous)?\b(?!-vous| -t-)",
        rf"^{_FR_OPENER}(?:pou(?:v|rr)\w+-vous|voul\w+-vous|voudriez-vous|est-ce que vous pou\w+) (?:\w+ |m')*?{_FR_TELL}\w*",
        rf"^{_FR_OPENER}(?:vous souvenez-vous|vous rappelez-vous|savez-vous|vous souvient-il) (?:encore )?(?:de|du|des|d'|la|le|les|"
        rf"ce|{_FR_ASKS})",
    ),
    open=re.compile(rf"^{_FR_OPENER}{_FR_FRONT}{_FR_OPENER}(?:{_FR_PREPOSITION})?{_FR_ASKS}", re.IGNORECASE),
    tag=_any(r", ?(?:n'est-ce pas|non|hein|pas vrai|d'accord|oui|vous ne trouvez pas|n'est-il pas)\s*\?$"),
    second=_any(
        rf",? (?:et|ou|ainsi que|mais) (?:puis |ensuite |aussi )?(?:{_FR_PREPOSITION})?{_FR_ASKS}", r"\bsi oui,"
    ),
    same_story=_any(
        rf",? et (?:ensuite |puis )?(?:{_FR_PREPOSITION})?{_FR_ASKS}[^?]*\b(?:-t-(?:il|elle|on)|(?:ils|elles) ont|(?:il|elle) a|"
        r"lui|leur|y|alors|ensuite|cela|ça)\b(?![^?]*\bêtre\b)(?![^?]*\barriv)(?![^?]*\bnégoci)[^?]*\?$",
        rf",? et {_FR_ASKS}[^?]* (?:dit|demandé|montré|convenu|répondu|passé)\s*\?$",
    ),
    rules={
        "rationalisation": _any(
            r"\bpourquoi\b|\braisons?\b|\bmotifs?\b|\bmotivations?\b|\bfacteurs?\b|\bcritères?\b",
            r"\bqu'est-ce qui (?:vous |l'|les |a |ont |en |au final |finalement )*(?:fait|poussé|convaincus?|décidés?|motivés?|amenés?|"
            r"conduits?|retenus?|empêchés?|emporté)\b",
            r"\bpencher la balance\b|\bfait la différence\b|\b(?:décisi\w+|déterminant\w*)\b|\b(?:a|ont) le plus (?:compté|pesé)\b|"
            r"\ble plus important\b|\bcomment (?:avez-vous|en êtes-vous|êtes-vous) .{0,30}(?:décidé|choisi|tranché|arrivés? à)",
        ),
        "rating": _any(
            r"\béchelle\b|\bde (?:0|1|un|une|zéro) à (?:\d+|cinq|dix|cent)\b|^(?:notez|évaluez|classez)\b|\bquelle note\b|\bétoiles\b|"
            r"\bpourcentage\b",
            r"\bà quel (?:point|degré)\b|\bdans quelle mesure\b|\bjusqu'à quel point\b|\bcomment (?:évalue|note)\w+-vous\b|"
            r"\bêtes-vous satisfaits?\b",
        ),
        "leading": _any(
            r"^(?:ne |n')\w+(?:-t)?-(?:vous|il|elle|ce|ils|elles) pas\b|^(?:\w+ ){1,4}(?:ne |n')\w+(?:-t)?-(?:il|elle|ils|elles) pas\b",
            r"\b(?:évidemment|bien sûr|bien entendu|certainement|sans doute|sans aucun doute|naturellement|sûrement|visiblement)\b",
            r"\b(?:je suppose|j'imagine|je pense|je crois|je présume)\b|\bvous (?:conviendrez|admettrez|êtes d'accord)\b|"
            r"\bcomme (?:tout le monde|vous le savez|chacun|on le sait)\b|\bla plupart de nos clients\b|\btous nos clients\b",
            rf"\b(?:notre|nos|leur|leurs|votre|cette?|cet|un|une) (?:si |très |vraiment )?{_FR_PRAISE} \w+|\b(?:notre|nos|leur|cette?) "
            rf"\w+ (?:si |très |vraiment )?{_FR_PRAISE}",
            r"\bqu'est-ce qui vous a (?:tant |le plus |tellement )?(?:agacé|déçus?|impressionnés?|gênés?|frustrés?)\b",
        ),
        "hypothetical": _any(
            r"\b\w+riez\b|\b(?:aur|ser|pourr|devr|fer|ir|faudr|voudr|achèter)(?:ait|aient|ions|ais)\b",
            r"\bsi (?:nous|vous|on|il|elle|ils|elles|le|la|les|notre|votre) ?\w* ?(?:avi(?:ez|ons)|av(?:ait|aient)|éti(?:ez|ons)|"
            r"ét(?:ait|aient))\b",
            r"\b(?:imaginez|imaginons|supposons|admettons)\b|\bidéalement\b|\bmonde idéal\b|\bdans l'idéal\b|\bla prochaine fois\b|"
            r"\bà l'avenir\b|\bbaguette magique\b|\bconseill\w+-vous\b|\bsouhait\w+-vous\b",
        ),
        "opinion": _any(
            r"\bque pens\w+-vous\b|\bqu'avez-vous pensé\b|\bque pensi\w+-vous\b|\bpensez-vous\b|\btrouvez-vous\b|\bcroyez-vous\b",
            r"\bcomment (?:avez-vous|a-t-on|l'avez-vous|votre \w+ a-t-(?:il|elle)) (?:trouvé|jugé|perçu|ressenti|apprécié)\b",
            r"\b(?:améliorer|améliorations?|impressions?|avis|opinions?|ressenti|sentiments?|points? (?:forts?|faibles?)|avantages?|inconvénients?)\b",
            r"\b(?:aimé|plu|déplu|apprécié)\b|\bselon vous\b|\bà votre avis\b|\bd'après vous\b",
            r"^(?:et )?comment (?:était|étaient|était-ce) (?:la|le|les|l'|votre|vos|notre|nos)\b[^?]*\?",
            r"\bqu'est-ce qui (?:était|a été) (?:bien|mal|mauvais|difficile|compliqué)\b",
        ),
    },
    acted=_any(
        r"\b(?:demand|di(?:t|sait|re)|montr|répond|répondu|fait|envoy|expliqu|présent|propos|promis|promett|convenu|pass[ée]|"
        r"réagi|posé|termin|déroul|question|appel|contact|parl|racont)\w*",
        r"\bétape par étape\b|\bracontez\b|\breprenez\b|\bdécrivez\b|\bparlez-moi\b",
    ),
    scenes=(
        (_any(r"démo|présentation|écran|interface"), "la démonstration"),
        (_any(r"contrat|juridique|signature|clause"), "les discussions sur le contrat"),
        (_any(r"prix|remise|budget|coût|cher|tarif"), "l'échange où il a été question du prix"),
        (_any(r"offre|proposition"), "l'échange sur la proposition"),
        (_any(r"sécurité|technique|intégration|données"), "l'échange sur vos questions techniques"),
        (_any(r"direction|achats|collègue|financier|comité"), "la réunion à laquelle vos collègues ont participé"),
        (_any(r"concurren|fournisseur|compar"), "l'échange où d'autres fournisseurs ont été évoqués"),
        (_any(r"premier|première|besoin|problème"), "votre premier échange avec le commercial"),
    ),
    decision="votre dernier échange avec le commercial avant la signature ou le refus",
    remembered="l'échange avec le commercial dont vous vous souvenez le mieux",
    form="Racontez-moi {scene}. Qu'est-ce que le commercial y a demandé, dit et fait ?",
)


_ES_OPENER = r"(?:(?:y|entonces|pero|luego|pues|o)\b,? )*"
_ES_ASKS = r"(?:qué|quién(?:es)?|cómo|cuándo|dónde|cuál(?:es)?|cuánt[oa]s?|por qué|para qué|adónde)\b"
_ES_PREPOSITION = r"(?:a|con|de|desde|hasta|para|por|en|sobre|ante|tras|según|sin|entre) "
_ES_FRONT = r"(?:(?:cuando|después|antes|mientras|al|tras|en|de|desde|durante|una vez)\b[^?]*?, )?(?:[^?]*: )?"
_ES_PRAISE = (
    r"(?:excelente|magnífic|estupend|fantástic|impresionante|maravillos|superior|mal[oa]\b|decepcionante|pésim|terrible|"
    r"frustrante|molest|horrible|insuperable)\w*"
)
_ES_TELL = (
    r"(?:cuent|cuént|contar|cont[áa]|habl|hábl|describ|descríb|explic|explíq|relat|deme|denos|dígame|diga|dar|llev|llév|repas|"
    r"recuerd|señal|nárr|narr|muéstr|mostr|ponga)"
)
_ES_NO_CONDITIONAL = (
    r"(?!quer|ocurr|corr|abr|cubr|sufr|refer|prefer|requer|suger|transcurr|mor|tesorer|ingenier|secretar|mensajer|cafeter|"
    r"librer|mar[ií]a|recorr|adher|dir[ií]a un)"
)
SPANISH = Wording(
    invites=_any(
        rf"^{_ES_OPENER}{_ES_TELL}\w*\b",
        rf"^{_ES_OPENER}(?:(?:me|nos) )?(?:pod|pued|quer|quier|importar)\w* (?:usted )?(?:\w+ )?{_ES_TELL}\w*",
        rf"^{_ES_OPENER}(?:recuerda|se acuerda de|sabe) (?:usted )?(?:{_ES_PREPOSITION})?(?:{_ES_ASKS}|la pregunta|las palabras)",
    ),
    open=re.compile(rf"^{_ES_OPENER}{_ES_FRONT}{_ES_OPENER}(?:{_ES_PREPOSITION})?{_ES_ASKS}", re.IGNORECASE),
    tag=_any(r", ?(?:¿ ?)?(?:verdad|no|cierto|no es así|no es cierto|eh|sí|correcto|no le parece|no cree)\s*\?$"),
    second=_any(
        rf",? (?:y|e|o|pero|así como) (?:también |luego |después )?(?:{_ES_PREPOSITION})?{_ES_ASKS}",
        r"\ben caso afirmativo\b",
    ),
    same_story=_any(
        rf",? y (?:luego |después )?(?:{_ES_PREPOSITION})?{_ES_ASKS}[^?]*\b(?:le|les|nos|ella|él|ellos|allí|eso|entonces|después)\b[^?]*\?$",
        rf",? y {_ES_ASKS}[^?]* (?:dijo|dijeron|preguntó|mostró|acordó|acordaron|contestó|respondió|pasó|ocurrió|enseñaron)\s*\?$",
    ),
    rules={
        "rationalisation": _any(
            r"\bpor qué\b|\bmotivos?\b|\braz(?:ón|ones)\b|\bfactor(?:es)?\b|\bcriterios?\b|\bmotivaci(?:ón|ones)\b",
            r"\bqué (?:fue lo que |es lo que )?(?:al final |finalmente )?(?:les? |los? |las? |nos )(?:hizo|llevó|convenció|impulsó|"
            r"motivó|empujó|frenó|impidió|inclinó|decantó)\b",
            r"\binclinó la balanza\b|\bmarcó la diferencia\b|\b(?:decisiv|determinante)\w*|\bpes(?:ó|aron) más\b|\blo más importante\b|"
            r"\bcómo (?:se )?(?:decidi|elig|llegaron a (?:la|esa|su) decisión)\w*",
        ),
        "rating": _any(
            r"\bescala\b|\bdel? (?:0|1|uno|cero) al? (?:\d+|cinco|diez|cien)\b|^(?:puntúe|valore|califique|evalúe|clasifique)\w*\b|"
            r"\bqué (?:nota|puntuación)\b|\bestrellas\b|\bporcentaje\b",
            r"\bhasta qué punto\b|\ben qué (?:medida|grado)\b|\bqué tan\b|\bcómo de \w+|\bcuán \w+|\bqué grado de\b|"
            r"\bcómo (?:valora|califica|puntúa|evalúa|valoraría)\w*",
        ),
        "leading": _any(
            r"^(?:es que )?no (?:cree|piensa|le parece|les parece|diría|opina|fue|es|era|considera|está de acuerdo)\w*\b",
            r"\b(?:obviamente|evidentemente|por supuesto|sin duda|claro que|seguramente|desde luego|naturalmente|indudablemente)\b|"
            r"\bcomo es (?:evidente|lógico|natural|sabido)\b|\bcomo (?:todos|usted|ya) sab\w+|\b(?:supongo|imagino|me figuro) que\b",
            r"\bla mayoría de nuestros clientes\b|\btodos nuestros clientes\b|\bestará de acuerdo\b",
            rf"\b(?:nuestr[oa]s?|su|sus|est[ea]|un|una) (?:tan |muy )?{_ES_PRAISE} \w+|\b(?:nuestr[oa]s?|est[ea]) \w+ (?:tan |muy )?{_ES_PRAISE}",
            r"\bqué (?:fue lo que )?(?:más )?(?:le|les) (?:\w+ )?(?:molestó|encantó|decepcionó|impresionó|frustró)\b",
        ),
        "hypothetical": _any(
            r"\bhab?ría\w*\b|\bhubie(?:r|s)\w+\b",
            rf"\b{_ES_NO_CONDITIONAL}\w*(?:[aei]r|dr|br|rr)ía(?:n|mos|s|is)?\b",
            r"\b(?:imagine|imagínese|suponga|supongamos|pongamos)\b|\bidealmente\b|\bmundo ideal\b|\bla próxima vez\b|\ben el futuro\b|"
            r"\bvarita mágica\b|\bqué (?:nos )?(?:aconseja|recomienda)\b",
        ),
        "opinion": _any(
            r"\bqué (?:le|les|te|os) (?:parec\w+|pareció|ha parecido)\b|\bqué (?:opina|piensa|cree|pensó|opinó|pensaron|opinaron)\w*\b",
            r"\bno (?:cree|piensa|opina|le parece|considera)\w*\b|\b(?:cree|piensa|opina) (?:usted )?que\b",
            r"\b(?:mejorar|mejoras?|impresi(?:ón|ones)|opini(?:ón|ones)|sensaci(?:ón|ones)|puntos? (?:fuertes?|débiles?)|ventajas|desventajas|"
            r"inconvenientes)\b|\b(?:gust|encant|agrad)(?:ó|aron|aba|a)\b|\ba su (?:juicio|parecer|entender)\b|\bsegún usted\b",
            r"\bcómo (?:vio|vieron|encontró|encontraron|percibi\w+|sinti\w+|se sinti\w+)\b",
            r"^(?:y )?cómo (?:fue|era|estuvo|fueron) (?:la|el|los|las|su|sus|nuestr[oa]s?)\b[^?]*\?",
            r"\bqué (?:estuvo|fue|salió) (?:bien|mal|lo mejor|lo peor|difícil)\b",
        ),
    },
    acted=_any(
        r"\b(?:pregunt|dij|dec|mostr|enseñ|contest|respond|hizo|hicieron|envi|explic|present|ofrec|promet|acord|acuerd|pasó|"
        r"ocurr|suced|reaccion|termin|propus|intervin|llam|contact|habl|cont|transcurr)\w*",
        r"\bpaso a paso\b|\bcuéntem\w+|\bháblem\w+|\bdescriba\b|\blléveme\b|\brepas\w+",
    ),
    scenes=(
        (_any(r"demostra|demo\b|presentaci|pantalla|interfaz"), "la demostración"),
        (_any(r"contrato|jurídic|legal|firma|cláusula"), "las conversaciones sobre el contrato"),
        (
            _any(r"precio|descuento|presupuesto|coste|costo|barat|car[oa]\b"),
            "la conversación en la que salió el precio",
        ),
        (_any(r"oferta|propuesta"), "la conversación sobre la propuesta"),
        (_any(r"seguridad|técnic|integraci|datos"), "la conversación sobre sus dudas técnicas"),
        (_any(r"dirección|compras|colega|financier|comité"), "la reunión en la que participaron sus colegas"),
        (_any(r"competencia|proveedor|compar"), "la conversación en la que se habló de otros proveedores"),
        (_any(r"primer|necesidad|problema"), "la primera conversación con el comercial"),
    ),
    decision="la última conversación con el comercial antes de la firma o del no",
    remembered="la conversación con el comercial que recuerda con más detalle",
    form="Cuénteme {scene}. ¿Qué preguntó, dijo e hizo allí el comercial?",
)

WORDINGS: Mapping[str, Wording] = {"de": GERMAN, "fr": FRENCH, "es": SPANISH}
