"""Help pages in the language of the screen: Typer's own words are English only."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from givre.cli.language import Texts

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 92}

_FRENCH = (
    ("Usage: ", "Usage : "),
    ("Commands:\n", "Commandes :\n"),
    ("Options:\n", "Options :\n"),
    ("Arguments:\n", "Arguments :\n"),
    ("Show this message and exit.", "Afficher cette aide et s'arrêter."),
    ("[required]", "[obligatoire]"),
    ("[default:", "[par défaut :"),
    ("; required]", " ; obligatoire]"),
    ("COMMAND [ARGS]...", "COMMANDE [ARGUMENTS]..."),
)


def in_french(page: str) -> str:
    """A help page with Typer's words in French."""
    for english, french in _FRENCH:
        page = page.replace(english, french)
    return page


class FrenchCommand(TyperCommand):
    """A command whose help page is in French."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return in_french(super().get_help(ctx))


class FrenchGroup(TyperGroup):
    """A group of commands whose help page is in French."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return in_french(super().get_help(ctx))


def command_class(texts: Texts) -> type[TyperCommand]:
    """How a command shows its help in this language."""
    return FrenchCommand if texts.language == "fr" else TyperCommand


def group_class(texts: Texts) -> type[TyperGroup]:
    """How a group shows its help in this language."""
    return FrenchGroup if texts.language == "fr" else TyperGroup


def page(texts: Texts, key: str) -> str:
    """The help of one command: what it does and an example."""
    return f"{texts(f'{key}.help')}\n\n\b\n{texts('example')}\n  {texts(f'{key}.example')}"


def new_group(texts: Texts, key: str) -> typer.Typer:
    """An empty group of commands."""
    return typer.Typer(
        cls=group_class(texts),
        help=page(texts, key),
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=CONTEXT,
    )
