"""What the making of a tissue map and the edges of a CT may have to say: nothing else is ever noted."""

from __future__ import annotations

from collections.abc import Mapping

NOTES: Mapping[str, str] = {
    "canal_without_cord": "the canal is drawn without its cord: all of it is taken as half cord, half CSF",
    "small_pieces": "{count} voxels at or above {hu} HU lie in pieces under {volume} mm³ outside the bone mask: "
    "taken as soft tissue",
    "shared_with_tumour": "{count} voxels are both tumour and {tissue}: kept as {tissue}; check both masks",
    "dense_lytic": "{share}% of the tumour mask is as dense as bone although the lesion is called lytic: it is "
    "simulated as lytic throughout; call it mixed to keep the bone in it",
    "no_bone_mask": "no bone mask: bone is what HU says, and marrow of low HU is taken as soft tissue",
    "dense_outside": "{volume} mL outside the bone mask are as dense as bone and taken as bone: if they are organs "
    "filled with contrast, give their masks",
    "unknown_structure": 'structure "{structure}" is followed but has no material of its own: HU decides',
    "gas": "{count} voxels of {structure} hold gas: simulated as air",
    "metal": "{count} voxels are metal: their neighbours carry streak artefacts and their HU is less certain",
    "cut_tumour": "the tumour reaches the edge of the CT: what lies beyond is not judged, so coverage and margin are "
    "unknown; load a larger scan",
    "cut_organ": "{structure} reaches its alarm at the edge of the CT and may be colder beyond: unknown; load a "
    "larger scan",
    "room_air": "what lies outside the body mask is air of the room: the skin loses heat to it from the start, also "
    "where it lies on the table",
    "flow": "{structure} is held at its own temperature behind a film: it can neither freeze nor run short of heat",
    "shared_with_spared": "{count} voxels of {structure} are nerve or cord too: kept as nerve or cord",
    "stasis": "tissue once at {temp} °C or colder is simulated without blood flow after the first freeze",
    "outside_ct": "{share}% of the simulated domain lies outside the CT: there the nearest edge voxel is repeated",
}
"""The English sentences by key; the dossier tells each in its language and recognises it by this template."""


def note(key: str, **values: object) -> str:
    """One sentence with its values.

    >>> note("gas", count=1, structure="bowel")
    '1 voxels of bowel hold gas: simulated as air'
    """
    return NOTES[key].format(**values)
