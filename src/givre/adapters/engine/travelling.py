"""Tasks, results and faults as bytes on their way between processes, and back as they were."""

from __future__ import annotations

import hashlib
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from givre.adapters.engine.errors import CannotTravel, TaskFailed

MACHINE_FAULTS = (MemoryError, OSError)
"""What a task may meet because of the machine it runs on: worth another try elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An exception on its way.

    Attributes:
        kind: its class.
        arguments: what it was made with.
        attributes: what was set on it since.
        is_of_machine: whether another machine, or a later moment, may do better.
        trace: where it was raised, for people who look for a bug.
    """

    kind: type[Exception]
    arguments: tuple[Any, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    is_of_machine: bool = False
    trace: str = ""

    def rebuilt(self) -> Exception:
        """The exception with its class, message and attributes; its trace is attached as a note."""
        error = self.kind.__new__(self.kind, *self.arguments)
        error.args = self.arguments  # not through __init__: it may take other arguments
        error.__dict__.update(self.attributes)
        if self.trace:
            error.add_note(f"raised in a worker:\n{self.trace}")
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a worker says of one item: a result, or a fault."""

    result: Any = None
    fault: Fault | None = None


def fault_of(error: Exception) -> Fault:
    """An exception as a fault that can be sent; one of a kind that cannot keeps its name and words."""
    trace = "".join(traceback.format_exception(error))
    is_of_machine = isinstance(error, MACHINE_FAULTS)
    fault = Fault(
        kind=type(error),
        arguments=error.args,
        attributes=dict(error.__dict__),
        is_of_machine=is_of_machine,
        trace=trace,
    )
    try:
        pickle.loads(pickle.dumps(fault)).rebuilt()  # noqa: S301 - made on the line itself
    except Exception:  # noqa: BLE001 - any class may refuse in any way
        sentence = f"{type(error).__name__}: {error}"
        return Fault(kind=TaskFailed, arguments=(sentence,), is_of_machine=is_of_machine, trace=trace)
    return fault


def answer_of(task: Callable[[Any, Any], Any], shared: object, item: object) -> Answer:
    """Do one item; a fault is an answer too."""
    try:
        return Answer(result=task(shared, item))
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to who asked
        return Answer(fault=fault_of(error))


def packed_answer(answer: Answer) -> bytes:
    """An answer as bytes; a result that cannot be sent becomes a named fault."""
    try:
        return pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - any class may refuse in any way
        sentence = (
            f"a result of class {type(answer.result).__name__} cannot be sent back ({error}); return plain values"
        )
        fault = Fault(kind=CannotTravel, arguments=(sentence,))
        return pickle.dumps(Answer(fault=fault), protocol=pickle.HIGHEST_PROTOCOL)


def packed(what: str, value: object) -> bytes:
    """A value as bytes.

    Raises:
        CannotTravel: if another process could not rebuild it; `what` names it.
    """
    try:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise CannotTravel(
            f"{what} cannot be sent to a worker ({error}); use functions at the top of a module and plain values"
        ) from error


def refuse_unimportable(task: Callable[..., object]) -> None:
    """Refuse a task that a worker could not import.

    Raises:
        CannotTravel: if it was written in the script that runs, in a notebook, or inside a function.
    """
    module, name = getattr(task, "__module__", None), getattr(task, "__qualname__", repr(task))
    if module == "__main__" or "<" in name:
        raise CannotTravel(
            f"task {name} of {module} cannot be imported by a worker; put it at the top of a module, in its own file"
        )


class Parcel:
    """What all items of a series share, made into bytes once and known by what it holds.

    Attributes:
        value: the value itself.
        content: its bytes.
        key: sha256 of them.
    """

    __slots__ = ("content", "key", "value")

    def __init__(self, value: object) -> None:
        self.value = value
        self.content = packed("what the items share", value)
        self.key = hashlib.sha256(self.content).hexdigest()
