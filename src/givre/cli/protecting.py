"""What the command protect does once the command line is understood: simulate, propose, write and show."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import get_args

from givre import api, wiring
from givre.adapters.results import check_results_folder
from givre.bioheat.assembly import LARGEST_VOXEL_MM
from givre.cli.exit_codes import ExitCode
from givre.cli.protect_summary import print_protections
from givre.cli.session import ProgressShow, Session
from givre.foundation.errors import InputError
from givre.planning.protection.kinds import ProtectionKind
from givre.planning.protection.search import ProtectionWishes
from givre.usecases.propose_protection import propose_protection
from givre.wiring_day import write_protection


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked on the command line.

    Attributes:
        only: kinds of protection, parted by commas.
        epidural: whether epidural injection may be proposed.
        coverage: wanted fraction of the tumour with its margin.
        take: numbers of the proposals to carry out together, parted by commas; empty for the best.
        voxel_mm: edge of the voxels of the search, unless those of the case are coarser.
        check: simulate what is carried out at the voxel size of the case too.
        time_limit_s: for the search.
    """

    only: str
    epidural: bool
    coverage: float
    take: str
    voxel_mm: float
    check: bool
    time_limit_s: float

    def wishes(self) -> ProtectionWishes:
        """The same as wishes.

        Raises:
            InputError: if a kind is unknown or a number makes no sense.
        """
        if not (math.isfinite(self.time_limit_s) and self.time_limit_s > 0):
            raise InputError(f"time limit {self.time_limit_s} s; give more than 0 s")
        if not 0 < self.coverage <= 1:
            raise InputError(f"coverage {self.coverage} of the grown tumour; give a fraction above 0 and up to 1")
        if not 0.4 <= self.voxel_mm <= LARGEST_VOXEL_MM:
            raise InputError(f"voxels of {self.voxel_mm} mm; give 0.4 to {LARGEST_VOXEL_MM} mm")
        known: dict[str, ProtectionKind] = {kind: kind for kind in get_args(ProtectionKind)}
        asked = [word.strip() for word in self.only.split(",") if word.strip()]
        strange = [word for word in asked if word not in known]
        if strange or not asked:
            raise InputError(f"kinds of protection {', '.join(strange) or 'none'}; use {', '.join(known)}")
        return ProtectionWishes(
            kinds=tuple(known[word] for word in asked),
            may_inject_epidurally=self.epidural,
            grown_coverage=self.coverage,
            voxel_mm=self.voxel_mm,
        )

    def numbers(self) -> tuple[int, ...]:
        """The proposals to take.

        Raises:
            InputError: if one is no number.
        """
        asked = [word.strip() for word in self.take.split(",") if word.strip()]
        strange = [word for word in asked if not word.isascii() or not word.isdigit() or int(word) < 1]
        if strange or (self.take and not asked):
            raise InputError(f"proposals to take {self.take!r}; give their numbers, parted by commas, as 1,3")
        return tuple(int(word) for word in asked)


def protect_organs(session: Session, case: Path, output: Path, asked: Asked, *, force: bool) -> ExitCode:
    """Read, simulate, propose, write and show; 4 when an organ stays without protection."""
    wishes, take = asked.wishes(), asked.numbers()
    check_results_folder(output, replace_foreign=force)
    began_s = monotonic()
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        show.stage("protect")
        protected = propose_protection(
            loaded.description,
            loaded.images,
            knowledge=wiring.knowledge(),
            solve=wiring.solver(threads=session.threads),
            wishes=wishes,
            take=take,
            in_full=asked.check,
            go_on=_until(monotonic() + asked.time_limit_s, asked.time_limit_s, show),
        )
        show.stage("write")
        document = write_protection(
            protected,
            output,
            source=case,
            language=session.texts.language,
            settings={
                "only": asked.only,
                "epidural": asked.epidural,
                "coverage_with_margin": asked.coverage,
                "take": asked.take,
                "voxel_mm": asked.voxel_mm,
                "check": asked.check,
                "time_limit_s": asked.time_limit_s,
                "threads": session.threads,
            },
            times_s={"all": monotonic() - began_s},
            replace_foreign=force,
        )
    code = ExitCode.OK if protected.is_protected else ExitCode.PLAN_UNSAFE
    if protected.found.figures.ending != "done":
        code = ExitCode.NOT_CONVERGED
    if session.as_json:
        session.print_json({**document, "results": str(output), "exit_code": int(code)})
    else:
        print_protections(session, protected, output)
    return code


def _until(end_s: float, limit_s: float, show: ProgressShow) -> Callable[[ProtectionKind, int], bool]:
    def go_on(kind: ProtectionKind, simulations: int) -> bool:
        left_s = end_s - monotonic()
        show.fraction(min(max(1.0 - left_s / limit_s, 0.0), 0.99))
        return left_s > 0

    return go_on
