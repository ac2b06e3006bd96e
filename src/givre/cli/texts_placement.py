"""The texts of the command that proposes plans, in English and French."""

from __future__ import annotations

PLACEMENT_ENGLISH = {
    "plan.help": "Propose where the cryoprobes go.\n\n"
    "Number, entries, tips and protocol, with alternatives: as few probes as cover the tumour with its margin while "
    "every organ at risk stays above its limit. Writes proposals.json and .csv, and for each plan a case.toml for "
    "givre simulate. Probes drafted in the case are not looked at, and may be missing.",
    "plan.example": "givre plan case.toml -o plans --probes 1-4 --margin 5 --time-limit 60",
    "plan.probes": "How many probes may be used: one number, or two as 1-8.",
    "plan.model": "Cryoprobe of the catalogue that may be used; may be repeated. Those of the case by default.",
    "plan.margin": "Wanted margin in mm; that of the case by default.",
    "plan.lethal": "Lethal temperature in °C; that of the case by default.",
    "plan.coverage": "Wanted fraction of the tumour grown by the margin inside the lethal zone, above 0 and up to 1.",
    "plan.reserve_temp": "Degrees above its limit that each organ should keep beyond the goals; plans that do not are "
    "labelled. 3 by default, the error of the solver at an organ.",
    "plan.reserve_margin": "Millimetres by which the lethal zone may be smaller and still cover what is wanted; plans "
    "that do not have them are labelled. 0.6 by default, the error of the solver.",
    "plan.spacing": "Least and most distance between active zones in mm, as 10-20.",
    "plan.alternatives": "How many plans to list beside the best, 0 to 10.",
    "plan.time_limit": "Seconds after which the search ends and gives the best plan so far, labelled so.",
    "plan.effort": "Predictions per probe in each search; more is slower and no worse.",
    "stage.plan": "Searching plans",
    "plan.wanted": "Wanted: {lethal} °C over {coverage} of the tumour grown by {margin} mm, organs above their limits.",
    "plan.not_everywhere": "The margin of {margin} mm is reached over {coverage}, not everywhere (smallest {smallest} "
    "mm): givre simulate, which asks for it everywhere, will say so.",
    "plan.reserve": "Reserve aimed at beyond that, for the error of the solver: organs {temp} °C above their limits, "
    "lethal zone {margin} mm to spare.",
    "plan.short_organ": "Reserve not kept: {organ} is {left} °C above its limit, {wanted} °C wanted. That is within "
    "the error of the solver.",
    "plan.short_margin": "Reserve not kept: with a lethal zone {margin} mm smaller all around, {reached} would be "
    "covered, {wanted} wanted.",
    "plan.behind_goals_first": "It scores higher than a plan before it; that one meets the goals, this one does not.",
    "plan.behind_limits_first": "It scores higher than a plan before it; that one keeps every limit, this one does "
    "not.",
    "plan.behind_checked_first": "It scores higher than a plan before it; that one was checked at the voxel size of "
    "the case, this one was not.",
    "plan.verdict_no_reserve": "all goals met, reserve not kept",
    "plan.column_plan": "plan",
    "plan.column_probes": "probes",
    "plan.column_model": "model",
    "plan.column_protocol": "protocol",
    "plan.column_covered": "covered",
    "plan.column_covered_grown": "with margin",
    "plan.column_margin": "smallest margin",
    "plan.column_organ": "organ nearest to its limit",
    "plan.column_checked": "voxels",
    "plan.column_score": "score",
    "plan.column_verdict": "verdict",
    "plan.column_probe": "probe",
    "plan.column_entry": "entry (LPS, mm)",
    "plan.column_tip": "tip (LPS, mm)",
    "plan.column_length": "skin to tip",
    "plan.column_gap": "to the next active zone",
    "plan.not_checked": "search only",
    "plan.no_skin": "edge of the image, skin not seen",
    "plan.verdict_met": "all goals met",
    "plan.verdict_warning": "all goals met, an organ passes its alarm",
    "plan.verdict_not_met": "not met: {goals}",
    "plan.verdict_unchecked": "not checked at the voxel size of the case",
    "plan.goal_grown": "coverage with margin",
    "plan.why_best": "The fewest probes that meet every goal: {probes}, coverage with margin {coverage}.",
    "plan.why_other_direction": "Another approach, {angle}° from the first, with {probes} probe(s).",
    "plan.why_more_organ_margin": "The coldest organ stays {reserve} °C above its limit, {gained} °C more than in the "
    "first.",
    "plan.why_fewer_probes": "{probes} probe(s) instead of {first}: coverage with margin {coverage}.",
    "plan.why_within_limits": "Covers most while every limit is kept: coverage with margin {coverage}, {probes} "
    "probe(s).",
    "plan.why_covers_most": "Covers {coverage} with margin with {probes} probe(s), limits set aside.",
    "plan.why_best_so_far": "The best plan simulated before the search was ended: coverage with margin {coverage}, "
    "{probes} probe(s).",
    "plan.first": "Probes of plan 1:",
    "plan.feasible": "Plan 1 meets every goal, simulated at the voxel size of the case.",
    "plan.not_feasible": "No plan meets every goal.",
    "plan.nothing": "No plan was simulated; give the search more time.",
    "plan.ended_early": "The search was ended before it was done.",
    "plan.binding_organ": "{organ}: {below} °C below its limit of {limit} °C when coverage with margin is {coverage}; "
    "best coverage within all limits: {best}.",
    "plan.binding_organ_alone": "{organ}: {below} °C below its limit of {limit} °C when coverage with margin is "
    "{coverage}; no simulated plan keeps every limit.",
    "plan.binding_coverage": "The best plan found covers {coverage} with margin where {wanted} is wanted, with up to "
    "{probes} probe(s).",
    "plan.tried": "{probes} probe(s), {protocol}: {predicted} predicted, not simulated.",
    "plan.tried_none": "{probes} probe(s), {protocol}: no placement keeps spacing, shafts and paths as asked.",
    "plan.tried_solved": "{probes} probe(s), {protocol}: {coverage} within the limits ({solved} simulated).",
    "plan.tried_unsafe": "{probes} probe(s), {protocol}: no simulated plan keeps every limit ({solved} simulated).",
    "plan.tried_met": "{probes} probe(s), {protocol}: every goal met ({solved} simulated).",
    "plan.last_resort": "No path keeps every clearance: rules that give way when no other path exists are set aside.",
    "plan.skin_not_seen": "The image ends before the skin on every path: look at what lies beyond before using a plan.",
    "plan.error": "Fast prediction against the solver, {plans} plan(s): coverage off by {coverage} points on average, "
    "{coverage_max} at most; lethal edge by {edge} mm, {edge_max} mm; organs near their limit by {organ} °C, "
    "{organ_max} °C.",
    "plan.error_corrected": "The same once corrected by a run of a like plan, {plans} plan(s): {coverage} points, "
    "{coverage_max}; {edge} mm, {edge_max} mm; {organ} °C, {organ_max} °C. Every figure above is the solver's.",
    "plan.error_none": "The fast prediction was not compared with the solver.",
    "plan.not_calibrated": "Not calibrated on measured ice: {models}.",
    "plan.next": "Simulate the first with: givre simulate {path} -o results",
}

PLACEMENT_FRENCH = {
    "plan.help": "Proposer où placer les cryosondes.\n\n"
    "Nombre, points d'entrée, pointes et protocole, avec des variantes : le moins de sondes possible pour couvrir la "
    "tumeur et sa marge, chaque organe à risque restant au-dessus de sa limite. Écrit proposals.json et .csv et, pour "
    "chaque plan, un case.toml à donner à givre simulate. Les sondes déjà placées dans le cas ne sont pas regardées "
    "et peuvent manquer.",
    "plan.example": "givre plan case.toml -o plans --probes 1-4 --margin 5 --time-limit 60",
    "plan.probes": "Nombre de sondes permis : un nombre, ou deux comme 1-8.",
    "plan.model": "Cryosonde du catalogue permise ; peut être répétée. Par défaut celles du cas.",
    "plan.margin": "Marge voulue en mm ; par défaut celle du cas.",
    "plan.lethal": "Température létale en °C ; par défaut celle du cas.",
    "plan.coverage": "Part voulue de la tumeur agrandie de la marge dans la zone létale, plus que 0 et au plus 1.",
    "plan.reserve_temp": "Degrés que chaque organe devrait garder au-dessus de sa limite, en plus des objectifs ; les "
    "plans qui ne les ont pas sont signalés. 3 par défaut, l'erreur du solveur à un organe.",
    "plan.reserve_margin": "Millimètres dont la zone létale peut être plus petite et couvrir encore ce qui est voulu ; "
    "les plans qui ne les ont pas sont signalés. 0.6 par défaut, l'erreur du solveur.",
    "plan.spacing": "Distances la plus petite et la plus grande entre zones actives en mm, comme 10-20.",
    "plan.alternatives": "Nombre de plans à donner en plus du meilleur, de 0 à 10.",
    "plan.time_limit": "Secondes au bout desquelles la recherche s'arrête et donne le meilleur plan trouvé, signalé "
    "comme tel.",
    "plan.effort": "Prédictions par sonde dans chaque recherche ; davantage est plus lent, jamais moins bon.",
    "stage.plan": "Recherche de plans",
    "plan.wanted": "Voulu : {lethal} °C sur {coverage} de la tumeur agrandie de {margin} mm, organes au-dessus de leur "
    "limite.",
    "plan.not_everywhere": "La marge de {margin} mm est atteinte sur {coverage}, pas partout (au plus petit {smallest} "
    "mm) : givre simulate, qui la demande partout, le dira.",
    "plan.reserve": "Réserve visée en plus, pour l'erreur du solveur : organes {temp} °C au-dessus de leur limite, "
    "zone létale avec {margin} mm de trop.",
    "plan.short_organ": "Réserve non tenue : {organ} est {left} °C au-dessus de sa limite, {wanted} °C voulus. C'est "
    "moins que l'erreur du solveur.",
    "plan.short_margin": "Réserve non tenue : avec une zone létale plus petite de {margin} mm tout autour, "
    "{reached} seraient couverts, {wanted} voulus.",
    "plan.behind_goals_first": "Sa note dépasse celle d'un plan placé avant lui, qui atteint les objectifs ; "
    "celui-ci non.",
    "plan.behind_limits_first": "Sa note dépasse celle d'un plan placé avant lui, qui respecte toutes les limites ; "
    "celui-ci non.",
    "plan.behind_checked_first": "Sa note dépasse celle d'un plan placé avant lui, vérifié à la taille de voxel du "
    "cas ; celui-ci ne l'est pas.",
    "plan.verdict_no_reserve": "tous les objectifs atteints, réserve non tenue",
    "plan.column_plan": "plan",
    "plan.column_probes": "sondes",
    "plan.column_model": "modèle",
    "plan.column_protocol": "protocole",
    "plan.column_covered": "couverture",
    "plan.column_covered_grown": "avec marge",
    "plan.column_margin": "plus petite marge",
    "plan.column_organ": "organe le plus près de sa limite",
    "plan.column_checked": "voxels",
    "plan.column_score": "note",
    "plan.column_verdict": "verdict",
    "plan.column_probe": "sonde",
    "plan.column_entry": "point d'entrée (LPS, mm)",
    "plan.column_tip": "pointe (LPS, mm)",
    "plan.column_length": "peau à pointe",
    "plan.column_gap": "à la zone active voisine",
    "plan.not_checked": "recherche seule",
    "plan.no_skin": "bord de l'image, peau non vue",
    "plan.verdict_met": "tous les objectifs atteints",
    "plan.verdict_warning": "tous les objectifs atteints, un organe passe son seuil d'alerte",
    "plan.verdict_not_met": "non atteint : {goals}",
    "plan.verdict_unchecked": "non vérifié à la taille de voxel du cas",
    "plan.goal_grown": "couverture avec marge",
    "plan.why_best": "Le moins de sondes qui atteint tous les objectifs : {probes}, couverture avec marge {coverage}.",
    "plan.why_other_direction": "Une autre voie d'abord, à {angle}° de la première, avec {probes} sonde(s).",
    "plan.why_more_organ_margin": "L'organe le plus froid reste {reserve} °C au-dessus de sa limite, {gained} °C de "
    "plus que dans le premier.",
    "plan.why_fewer_probes": "{probes} sonde(s) au lieu de {first} : couverture avec marge {coverage}.",
    "plan.why_within_limits": "Couvre le plus en respectant toutes les limites : couverture avec marge {coverage}, "
    "{probes} sonde(s).",
    "plan.why_covers_most": "Couvre {coverage} avec la marge avec {probes} sonde(s), limites mises de côté.",
    "plan.why_best_so_far": "Le meilleur plan simulé avant l'arrêt de la recherche : couverture avec marge {coverage}, "
    "{probes} sonde(s).",
    "plan.first": "Sondes du plan 1 :",
    "plan.feasible": "Le plan 1 atteint tous les objectifs, simulé à la taille de voxel du cas.",
    "plan.not_feasible": "Aucun plan n'atteint tous les objectifs.",
    "plan.nothing": "Aucun plan n'a été simulé ; donnez plus de temps à la recherche.",
    "plan.ended_early": "La recherche a été arrêtée avant la fin.",
    "plan.binding_organ": "{organ} : {below} °C sous sa limite de {limit} °C quand la couverture avec marge est de "
    "{coverage} ; meilleure couverture dans toutes les limites : {best}.",
    "plan.binding_organ_alone": "{organ} : {below} °C sous sa limite de {limit} °C quand la couverture avec marge est "
    "de {coverage} ; aucun plan simulé ne respecte toutes les limites.",
    "plan.binding_coverage": "Le meilleur plan trouvé couvre {coverage} avec la marge alors que {wanted} est voulu, "
    "avec jusqu'à {probes} sonde(s).",
    "plan.tried": "{probes} sonde(s), {protocol} : {predicted} prédits, non simulé.",
    "plan.tried_none": "{probes} sonde(s), {protocol} : aucun placement ne respecte l'espacement, les aiguilles et les "
    "trajets demandés.",
    "plan.tried_solved": "{probes} sonde(s), {protocol} : {coverage} dans les limites ({solved} simulés).",
    "plan.tried_unsafe": "{probes} sonde(s), {protocol} : aucun plan simulé ne respecte toutes les limites ({solved} "
    "simulés).",
    "plan.tried_met": "{probes} sonde(s), {protocol} : tous les objectifs atteints ({solved} simulés).",
    "plan.last_resort": "Aucun trajet ne respecte toutes les distances : les règles qui cèdent faute d'autre trajet "
    "sont mises de côté.",
    "plan.skin_not_seen": "L'image s'arrête avant la peau sur tous les trajets : regardez ce qui se trouve au-delà "
    "avant d'utiliser un plan.",
    "plan.error": "Prédiction rapide comparée au solveur, {plans} plan(s) : couverture à {coverage} points près en "
    "moyenne, {coverage_max} au plus ; bord létal à {edge} mm, {edge_max} mm ; organes près de leur limite à {organ} "
    "°C, {organ_max} °C.",
    "plan.error_corrected": "La même, corrigée par le calcul d'un plan voisin, {plans} plan(s) : {coverage} points, "
    "{coverage_max} ; {edge} mm, {edge_max} mm ; {organ} °C, {organ_max} °C. Tous les chiffres ci-dessus sont ceux du "
    "solveur.",
    "plan.error_none": "La prédiction rapide n'a pas été comparée au solveur.",
    "plan.not_calibrated": "Non calibré sur de la glace mesurée : {models}.",
    "plan.next": "Simulez le premier avec : givre simulate {path} -o resultats",
}
