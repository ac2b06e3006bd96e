"""The texts of batches and of the options that say where many simulations run, in English and French."""

from __future__ import annotations

COHORT_ENGLISH = {
    "option.workers": "How many worker processes of this machine share the work; by default this process does it all.",
    "option.scheduler": "Work on a Dask cluster: tcp://HOST:PORT, tls://HOST:PORT, or the scheduler file that Dask "
    "wrote. GIVRE_SCHEDULER stands in for it.",
    "option.security": "TOML file that names ca_file, cert_file and key_file for tls://. GIVRE_SCHEDULER_SECURITY "
    "stands in for it.",
    "engine.open_wire": "The scheduler is reached without encryption: whoever listens on that network can read the "
    "images. Use tls:// outside a closed network.",
    "batch.help": "Plan or simulate every case of a folder.\n\n"
    "Each case.toml under the folder gets a result folder of its own, complete or absent; cohort.csv and cohort.json "
    "hold one row per case. A case that fails does not stop the others. The exit code is that of the worst case.",
    "batch.example": "givre batch cohort -o results --workers 4",
    "batch.folder": "The folder above the folders of the cases.",
    "batch.output": "Folder of the results of all cases.",
    "batch.task": "What to do with each case: simulate its plan, or plan it anew with its probe models.",
    "batch.time_limit": "Seconds after which the search of a plan ends in each case, with --task plan; the best plan "
    "so far is kept and labelled so.",
    "batch.resume": "Leave cases alone that are done and whose files have not changed.",
    "batch.force": "Compute all again where an earlier batch is.",
    "batch.title": "{done} of {total} cases, in {path}",
    "batch.kept": "Not computed again: {count}.",
    "batch.failed": "{case}: [{code}] {message}",
    "batch.stopped": "stopped; cases that ended in this batch: {done}. What is done is in {path}; go on with --resume",
    "stage.batch": "Working through the cases",
    "column.case": "case",
    "column.state": "outcome",
    "column.probes": "probes",
    "column.coverage": "coverage",
    "column.smallest_margin": "smallest margin",
    "column.worst_organ": "organ nearest its limit",
    "column.time": "time",
    "column.why": "why",
    "batch.best_so_far": "best plan so far: time was up",
    "state.safe": "goals met",
    "state.unsafe": "GOALS MISSED",
    "state.unusable": "NO RESULT",
    "state.failed": "FAILED",
    "state.not_run": "not run",
}
"""English texts by key."""

COHORT_FRENCH = {
    "option.workers": "Nombre de processus de calcul sur cette machine ; par défaut un seul fait tout.",
    "option.scheduler": "Calculer sur une grappe Dask : tcp://HÔTE:PORT, tls://HÔTE:PORT, ou le fichier écrit par son "
    "ordonnanceur. GIVRE_SCHEDULER en tient lieu.",
    "option.security": "Fichier TOML qui nomme ca_file, cert_file et key_file pour tls://. GIVRE_SCHEDULER_SECURITY en "
    "tient lieu.",
    "engine.open_wire": "L'ordonnanceur est joint sans chiffrement : qui écoute ce réseau peut lire les images. "
    "Utiliser tls:// hors d'un réseau fermé.",
    "batch.help": "Simuler ou planifier tous les cas d'un dossier.\n\n"
    "Chaque case.toml sous le dossier reçoit son propre dossier de résultats, complet ou absent ; cohort.csv et "
    "cohort.json ont une ligne par cas. Un cas qui échoue n'arrête pas les autres. Le code de sortie est celui du pire "
    "cas.",
    "batch.example": "givre batch cohorte -o resultats --workers 4",
    "batch.folder": "Le dossier qui contient les dossiers des cas.",
    "batch.output": "Dossier des résultats de tous les cas.",
    "batch.task": "Que faire de chaque cas : simulate simule son plan, plan en propose un avec ses modèles de sonde.",
    "batch.time_limit": "Secondes après lesquelles la recherche d'un plan s'arrête dans chaque cas, avec --task plan ; "
    "le meilleur plan trouvé est gardé et désigné comme tel.",
    "batch.resume": "Laisser les cas déjà faits dont les fichiers n'ont pas changé.",
    "batch.force": "Tout recalculer là où se trouve un lot précédent.",
    "batch.title": "{done} cas sur {total}, dans {path}",
    "batch.kept": "Non recalculés : {count}.",
    "batch.failed": "{case} : [{code}] {message}",
    "batch.stopped": "arrêté ; cas terminés dans ce lot : {done}. Ce qui est fait est dans {path} ; "
    "reprendre par --resume",
    "stage.batch": "Traitement des cas",
    "column.case": "cas",
    "column.state": "issue",
    "column.probes": "sondes",
    "column.coverage": "couverture",
    "column.smallest_margin": "plus petite marge",
    "column.worst_organ": "organe le plus près de sa limite",
    "column.time": "temps",
    "column.why": "raison",
    "batch.best_so_far": "meilleur plan trouvé : temps écoulé",
    "state.safe": "objectifs atteints",
    "state.unsafe": "OBJECTIFS MANQUÉS",
    "state.unusable": "PAS DE RÉSULTAT",
    "state.failed": "ÉCHEC",
    "state.not_run": "non traité",
}
"""French texts by key."""
