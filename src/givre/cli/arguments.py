"""Global options may stand anywhere on the command line: they are moved in front, where Typer wants them."""

from __future__ import annotations

from collections.abc import Sequence

_FLAGS = ("--json", "--quiet", "-q", "--debug")
_WITH_VALUE = ("--lang", "--seed", "--threads")


def global_options_first(arguments: Sequence[str]) -> list[str]:
    """The same arguments with the global options first; nothing after -- is touched.

    >>> global_options_first(["simulate", "case.toml", "--threads", "2", "-o", "out", "--json"])
    ['--threads', '2', '--json', 'simulate', 'case.toml', '-o', 'out']
    """
    first: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            rest += arguments[position:]
            break
        takes_next = argument in _WITH_VALUE and position + 1 < len(arguments)
        width = 2 if takes_next else 1
        is_global = argument in _FLAGS or argument.split("=", 1)[0] in _WITH_VALUE
        (first if is_global else rest).extend(arguments[position : position + width])
        position += width
    return first + rest
