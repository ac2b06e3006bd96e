"""The texts of the command that proposes protections, in English and French."""

from __future__ import annotations

PROTECT_ENGLISH = {
    "protect.help": "Propose how to spare organs.\n\n"
    "For every organ that passes its alarm or limit, each simulated: a layer of CO2 or fluid, a shorter freeze, "
    "another place of one probe, a thermocouple. Writes protection.json and .csv, and a case.toml of the best for each "
    "organ, carried out together.",
    "protect.example": "givre protect case.toml -o protection --only co2,shorter_freeze",
    "protect.only": "Kinds of protection to look for, separated by commas.",
    "protect.epidural": "Propose epidural injection where the tables allow it.",
    "protect.take": "Numbers of the proposals to carry out together in case.toml, as 1,3; by default the best for each "
    "organ.",
    "protect.voxel_mm": "Edge of the simulation voxels of the search, in mm, 0.4 to 2.5; thin layers are told better "
    "on finer ones.",
    "protect.check": "Simulate what is carried out at the voxel size of the case too.",
    "protect.heading": "{case}: protection of organs at risk",
    "protect.nothing": "Every organ stays above its alarm: nothing to protect.",
    "protect.unusable": "The simulation of the plan gave no usable result: nothing can be said of its organs. Enlarge "
    "the domain margin.",
    "protect.threat": "{organ}: {coldest} at {point} (LPS); to be kept above {least}",
    "protect.plan": "{grown} of tumour with margin covered, smallest margin {margin}",
    "protect.not_enough": "not enough: the organ is not kept",
    "protect.colder": "colder than without it: the layer conducts cold and brings no blood",
    "protect.costs": "costs: {missed}",
    "protect.needs": "the layer is simulated where it was drawn, at rest and unbroken, and the organ is not moved "
    "({status}); what it needs is in protection.json",
    "protect.status.recalled": "use in practice recalled, not checked",
    "protect.status.assumption": "assumption",
    "protect.voxel": "Proposals simulated at {voxel} mm voxels.",
    "protect.none": "No proposal keeps an organ at no cost: no case is written. --take writes one of your choice.",
    "protect.chosen": "Carried out in case.toml: {ranks}, together; at {voxel} mm voxels: {plan}",
    "protect.kept": "{organ}: {after}, above {least}",
    "protect.not_kept": "{organ}: {after}, NOT KEPT above {least}",
    "protect.where": "Written to {path}.",
    "stage.protect": "Looking for protections",
}

PROTECT_FRENCH = {
    "protect.help": "Proposer des protections d'organes.\n\n"
    "Pour chaque organe qui passe son alarme ou sa limite, chaque proposition étant simulée : une couche de CO2 ou de "
    "liquide, une congélation plus courte, une sonde placée ailleurs, un thermocouple. Écrit protection.json et .csv, "
    "et un case.toml des meilleures, une par organe, appliquées ensemble.",
    "protect.example": "givre protect case.toml -o protection --only co2,shorter_freeze",
    "protect.only": "Genres de protection à chercher, séparés par des virgules.",
    "protect.epidural": "Proposer une injection épidurale là où les tables la permettent.",
    "protect.take": "Numéros des propositions à appliquer ensemble dans case.toml, par exemple 1,3 ; par défaut la "
    "meilleure pour chaque organe.",
    "protect.voxel_mm": "Arête des voxels de la recherche, en mm, de 0,4 à 2,5 ; des voxels plus fins jugent mieux une "
    "couche mince.",
    "protect.check": "Simuler aussi à la taille de voxel du cas ce qui est appliqué.",
    "protect.heading": "{case} : protection des organes à risque",
    "protect.nothing": "Chaque organe reste au-dessus de son alarme : rien à protéger.",
    "protect.unusable": "La simulation du plan n'a pas donné de résultat utilisable : on ne peut rien dire des "
    "organes. Agrandir la marge du domaine.",
    "protect.threat": "{organ} : {coldest} en {point} (LPS) ; à garder au-dessus de {least}",
    "protect.plan": "{grown} de la tumeur avec marge couverte, plus petite marge {margin}",
    "protect.not_enough": "insuffisant : l'organe n'est pas protégé",
    "protect.colder": "plus froid que sans : la couche conduit le froid et n'apporte pas de sang",
    "protect.costs": "coûte : {missed}",
    "protect.needs": "la couche est simulée là où elle est dessinée, immobile et continue, sans déplacer l'organe "
    "({status}) ; ce qu'il faut pour la faire est dans protection.json",
    "protect.status.recalled": "usage en pratique cité de mémoire, non vérifié",
    "protect.status.assumption": "hypothèse",
    "protect.voxel": "Propositions simulées avec des voxels de {voxel} mm.",
    "protect.none": "Aucune proposition ne protège un organe sans rien coûter : aucun cas n'est écrit. --take écrit "
    "celle que l'on choisit.",
    "protect.chosen": "Appliqué dans case.toml : {ranks}, ensemble ; avec des voxels de {voxel} mm : {plan}",
    "protect.kept": "{organ} : {after}, au-dessus de {least}",
    "protect.not_kept": "{organ} : {after}, NON PROTÉGÉ, voulu au-dessus de {least}",
    "protect.where": "Écrit dans {path}.",
    "stage.protect": "Recherche de protections",
}
