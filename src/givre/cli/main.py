"""Where the `givre` command begins and ends: choose the language, run, turn every failure into a line and a code."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from givre.cli.app import build_app
from givre.cli.arguments import global_options_first
from givre.cli.error_titles import title_of
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts, choose_language
from givre.cli.session import safe_text
from givre.foundation.errors import GivreError

COMPLETE_VARIABLE = "_GIVRE_COMPLETE"
"""Set by the completion script of a shell when it asks what could follow."""


def run() -> NoReturn:
    """The entry point of the `givre` script."""
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    texts = Texts(choose_language(arguments, os.environ))
    ordered = global_options_first(arguments)
    if COMPLETE_VARIABLE in os.environ:
        from typer.completion import (  # type: ignore[attr-defined]  # Typer's own  # noqa: PLC0415
            completion_init,
        )

        completion_init()
    try:
        build_app(texts)(args=ordered, prog_name="givre")
    except SystemExit as stopped:
        return _code_of(stopped, texts, ordered)
    except KeyboardInterrupt:  # pressed before a command began, or while one was cleaning up
        _say(ordered, "INTERRUPTED", texts("error.interrupted"), "")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return ExitCode.FAILURE
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence instead of a traceback
        return _fail(error, texts, ordered)
    return ExitCode.OK


def _code_of(stopped: SystemExit, texts: Texts, arguments: Sequence[str]) -> int:
    code = stopped.code if isinstance(stopped.code, int) else ExitCode.OK if stopped.code is None else ExitCode.FAILURE
    if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        _say(arguments, "INTERRUPTED", texts("error.interrupted"), "")
    return int(code)


def _fail(error: Exception, texts: Texts, arguments: Sequence[str]) -> int:
    if "--debug" in arguments:
        traceback.print_exception(error)
    if isinstance(error, GivreError):
        colon = " : " if texts.language == "fr" else ": "
        _say(arguments, error.code, f"{title_of(error.code, texts.language)}{colon}{error}", texts("error"))
        return error.exit_code
    if isinstance(error, MemoryError):
        _say(arguments, "MEMORY", texts("error.memory"), texts("error"))
    elif isinstance(error, OSError):
        what = f"{error.strerror or type(error).__name__}" + (f" ({error.filename})" if error.filename else "")
        _say(arguments, "SYSTEM", texts("error.system", what=what), texts("error"))
    else:
        _say(arguments, "BUG", texts("error.bug", kind=type(error).__name__), texts("error"))
    return ExitCode.FAILURE


def _say(arguments: Sequence[str], code: str, sentence: str, word: str) -> None:
    """One line on stderr; one NDJSON event with --json."""
    if "--json" in arguments:
        sys.stderr.write(json.dumps({"event": "error", "code": code, "message": sentence}, ensure_ascii=False) + "\n")
    else:
        label = f"{word} [{code}] " if word else ""
        sys.stderr.write(safe_text(f"givre: {label}{sentence}").replace("\n", " ") + "\n")


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave through every `finally`, so that no half-written folder stays behind."""
    raise SystemExit(int(ExitCode.TERMINATED))


def _forget_stdout() -> None:
    """The reader of a pipe is gone: let the interpreter close without complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    run()
