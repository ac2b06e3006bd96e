"""The texts of the command that proposes protections, in English and French."""

from __future__ import annotations

PROTECT_ENGLISH = {
    "protect.help": "Propose how to spare organs.\n\n"
    "For every organ that passes its alarm or limit, each simulated: a layer of CO2 or fluid, a shorter freeze, "
    "another place of one probe, a thermocouple. Writes protection.json and .csv, and a case.toml of the best.",
    "protect.example": "givre protect case.toml -o protection --only co2,shorter_freeze",
    "protect.only": "Kinds of protection to look for, separated by commas.",
    "protect.epidural": "Propose epidural injection where the tables allow it.",
    "protect.heading": "{case}: protection of organs at risk",
    "protect.nothing": "Every organ stays above its alarm: nothing to protect.",
    "protect.unusable": "The simulation of the plan gave no usable result: nothing can be said of its organs. Enlarge "
    "the domain margin.",
    "protect.threat": "{organ}: {coldest} at {point} (LPS); to be kept above {least}",
    "protect.plan": "{grown} of tumour with margin covered, smallest margin {margin}",
    "protect.not_enough": "not enough: the organ is not kept",
    "protect.costs": "costs: {missed}",
    "protect.needs": "the layer is simulated where it was drawn, at rest and unbroken, and the organ is not moved "
    "({status}); what it needs is in protection.json",
    "protect.status.recalled": "use in practice recalled, not checked",
    "protect.status.assumption": "assumption",
    "protect.where": "Written to {path}; where a proposal keeps its organ at no cost, its case.toml can be simulated.",
    "stage.protect": "Looking for protections",
}

PROTECT_FRENCH = {
    "protect.help": "Proposer des protections d'organes.\n\n"
    "Pour chaque organe qui passe son alarme ou sa limite, chaque proposition étant simulée : une couche de CO2 ou de "
    "liquide, une congélation plus courte, une sonde placée ailleurs, un thermocouple. Écrit protection.json et .csv, "
    "et un case.toml de la meilleure.",
    "protect.example": "givre protect case.toml -o protection --only co2,shorter_freeze",
    "protect.only": "Genres de protection à chercher, séparés par des virgules.",
    "protect.epidural": "Proposer une injection épidurale là où les tables la permettent.",
    "protect.heading": "{case} : protection des organes à risque",
    "protect.nothing": "Chaque organe reste au-dessus de son alarme : rien à protéger.",
    "protect.unusable": "La simulation du plan n'a pas donné de résultat utilisable : on ne peut rien dire des "
    "organes. Agrandir la marge du domaine.",
    "protect.threat": "{organ} : {coldest} en {point} (LPS) ; à garder au-dessus de {least}",
    "protect.plan": "{grown} de la tumeur avec marge couverte, plus petite marge {margin}",
    "protect.not_enough": "insuffisant : l'organe n'est pas protégé",
    "protect.costs": "coûte : {missed}",
    "protect.needs": "la couche est simulée là où elle est dessinée, immobile et continue, sans déplacer l'organe "
    "({status}) ; ce qu'il faut pour la faire est dans protection.json",
    "protect.status.recalled": "usage en pratique cité de mémoire, non vérifié",
    "protect.status.assumption": "hypothèse",
    "protect.where": "Écrit dans {path} ; si une proposition protège son organe sans rien coûter, son case.toml peut "
    "être simulé.",
    "stage.protect": "Recherche de protections",
}
