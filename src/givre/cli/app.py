"""The tree of commands, in one language."""

from __future__ import annotations

import typer

from givre.cli.bundle_commands import add_bundle_commands
from givre.cli.calibration_commands import add_calibration_commands
from givre.cli.case_commands import add_case_commands
from givre.cli.catalogue_commands import add_catalogue_commands
from givre.cli.cohort_commands import add_cohort_commands
from givre.cli.exit_codes import MEANINGS
from givre.cli.groups import CONTEXT, group_class, page
from givre.cli.language import Texts
from givre.cli.machine_commands import add_machine_commands
from givre.cli.placement_commands import add_placement_commands
from givre.cli.planning_commands import add_planning_commands
from givre.cli.protect_commands import add_protect_commands
from givre.cli.replan_commands import add_replan_commands
from givre.cli.root import add_root
from givre.cli.trajectory_commands import add_trajectory_commands
from givre.cli.uncertainty_commands import add_uncertainty_commands
from givre.cli.verification_commands import add_verification_commands


def build_app(texts: Texts) -> typer.Typer:
    """Every command of givre; importing and building it loads nothing heavy."""
    app = typer.Typer(
        name="givre",
        cls=group_class(texts),
        help=root_page(texts),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT,
    )
    add_root(app, texts)
    add_planning_commands(app, texts)
    add_trajectory_commands(app, texts)
    add_placement_commands(app, texts)
    add_uncertainty_commands(app, texts)
    add_replan_commands(app, texts)
    add_protect_commands(app, texts)
    add_cohort_commands(app, texts)
    add_case_commands(app, texts)
    add_bundle_commands(app, texts)
    add_catalogue_commands(app, texts)
    add_calibration_commands(app, texts)
    add_verification_commands(app, texts)
    add_machine_commands(app, texts)
    return app


def root_page(texts: Texts) -> str:
    """The help of givre itself, with the table of exit codes."""
    french = texts.language == "fr"
    codes = "\n".join(f"  {int(code):>3}  {meaning[1 if french else 0]}" for code, meaning in MEANINGS.items())
    return f"{page(texts, 'root')}\n\n\b\n{texts('root.exit_codes')}\n{codes}\n\n{texts('root.anywhere')}"
