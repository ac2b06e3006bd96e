"""The texts of the commands of the day, in English and French."""

from __future__ import annotations

REPLAN_ENGLISH = {
    "replan.help": "Find what restores a plan on the day.\n\n"
    "Predicts what the probes as really placed will do, compares it with the plan, and looks for the smallest change "
    "that restores its goals: a longer freeze, moving one probe, adding one, delaying one, each simulated. Writes "
    "replan.json, changes.csv and a case.toml of the recommended plan.",
    "replan.example": "givre replan case.toml --placed placed.csv -o day",
    "replan.placed": "Probes as placed: a CSV with label, entry_x_mm, entry_y_mm, entry_z_mm, tip_x_mm, tip_y_mm, "
    "tip_z_mm (LPS), or a second case.toml.",
    "replan.probe": "LABEL=ex,ey,ez:tx,ty,tz: entry and tip of one placed probe in mm (LPS), instead of --placed. "
    "Repeat it for each probe.",
    "replan.left_out": "Label of a probe of the plan that was not placed, on purpose. May be repeated.",
    "replan.only": "Kinds of change to try, in this order, separated by commas.",
    "replan.all_goals": "Ask for every goal of the case, those too that the plan itself missed.",
    "replan.coverage": "Wanted fraction of the tumour grown by the margin inside the lethal zone.",
    "replan.longest_freeze": "Longest freeze that may be proposed, in minutes; 15 by default.",
    "replan.most_move": "Largest displacement of a tip that may be proposed, in mm; 12 by default.",
    "replan.check": "Simulate what restores the goals at the voxel size of the case too.",
    "replan.time_limit": "Time for the search in seconds; what was found by then is shown.",
    "replan.heading": "{case}: probes as placed",
    "replan.path": "path of {probe}: {reasons}",
    "replan.crossing": "shafts of {probes} touch or nearly do: check the coordinates",
    "replan.missed": "Missed as placed: {missed}",
    "replan.nothing": "Nothing has to be changed: the placed probes reach what the plan reached.",
    "replan.do": "To restore the goals: {told}",
    "replan.none": "No change restores the goals. Nearest: {told}\nWhat binds: {binding}",
    "replan.restores": "restores: {told}",
    "replan.misses": "best: {told} Still missed: {missed}",
    "replan.full": "at {voxel} mm voxels: {grown} of tumour with margin covered, smallest margin {margin}",
    "replan.time": "Predicted in {seconds} s, at {voxel} mm voxels.",
    "replan.where": "Written to {path}; simulate its case.toml for the dossier.",
    "stage.predict": "Predicting the probes as placed",
    "stage.restore": "Looking for the smallest change",
    "column.planned": "planned",
    "column.placed": "placed",
    "column.recommended": "after the change",
}

REPLAN_FRENCH = {
    "replan.help": "Rétablir un plan le jour même.\n\n"
    "Prévoit ce que feront les sondes telles qu'elles sont posées, compare au plan, et cherche le plus petit "
    "changement qui rétablit ses objectifs : une congélation plus longue, une sonde déplacée, une sonde de plus, un "
    "départ retardé, chaque essai étant simulé. Écrit replan.json, changes.csv et un case.toml du plan recommandé.",
    "replan.example": "givre replan case.toml --placed posees.csv -o jour",
    "replan.placed": "Sondes posées : un CSV avec label, entry_x_mm, entry_y_mm, entry_z_mm, tip_x_mm, tip_y_mm, "
    "tip_z_mm (LPS), ou un second case.toml.",
    "replan.probe": "NOM=ex,ey,ez:px,py,pz : entrée et pointe d'une sonde posée, en mm (LPS), à la place de --placed. "
    "À répéter pour chaque sonde.",
    "replan.left_out": "Nom d'une sonde du plan qui n'a volontairement pas été posée. Peut être répété.",
    "replan.only": "Genres de changement à essayer, dans cet ordre, séparés par des virgules.",
    "replan.all_goals": "Demander tous les objectifs du cas, y compris ceux que le plan manquait déjà.",
    "replan.coverage": "Part voulue de la tumeur agrandie de la marge dans la zone létale.",
    "replan.longest_freeze": "Plus longue congélation qui peut être proposée, en minutes ; 15 par défaut.",
    "replan.most_move": "Plus grand déplacement d'une pointe qui peut être proposé, en mm ; 12 par défaut.",
    "replan.check": "Simuler aussi à la taille de voxel du cas ce qui rétablit les objectifs.",
    "replan.time_limit": "Temps de recherche en secondes ; ce qui est trouvé d'ici là est montré.",
    "replan.heading": "{case} : sondes telles que posées",
    "replan.path": "trajet de {probe} : {reasons}",
    "replan.crossing": "les tiges de {probes} se touchent ou presque : vérifier les coordonnées",
    "replan.missed": "Manqué dans cette position : {missed}",
    "replan.nothing": "Rien à changer : les sondes posées atteignent ce que le plan atteignait.",
    "replan.do": "Pour rétablir les objectifs : {told}",
    "replan.none": "Aucun changement ne rétablit les objectifs. Le plus proche : {told}\nCe qui bloque : {binding}",
    "replan.restores": "rétablit : {told}",
    "replan.misses": "au mieux : {told} Encore manqué : {missed}",
    "replan.full": "avec des voxels de {voxel} mm : {grown} de la tumeur avec marge couverte, plus petite "
    "marge {margin}",
    "replan.time": "Prévu en {seconds} s, avec des voxels de {voxel} mm.",
    "replan.where": "Écrit dans {path} ; simuler son case.toml pour le dossier.",
    "stage.predict": "Prévision pour les sondes posées",
    "stage.restore": "Recherche du plus petit changement",
    "column.planned": "prévu",
    "column.placed": "posé",
    "column.recommended": "après le changement",
}
