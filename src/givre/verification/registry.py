"""Every verification card, in order. A new card is a module with a `Card`, and one line here."""

from __future__ import annotations

from givre.foundation.errors import InputError
from givre.verification import (
    cooled_wall,
    edges,
    heat_balance,
    layers,
    linear_diffusion,
    nonlinear,
    perfused_tissue,
    placement_cards,
    planar_freezing,
    rounding,
    sinks,
    thin_probe,
)
from givre.verification.card import Card
from givre.verification.crosscode import cryobench
from givre.verification.measured import card as measured_card

CARDS: tuple[Card, ...] = (
    linear_diffusion.CARD,
    cooled_wall.CARD,
    perfused_tissue.CARD,
    planar_freezing.STEFAN_CARD,
    planar_freezing.NEUMANN_CARD,
    sinks.CARD,
    planar_freezing.INTERVAL_CARD,
    nonlinear.CARD,
    layers.CARD,
    heat_balance.CARD,
    placement_cards.PLACEMENT_CARD,
    placement_cards.NEIGHBOURS_CARD,
    thin_probe.THIN_CARD,
    thin_probe.THAW_CARD,
    edges.CARD,
    rounding.CARD,
    cryobench.card(),
    measured_card.CARD,
)


class UnknownCard(InputError):
    """A verification card that does not exist."""

    code = "UNKNOWN_CARD"


def find_cards(ids: tuple[str, ...]) -> tuple[Card, ...]:
    """The cards of these ids, in the order of the registry.

    Raises:
        UnknownCard: if there is none of that id.
    """
    known = {card.id: card for card in CARDS}
    for asked in ids:
        if asked.upper() not in known:
            raise UnknownCard(f'there is no card "{asked}"; the cards are {", ".join(known)}')
    wanted = {asked.upper() for asked in ids}
    return tuple(card for card in CARDS if card.id in wanted)
