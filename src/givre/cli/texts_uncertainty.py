"""The texts of the command that tells how sure a plan is, in English and French."""

from __future__ import annotations

UNCERTAINTY_ENGLISH = {
    "uncertainty.help": "Tell how sure a plan is.\n\n"
    "Simulates it many times with needles, tissues, cryoprobes and the lethal temperature varied as the tables say. "
    "Writes uncertainty.json, samples.csv, sensitivity.csv, a map of the probability that each voxel is killed, and "
    "pictures.",
    "uncertainty.example": "givre uncertainty case.toml -o uncertainty --workers 2",
    "uncertainty.samples": "How many draws of the uncertain inputs. As many are used; 128 and 256 are the most even.",
    "uncertainty.placement": "Standard deviation of the tip of each probe, along its axis and in both directions "
    "across it, in mm. By default 2.5.",
    "uncertainty.along": "The same along the axis alone, in mm.",
    "uncertainty.direction": "Standard deviation of the tilt of each probe about its tip, in both directions, in "
    "degrees. By default 1.",
    "uncertainty.threshold": "Standard deviation of the lethal temperature, in °C. By default 5.",
    "uncertainty.voxel": "Edge of the simulation voxels, in mm, 0.4 to 2.5.",
    "uncertainty.tornado_runs": "Make the tornados of two simulations for each input, in place of the emulator.",
    "uncertainty.languages": "Languages of the pictures, separated by commas; none draws none.",
    "uncertainty.used": "{count} samples of {inputs} uncertain inputs (seed {seed}), balanced in every input.",
    "uncertainty.used_pieces": "{count} samples of {inputs} uncertain inputs (seed {seed}), balanced in pieces of "
    "{pieces}.",
    "uncertainty.failed": "{count} samples failed; they count as missing every goal. The first: {reason}",
    "uncertainty.planned_failed": "The plan as it is could not be simulated: {reason}",
    "uncertainty.interval": "The interval of a chance (95 %) tells what so few samples leave open, not whether the "
    "spreads are right.",
    "uncertainty.movers": "{figure} is moved most by: {parts} (share of its variance; emulator Q² {q2})",
    "uncertainty.movers_by_runs": "{figure} is moved most by: {parts} (between both ends of the input's range)",
    "uncertainty.why_poor_q2": "What moves these is not told, for no emulator predicts them well (--tornado-runs "
    "simulates it): {figures}.",
    "uncertainty.why_constant": "Nothing moves: {figures}.",
    "uncertainty.why_too_few_runs": "Too few samples to tell what moves: {figures}.",
    "uncertainty.why_too_many_failed": "Too many samples without a value to tell what moves: {figures}.",
    "uncertainty.why_no_input": "No input is uncertain, so nothing moves: {figures}.",
    "uncertainty.scope": "Not in the spread: contours, the CT, tissue labels, bent needles, breathing, vessels, and "
    "the model itself.",
    "uncertainty.where": "Written to {path}.",
    "stage.sample": "Simulating samples",
    "stage.sensitivity": "Finding what moves each figure",
    "stage.tornado": "Simulating one input at a time",
    "column.figure": "figure",
    "column.plan_as_is": "as planned",
    "column.quantile_5": "5 %",
    "column.median": "median",
    "column.quantile_95": "95 %",
    "column.as_planned": "met as planned",
    "column.chance": "samples that meet it",
    "column.chance_interval": "interval",
}

UNCERTAINTY_FRENCH = {
    "uncertainty.help": "Dire à quel point un plan est sûr.\n\n"
    "Le simule de nombreuses fois en faisant varier aiguilles, tissus, cryosondes et température létale comme le "
    "disent les tables. Écrit uncertainty.json, samples.csv, sensitivity.csv, une carte de la probabilité que chaque "
    "voxel soit détruit, et des images.",
    "uncertainty.example": "givre uncertainty cas.toml -o incertitude --workers 2",
    "uncertainty.samples": "Nombre de tirages des données incertaines. Il est respecté ; 128 et 256 sont les plus "
    "réguliers.",
    "uncertainty.placement": "Écart type de la pointe de chaque sonde, le long de son axe et dans les deux directions "
    "en travers, en mm. Par défaut 2,5.",
    "uncertainty.along": "Le même le long de l'axe seulement, en mm.",
    "uncertainty.direction": "Écart type de l'inclinaison de chaque sonde autour de sa pointe, dans les deux "
    "directions, en degrés. Par défaut 1.",
    "uncertainty.threshold": "Écart type de la température létale, en °C. Par défaut 5.",
    "uncertainty.voxel": "Côté des voxels de simulation, en mm, 0,4 à 2,5.",
    "uncertainty.tornado_runs": "Faire les tornades de deux simulations par donnée, au lieu de l'émulateur.",
    "uncertainty.languages": "Langues des images, séparées par des virgules ; none n'en dessine aucune.",
    "uncertainty.used": "{count} tirages de {inputs} données incertaines (graine {seed}), équilibrés pour chaque "
    "donnée.",
    "uncertainty.used_pieces": "{count} tirages de {inputs} données incertaines (graine {seed}), équilibrés par blocs "
    "de {pieces}.",
    "uncertainty.failed": "{count} tirages en échec ; ils comptent comme manquant tous les objectifs. Le premier : "
    "{reason}",
    "uncertainty.planned_failed": "Le plan tel quel n'a pas pu être simulé : {reason}",
    "uncertainty.interval": "L'intervalle d'une chance (95 %) dit ce que si peu de tirages laissent ouvert, pas si les "
    "dispersions sont justes.",
    "uncertainty.movers": "{figure} : varie surtout avec {parts} (part de sa variance ; Q² de l'émulateur {q2})",
    "uncertainty.movers_by_runs": "{figure} : varie surtout avec {parts} (entre les deux bouts de la plage de la "
    "donnée)",
    "uncertainty.why_poor_q2": "Ce qui les fait varier n'est pas dit, car aucun émulateur ne les prédit bien "
    "(--tornado-runs le simule) : {figures}.",
    "uncertainty.why_constant": "Rien ne fait varier : {figures}.",
    "uncertainty.why_too_few_runs": "Trop peu de tirages pour dire ce qui fait varier : {figures}.",
    "uncertainty.why_too_many_failed": "Trop de tirages sans valeur pour dire ce qui fait varier : {figures}.",
    "uncertainty.why_no_input": "Aucune donnée n'est incertaine, donc rien ne fait varier : {figures}.",
    "uncertainty.scope": "Hors de cette dispersion : les contours, le scanner, les tissus attribués, les aiguilles "
    "pliées, la respiration, les vaisseaux et le modèle lui-même.",
    "uncertainty.where": "Écrit dans {path}.",
    "stage.sample": "Simulation des tirages",
    "stage.sensitivity": "Recherche de ce qui fait varier chaque résultat",
    "stage.tornado": "Simulation d'une donnée à la fois",
    "column.figure": "résultat",
    "column.plan_as_is": "comme prévu",
    "column.quantile_5": "5 %",
    "column.median": "médiane",
    "column.quantile_95": "95 %",
    "column.as_planned": "atteint comme prévu",
    "column.chance": "tirages qui l'atteignent",
    "column.chance_interval": "intervalle",
}
