"""The texts about plans that hold in a share of the samples, in English and French."""

from __future__ import annotations

QUANTILE_ENGLISH = {
    "plan.quantile": "Share of the samples in which the plan is to hold when needles, tissues, cryoprobes and the "
    "threshold vary, as 0.9: coverage with margin reached and every organ above its limit. The proposed plans and "
    "small changes of them are judged on the same samples. Takes minutes.",
    "plan.samples": "Samples for --quantile; at least 20 for 0.9.",
    "stage.quantile": "Looking for a plan that holds in the wanted share of the samples",
    "quantile.nothing": "Plan for {share} of the samples: none was judged; give the search more time.",
    "quantile.asked": "Plan that holds in {share} of {samples} samples (draws of seed {seed}): {covered} of the tumour "
    "with its margin covered and every organ above its limit.",
    "quantile.already": "Plan 1 does: it holds in {held} of the samples ({low} to {high}).",
    "quantile.reached": "Found, from plan {proposal} ({changes}): it holds in {held} of the samples ({low} to {high}); "
    "plan 1 in {first}.",
    "quantile.not_reached": "No plan does. The best found, from plan {proposal} ({changes}), holds in {held} of the "
    "samples ({low} to {high}); plan 1 in {first}. What is missed most: {goal}, in {missed} of the samples.",
    "quantile.ended_early": "This search was ended before no change helped any more.",
    "quantile.tried": "{plans} plans judged. Spreads are those of the tables, most of them assumed: this ranks plans "
    "and is no chance of cure.",
    "quantile.where": "Its case: {path}; simulate it before it is used.",
    "quantile.column_figure": "figure",
    "quantile.column_first": "plan 1 as planned",
    "quantile.column_first_low": "plan 1, in {share}",
    "quantile.column_best": "best as planned",
    "quantile.column_best_low": "best, in {share}",
    "quantile.coverage": "covered",
    "quantile.coverage_with_margin": "covered with margin",
    "quantile.margin_mm": "smallest margin",
    "quantile.organ": "{organ}, coldest place",
    "quantile.unchanged": "unchanged",
    "quantile.change_deeper": "deeper",
    "quantile.change_shallower": "less deep",
    "quantile.change_shifted": "shifted",
    "quantile.change_wider": "probes farther apart",
    "quantile.change_narrower": "probes closer together",
    "quantile.change_longer_freeze": "longer freezes",
    "quantile.change_shorter_freeze": "shorter freezes",
    "quantile.change_added_probe": "one probe more",
}

QUANTILE_FRENCH = {
    "plan.quantile": "Part des tirages dans laquelle le plan doit tenir quand aiguilles, tissus, cryosondes et seuil "
    "varient, comme 0.9 : couverture avec marge atteinte et chaque organe au-dessus de sa limite. Les plans proposés "
    "et de petites variantes sont jugés sur les mêmes tirages. Prend quelques minutes.",
    "plan.samples": "Nombre de tirages pour --quantile ; au moins 20 pour 0.9.",
    "stage.quantile": "Recherche d'un plan qui tient dans la part voulue des tirages",
    "quantile.nothing": "Plan pour {share} des tirages : aucun n'a été jugé ; donnez plus de temps à la recherche.",
    "quantile.asked": "Plan qui tient dans {share} de {samples} tirages (graine {seed}) : {covered} de la tumeur avec "
    "sa marge couverts et chaque organe au-dessus de sa limite.",
    "quantile.already": "Le plan 1 y parvient : il tient dans {held} des tirages (de {low} à {high}).",
    "quantile.reached": "Trouvé, à partir du plan {proposal} ({changes}) : il tient dans {held} des tirages (de {low} "
    "à {high}) ; le plan 1 dans {first}.",
    "quantile.not_reached": "Aucun plan n'y parvient. Le meilleur trouvé, à partir du plan {proposal} ({changes}), "
    "tient dans {held} des tirages (de {low} à {high}) ; le plan 1 dans {first}. Ce qui manque le plus souvent : "
    "{goal}, dans {missed} des tirages.",
    "quantile.ended_early": "Cette recherche a été arrêtée alors qu'une variante pouvait encore aider.",
    "quantile.tried": "{plans} plans jugés. Les dispersions sont celles des tables, la plupart supposées : cela classe "
    "des plans et n'est pas une chance de guérison.",
    "quantile.where": "Son cas : {path} ; simulez-le avant de l'utiliser.",
    "quantile.column_figure": "valeur",
    "quantile.column_first": "plan 1 tel que prévu",
    "quantile.column_first_low": "plan 1, dans {share}",
    "quantile.column_best": "meilleur tel que prévu",
    "quantile.column_best_low": "meilleur, dans {share}",
    "quantile.coverage": "couverture",
    "quantile.coverage_with_margin": "couverture avec marge",
    "quantile.margin_mm": "plus petite marge",
    "quantile.organ": "{organ}, point le plus froid",
    "quantile.unchanged": "inchangé",
    "quantile.change_deeper": "plus profond",
    "quantile.change_shallower": "moins profond",
    "quantile.change_shifted": "décalé",
    "quantile.change_wider": "sondes plus écartées",
    "quantile.change_narrower": "sondes plus rapprochées",
    "quantile.change_longer_freeze": "congélations plus longues",
    "quantile.change_shorter_freeze": "congélations plus courtes",
    "quantile.change_added_probe": "une sonde de plus",
}
