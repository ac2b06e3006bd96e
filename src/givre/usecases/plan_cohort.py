"""Plan a cohort: the same task on case after case, each with its own result; a case that fails spares the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from givre.foundation.errors import GivreError, InputError
from givre.planning.trial.many import Cancelled
from givre.planning.trial.series import Engine, Outcome

CaseVerdict = Literal["safe", "unsafe", "unusable"]
"""All goals met; a goal missed or unknown; a run without usable result."""
GOALS_MISSED = "goals_missed"
"""Name of the figure that lists, in words, the goals that a case misses."""
SEARCH = "search"
"""Name of the figure that says how the search of a plan ended: `COMPLETE`, `BEST_SO_FAR`, or empty without a search."""
COMPLETE, BEST_SO_FAR = "complete", "best so far"

CaseState = Literal["safe", "unsafe", "unusable", "failed", "not_run"]
Settings_contra = TypeVar("Settings_contra", contravariant=True)
Settings = TypeVar("Settings")


class EmptyCohort(InputError):
    """A folder without a case."""

    code = "EMPTY_COHORT"


class CaseOutOfReach(GivreError):
    """A case file that the machine that computes does not see, or sees otherwise."""

    code = "CASE_OUT_OF_REACH"


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortCase:
    """One case of a cohort.

    Attributes:
        name: the folder of the case within the cohort, as one word; its result folder has the same name.
        file: the case file, absolute.
        sha256: of the case file.
        fault: why the case cannot even be begun; empty if it can.
    """

    name: str
    file: Path
    sha256: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigure:
    """One figure of a case, with its unit as in results.json ("1", "mm", "degC", "mL", "s"; "" for a word)."""

    name: str
    value: float | str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDone:
    """What a task hands back for one case.

    Attributes:
        case_id: the id in the case file.
        verdict: how the plan is judged.
        sentence: how the run ended.
        figures: what is compared from case to case; the same names, in the same order, for all.
        files: the content of each file of the result folder, by its path there.
        inputs_sha256: hash of all that went in; empty when it cannot be known, and nothing is then resumed.
        time_s: wall time the case took.
    """

    case_id: str
    verdict: CaseVerdict
    sentence: str
    figures: tuple[CaseFigure, ...]
    files: Mapping[str, bytes]
    inputs_sha256: str
    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the table of a cohort.

    Attributes:
        name: of the case in the cohort.
        state: how it is judged, or that it failed or was not run.
        case_id: the id in the case file; empty when it could not be read.
        sentence: how the run ended.
        figures: what is compared from case to case.
        time_s: wall time the case took; NaN when it gave no result.
        error_code: of the refusal, for a case that failed.
        error: its sentence.
        exit_code: what `givre` would have ended with for this case alone.
        inputs_sha256: hash of all that went in.
        results_sha256: hash of the result folder.
        is_kept: whether it was found done, with unchanged inputs, and not computed again.
    """

    name: str
    state: CaseState = "not_run"
    case_id: str = ""
    sentence: str = ""
    figures: tuple[CaseFigure, ...] = ()
    time_s: float = float("nan")
    error_code: str = ""
    error: str = ""
    exit_code: int = 0
    inputs_sha256: str = ""
    results_sha256: str = ""
    is_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The table of a cohort.

    Attributes:
        rows: one for each case, in the order of their names.
    """

    rows: tuple[CaseRow, ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """How many cases are in each state."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def is_complete(self) -> bool:
        """Whether every case was begun and ended, well or not."""
        return all(row.state != "not_run" for row in self.rows)


class CohortTask(Protocol[Settings_contra]):
    """What is done to one case: a function at the top of a module, see `RunMany`; it writes nothing that stays."""

    def __call__(self, settings: Settings_contra, case: CohortCase, /) -> CaseDone:
        """Raises GivreError when the case is refused."""
        ...


class CohortStore(Protocol):
    """Where the results of a cohort are kept."""

    def kept(self, case: CohortCase) -> CaseRow | None:
        """The row of a case that is done, whole, with inputs unchanged; None when it must be computed."""
        ...

    def keep(self, case: CohortCase, done: CaseDone) -> str:
        """Keep the files of a case, whole or not at all; the hash of what was kept.

        Raises:
            OutsideError: when they cannot be written.
        """
        ...

    def keep_table(self, cohort: Cohort) -> None:
        """Keep the table; a reader finds the old one or the new one, never a part."""
        ...


ToldOfCase = Callable[[CaseRow, int, int], bool]
"""Given the row of a case that ended, how many have ended and how many there are, returns whether to go on."""


def plan_cohort(
    cases: Sequence[CohortCase],
    *,
    task: CohortTask[Settings],
    settings: Settings,
    engine: Engine,
    store: CohortStore,
    told: ToldOfCase | None = None,
) -> Cohort:
    """Do a task for each case and keep its result; a case that fails becomes a row that says why.

    The table is kept after every case, so that what is done stays done whatever happens.

    Args:
        cases: in the order of the table.
        task: what is done to each.
        settings: the same for all.
        engine: where it is done.
        store: where results are kept, and found again.
        told: told of each case that ended; may end the series.

    Raises:
        EmptyCohort: if there is no case.
        Cancelled: if `told` ended the series.
        GivreError: when the engine or the store cannot go on for any case.
    """
    if not cases:
        raise EmptyCohort("the cohort holds no case.toml; give the folder above the folders of the cases")
    rows = {case.name: _first_row(case, store) for case in cases}
    todo = [case for case in cases if rows[case.name].state == "not_run"]
    store.keep_table(_cohort(rows))
    done = len(cases) - len(todo)
    with closing(engine.each(task, settings, todo)) as outcomes:
        for outcome in outcomes:
            case, done = todo[outcome.index], done + 1
            row = rows[case.name] = _row(case, outcome, store)
            store.keep_table(_cohort(rows))
            if told is not None and not told(row, done, len(cases)):
                raise Cancelled(f"ended after {done} of {len(cases)} cases; go on with --resume")
    return _cohort(rows)


def _cohort(rows: Mapping[str, CaseRow]) -> Cohort:
    return Cohort(rows=tuple(rows.values()))


def _first_row(case: CohortCase, store: CohortStore) -> CaseRow:
    if case.fault:
        return _failed(case, InputError(case.fault))
    return store.kept(case) or CaseRow(name=case.name)


def _row(case: CohortCase, outcome: Outcome[CaseDone], store: CohortStore) -> CaseRow:
    done = outcome.result
    if outcome.error is not None or done is None:
        return _failed(case, outcome.error or RuntimeError())
    try:
        results_sha256 = store.keep(case, done)
    except GivreError as error:
        return _failed(case, error)
    exit_codes = {"safe": 0, "unsafe": 4, "unusable": 5}
    return CaseRow(
        name=case.name,
        state=done.verdict,
        case_id=done.case_id,
        sentence=done.sentence,
        figures=done.figures,
        time_s=done.time_s,
        exit_code=exit_codes[done.verdict],
        inputs_sha256=done.inputs_sha256,
        results_sha256=results_sha256,
    )


def _failed(case: CohortCase, error: Exception) -> CaseRow:
    if isinstance(error, GivreError):
        return CaseRow(
            name=case.name, state="failed", error_code=error.code, error=str(error), exit_code=error.exit_code
        )
    sentence = f"unexpected fault ({type(error).__name__}); simulate this case alone with --debug and report it"
    return CaseRow(name=case.name, state="failed", error_code="BUG", error=sentence, exit_code=1)
