"""What the samples say in French, for the French dossier."""

from __future__ import annotations

from collections.abc import Mapping

from givre.case.description import CaseWords

_CARVED = "la lésion lytique est creusée par le code dans l'os réel"
_ALL_SYNTHETIC = "le scanner, les contours et la lésion, entièrement produits par du code"
_PHANTOM_QUESTION = "Fantôme : la glace couvre-t-elle la lésion synthétique en épargnant ses voisins ?"

FRENCH: Mapping[str, CaseWords] = {
    "lumbar-vertebra": CaseWords(
        lang="fr",
        title="Vertèbre L3, lésion lytique du côté gauche du corps, deux cryosondes à argon de 1,5 mm",
        question="Peut-on geler toute cette lésion lytique douloureuse de L3 sans léser la queue de cheval ?",
        anatomy="corps vertébral de L3, côté gauche, corticale latérale rompue",
        synthetic=f"{_CARVED} ; le canal rachidien est dessiné par géométrie",
    ),
    "thorax-spine": CaseWords(
        lang="fr",
        title="Vertèbre L1 sur un scanner thoracique en DICOM, lésion lytique, deux cryosondes à argon de 1,5 mm",
        question="Peut-on geler toute cette lésion lytique douloureuse de L1 sans léser le cône médullaire ?",
        anatomy="corps vertébral de L1, côté gauche, corticale latérale rompue",
        synthetic=_CARVED,
    ),
    "phantom-vertebra": CaseWords(
        lang="fr",
        title="Vertèbre près de la moelle épinière, lésion lytique, deux cryosondes (fantôme)",
        question=_PHANTOM_QUESTION,
        anatomy="corps vertébral de la charnière thoraco-lombaire, côté gauche (fantôme)",
        synthetic=_ALL_SYNTHETIC,
    ),
    "phantom-iliac": CaseWords(
        lang="fr",
        title="Aile iliaque près de l'intestin, lésion lytique, deux cryosondes (fantôme)",
        question=_PHANTOM_QUESTION,
        anatomy="aile iliaque gauche (fantôme)",
        synthetic=_ALL_SYNTHETIC,
    ),
    "phantom-femur": CaseWords(
        lang="fr",
        title="Fémur proximal, lésion lytique entre les trochanters, trois cryosondes (fantôme)",
        question=_PHANTOM_QUESTION,
        anatomy="fémur proximal gauche, entre les trochanters (fantôme)",
        synthetic=_ALL_SYNTHETIC,
    ),
}
"""By the name of the sample."""
