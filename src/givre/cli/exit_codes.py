"""What the exit status of a command means, for scripts."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit status of every givre command."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    INVALID_INPUT = 3
    PLAN_UNSAFE = 4
    NOT_CONVERGED = 5
    VERIFICATION_FAILED = 6
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: dict[ExitCode, tuple[str, str]] = {
    ExitCode.OK: ("all went well", "tout s'est bien passé"),
    ExitCode.FAILURE: ("something outside failed, or a bug", "une panne extérieure, ou un bogue"),
    ExitCode.USAGE: ("the command line is wrong", "la ligne de commande est fausse"),
    ExitCode.INVALID_INPUT: ("a case, image or plan was refused", "un cas, une image ou un plan a été refusé"),
    ExitCode.PLAN_UNSAFE: (
        "simulated and written, but a goal is not met",
        "simulé et écrit, mais un objectif n'est pas atteint",
    ),
    ExitCode.NOT_CONVERGED: (
        "the simulation gave no usable result",
        "la simulation n'a pas donné de résultat utilisable",
    ),
    ExitCode.VERIFICATION_FAILED: ("a verification card failed", "une fiche de vérification a échoué"),
    ExitCode.INTERRUPTED: ("stopped by Ctrl-C, nothing written", "arrêté par Ctrl-C, rien n'est écrit"),
    ExitCode.TERMINATED: ("stopped by the system, nothing written", "arrêté par le système, rien n'est écrit"),
}
"""English and French meaning of each code."""
