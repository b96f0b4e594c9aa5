"""The rules for criteria in German, French and Spanish; of other languages they only count."""

import pytest

from agent.core.scale import SCALES
from agent.rubrics.checks import rule_findings
from agent.rubrics.model import Criterion
from agent.text.recognising import language_of
from agent.text.words import words_in

# What each fails was written down before a rule was; "" is a criterion that a stranger can rate.
DECIDED = {
    "de": [
        ("Bevor das Produkt gezeigt wird, fragt der Vertrieb, welche Folgen ein vom Kunden genanntes Problem hat.", ""),
        ("Der Vertrieb wiederholt das Ziel des Kunden mit dessen Zahl und fragt, ob es so stimmt.", ""),
        ("Nennt vor Ende des Gesprächs einen nächsten Schritt mit Datum und Zweck.", ""),
        ("Fragt, wer außer dem Kunden betroffen ist, und schlägt vor, diese Person einzuladen.", ""),
        ("Antwortet auf die Preisfrage mit der Gegenfrage, womit verglichen wird.", ""),
        ("Zeigt in der Vorführung mindestens einen Beleg, den der Kunde vorher geschickt hat.", ""),
        ("Bietet keinen Rabatt an, bevor eine Frage zum Preis gestellt wurde.", ""),
        ("Fasst am Ende zusammen, was vereinbart wurde, und lässt es sich bestätigen.", ""),
        ("Baut eine vertrauensvolle Beziehung zum Kunden auf und schafft Vertrauen.", "not specific"),
        ("Zeigt Empathie gegenüber den Anliegen des Kunden im Gespräch.", "not specific"),
        ("Geht gut auf die Einwände des Kunden ein, bevor er weiterspricht.", "not unambiguous"),
        ("Stellt ausreichend Fragen zur Lage des Kunden vor der Vorführung.", "not unambiguous"),
        ("Fragt früh im Gespräch nach den Kosten, die das Problem verursacht.", "not unambiguous"),
        ("Stellt mehrere Fragen nach den Folgen des genannten Problems.", "not unambiguous"),
        ("Möchte aufrichtig verstehen, wie der Kunde heute arbeitet und was stört.", "not observable"),
        ("Wirkt beim Thema Preis selbstsicher und bleibt bei der genannten Zahl.", "not observable"),
    ],
    "fr": [
        ("Avant de montrer le produit, demande à quoi mène un problème que le client a nommé.", ""),
        ("Redit l'objectif du client avec son chiffre et demande si c'est exact.", ""),
        ("Nomme avant la fin de l'appel une prochaine étape avec sa date et son but.", ""),
        ("Demande qui d'autre est touché et propose d'inviter cette personne.", ""),
        ("Répond à la question du prix en demandant à quoi on le compare.", ""),
        ("Montre pendant la démonstration au moins un document que le client a envoyé.", ""),
        ("Ne propose aucune remise avant d'avoir posé une question sur le prix.", ""),
        ("Récapitule à la fin ce qui a été convenu et le fait confirmer par le client.", ""),
        ("Instaure une relation de confiance avec le client dès le début.", "not specific"),
        ("Fait preuve d'empathie envers les préoccupations du client.", "not specific"),
        ("Traite bien les objections du client avant de poursuivre la présentation.", "not unambiguous"),
        ("Pose suffisamment de questions sur la situation avant la démonstration.", "not unambiguous"),
        ("Demande tôt dans l'appel ce que le problème coûte au client.", "not unambiguous"),
        ("Pose plusieurs questions sur les conséquences du problème nommé.", "not unambiguous"),
        ("Souhaite sincèrement comprendre comment le client travaille aujourd'hui.", "not observable"),
        ("Parle du prix d'un ton confiant et maintient le chiffre annoncé.", "not observable"),
    ],
    "es": [
        ("Antes de mostrar el producto, pregunta a qué lleva un problema que el cliente ha nombrado.", ""),
        ("Repite el objetivo del cliente con su cifra y pregunta si es correcto.", ""),
        ("Nombra antes del final de la llamada un próximo paso con su fecha y su finalidad.", ""),
        ("Pregunta a quién más afecta y propone invitar a esa persona.", ""),
        ("Responde a la pregunta del precio preguntando con qué se compara.", ""),
        ("Muestra en la demostración al menos un documento que el cliente envió.", ""),
        ("No ofrece ningún descuento antes de hacer una pregunta sobre el precio.", ""),
        ("Resume al final lo acordado y pide al cliente que lo confirme.", ""),
        ("Genera confianza con el cliente desde el comienzo de la llamada.", "not specific"),
        ("Muestra empatía ante las preocupaciones del cliente.", "not specific"),
        ("Gestiona bien las objeciones del cliente antes de seguir.", "not unambiguous"),
        ("Hace suficientes preguntas sobre la situación antes de la demostración.", "not unambiguous"),
        ("Pregunta pronto en la llamada cuánto le cuesta el problema al cliente.", "not unambiguous"),
        ("Hace varias preguntas sobre las consecuencias del problema nombrado.", "not unambiguous"),
        ("Desea sinceramente entender cómo trabaja hoy el cliente.", "not observable"),
        ("Habla del precio seguro de sí mismo y mantiene la cifra.", "not observable"),
    ],
}


def made(description, scale="binary", **facts):
    return Criterion(id="one", name="One", description=description, scale=SCALES[scale], **facts)


@pytest.mark.parametrize("language", DECIDED)
def test_criteria_that_can_be_rated_are_let_be_and_the_others_found(language):
    good = [text for text, fails in DECIDED[language] if not fails]
    assert [(text, found) for text in good if (found := rule_findings(made(text)))] == []
    for text, fails in DECIDED[language]:
        if fails:
            assert any(finding.startswith(fails) for finding in rule_findings(made(text))), text
    assert {language_of([text]) for text, _ in DECIDED[language]} == {language}


def test_levels_that_leave_a_gap_are_named_in_german_too():
    text = "Beantwortet den Haupteinwand des Kunden, nachdem gefragt wurde, was dahintersteht."
    levels = {1: "geht über den Einwand hinweg", 2: "antwortet sofort", 3: "fragt nach und antwortet dann"}
    gap = "no level for: nothing of the kind was raised"
    assert gap in rule_findings(made(text, "1-3", anchors=levels))
    mended = levels | {1: "geht über den Einwand hinweg, oder es wurde keiner geäußert"}
    assert gap not in rule_findings(made(text, "1-3", anchors=mended))


def test_of_a_language_without_rules_only_length_and_levels_are_checked():
    japanese = "製品を見せる前に、顧客が挙げた問題が何につながるのかを尋ねる。"
    assert rule_findings(made(japanese)) == []
    assert rule_findings(made("信頼を築く。")) == ["not specific: fewer than six words leave open what counts"]
    assert any(finding.startswith("long: ") for finding in rule_findings(made(japanese * 4)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What the rep asked first.", 5),
        ("製品を見せる前に、尋ねる。", 6),
        ("يسأل المندوب قبل العرض", 4),
        ("SAPの導入", 3),
        ("다음 단계를 말한다", 3),
        ("", 0),
    ],
)
def test_words_are_counted_without_spaces_too(text, words):
    assert words_in(text) == words
