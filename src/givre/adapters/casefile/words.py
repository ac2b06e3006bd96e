"""The explanations written in a case file, in English and French."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "fr"]

_EN = {
    "top": """givre case: one lesion, its images, and the plan to simulate.
Research use, not a medical device. Never write a patient's name here.
Paths are relative to this file. Points are LPS in mm: x to the patient's left, y to the back, z to the head.
Check it with: givre check case.toml      Simulate it with: givre simulate case.toml -o DIR""",
    "version": "version of this format",
    "id": "pseudonymous id: letters, digits, dash",
    "title": "one line at the top of the dossier",
    "question": "the question to the tumour board",
    "anatomy": "bone and level in words",
    "lesion_kind": '"lytic", "blastic" or "mixed"',
    "synthetic": "what is not from a patient; empty for a real lesion",
    "translation_fr": "The same in French, for the French dossier; what is left out is taken from [case].",
    "translation_en": "The same in English, for the English dossier; what is left out is taken from [case].",
    "image": "The planning CT: a DICOM folder or zip, or a NIfTI, NRRD or MHA file.",
    "series_uid": "which series, when the folder holds several",
    "resample_tilt": "shear a tilted gantry upright",
    "resample_gaps": "interpolate up to two missing slices in a row",
    "sha256": "hash of the file when it was recorded; a changed file is refused",
    "structures": """The masks, one [[structures]] each: a NIfTI, NRRD or MHA mask or label map, or an RTSTRUCT file.
One must be named "tumour". labels: which labels of a label map; roi: which contour of an RTSTRUCT.""",
    "probes": """The cryoprobes, one [[probes]] each. model: an id of `givre probes`.
entry_mm: where the shaft enters the skin; target_mm: where the tip lies (LPS, mm); start_s: delay of its start.""",
    "no_probes": "NO PROBE IS PLACED YET: remove the # below and give the points of your plan, or the case is refused.",
    "protocol": """The freeze-thaw protocol: template = {templates};
or name = "..." and one [[protocol.phases]] each: kind "freeze", "passive_thaw" or "active_thaw", duration_s.""",
    "goals": "What must be reached. Every threshold is your choice and carries its source.",
    "lethal_temp_c": "°C; tissue that has been at or below counts as killed",
    "margin_mm": "mm wanted from the tumour surface to the edge of the lethal zone",
    "coverage": "wanted fraction of the tumour inside the lethal zone, 0 to 1",
    "hold_s": "s; least time at or below lethal_temp_c, all freezes added",
    "freezes": "least number of freezes that reach lethal_temp_c",
    "source": "where the numbers come from",
    "status": '"verified", "secondary", "recalled", "derived" or "assumption"',
    "organs": "What must be spared: one [[organs_at_risk]] for each structure that has a mask above.",
    "limit_temp_c": "°C; must stay above",
    "alarm_temp_c": "°C; worth a warning at or below",
    "simulation": "How finely and how far around the probes to simulate.",
    "voxel_mm": "mm, 0.4 to 2.5; finer is slower",
    "domain_margin_mm": "mm around the active zones, 20 to 120",
    "body_temp_c": "°C; initial, arterial and far-field temperature",
    "room_temp_c": "°C; room to which the skin of the body mask loses heat",
    "skin_film_w_m2k": "W/m²K; film between skin and room",
    "stasis_below_c": "°C; tissue once this cold has no blood flow when it thaws",
    "thermocouples": "Points whose temperature will be measured: label, point_mm (LPS, mm), and the uncertainties\n"
    "position_mm and reading_c.",
    "no_image": "NO CT WAS FOUND: write its path here.",
    "no_tumour": "NO TUMOUR MASK WAS FOUND: remove the # below and give its path.",
    "no_anatomy": "to complete",
    "findings": "What givre init recognised and assumed (check it):",
}

_FR = {
    "top": """Dossier givre : une lésion, ses images et le plan à simuler.
Usage de recherche, pas un dispositif médical. Ne jamais écrire ici le nom d'un patient.
Les chemins sont relatifs à ce fichier.
Points en LPS, mm : x vers la gauche du patient, y vers l'arrière, z vers la tête.
Vérifier : givre check case.toml      Simuler : givre simulate case.toml -o DOSSIER""",
    "version": "version de ce format",
    "id": "identifiant pseudonyme : lettres, chiffres, tiret",
    "title": "une ligne en tête du dossier",
    "question": "la question posée à la RCP",
    "anatomy": "os et niveau, en mots",
    "lesion_kind": '"lytic" (lytique), "blastic" (condensante) ou "mixed" (mixte)',
    "synthetic": "ce qui ne vient pas d'un patient ; vide pour une vraie lésion",
    "translation_fr": "La même chose en français, pour le dossier français ; ce qui manque est repris de [case].",
    "translation_en": "La même chose en anglais, pour le dossier anglais ; ce qui manque est repris de [case].",
    "image": "Le scanner de planification : dossier ou zip DICOM, ou fichier NIfTI, NRRD ou MHA.",
    "series_uid": "quelle série, si le dossier en contient plusieurs",
    "resample_tilt": "redresser un statif incliné",
    "resample_gaps": "interpoler jusqu'à deux coupes manquantes de suite",
    "sha256": "empreinte du fichier si elle a été notée ; un fichier modifié est refusé",
    "structures": """Les masques, un [[structures]] chacun : masque ou carte d'étiquettes NIfTI, NRRD, MHA, ou RTSTRUCT.
L'un doit s'appeler "tumour" (la tumeur). labels : étiquettes retenues ; roi : contour du RTSTRUCT.""",
    "probes": """Les cryosondes, un [[probes]] chacune. model : un identifiant de `givre probes`.
entry_mm : point d'entrée à la peau ; target_mm : position de la pointe (LPS, mm) ; start_s : retard au démarrage.""",
    "no_probes": "AUCUNE SONDE N'EST PLACÉE : retirer les # ci-dessous et donner les points du plan,\n"
    "sinon le dossier est refusé.",
    "protocol": """Le protocole congélation-décongélation : template = {templates} ;
ou name = "..." et un [[protocol.phases]] par phase : kind "freeze", "passive_thaw" ou "active_thaw", duration_s.""",
    "goals": "Ce qui doit être atteint. Chaque seuil est votre choix et porte sa source.",
    "lethal_temp_c": "°C ; le tissu passé à cette température ou en dessous compte comme détruit",
    "margin_mm": "mm voulus entre la surface de la tumeur et le bord de la zone létale",
    "coverage": "fraction voulue de la tumeur dans la zone létale, 0 à 1",
    "hold_s": "s ; durée minimale sous lethal_temp_c, toutes congélations additionnées",
    "freezes": "nombre minimal de congélations qui atteignent lethal_temp_c",
    "source": "d'où viennent les nombres",
    "status": '"verified" (vérifié), "secondary" (source secondaire), "recalled" (de mémoire), '
    '"derived" ou "assumption"',
    "organs": "Ce qui doit être épargné : un [[organs_at_risk]] par structure dont le masque est donné plus haut.",
    "limit_temp_c": "°C ; doit rester au-dessus",
    "alarm_temp_c": "°C ; avertissement à cette température ou en dessous",
    "simulation": "Finesse et étendue de la simulation autour des sondes.",
    "voxel_mm": "mm, 0,4 à 2,5 ; plus fin est plus lent",
    "domain_margin_mm": "mm autour des zones actives, 20 à 120",
    "body_temp_c": "°C ; température initiale, artérielle et lointaine",
    "room_temp_c": "°C ; salle vers laquelle la peau du masque body perd sa chaleur",
    "skin_film_w_m2k": "W/m²K ; film entre la peau et la salle",
    "stasis_below_c": "°C ; un tissu passé sous cette température n'est plus perfusé en dégelant",
    "thermocouples": "Points dont la température sera mesurée : label, point_mm (LPS, mm) et les incertitudes\n"
    "position_mm et reading_c.",
    "no_image": "AUCUN SCANNER TROUVÉ : écrire son chemin ici.",
    "no_tumour": "AUCUN MASQUE DE TUMEUR TROUVÉ : retirer les # ci-dessous et donner son chemin.",
    "no_anatomy": "à compléter",
    "findings": "Ce que givre init a reconnu et supposé (à vérifier) :",
}

WORDS: dict[Language, dict[str, str]] = {"en": _EN, "fr": _FR}
