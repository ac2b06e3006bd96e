"""The samples that need nothing: phantoms made by code."""

from __future__ import annotations

from givre.adapters.samples.case_folder import SampleScan
from givre.adapters.samples.errors import UnknownSample
from givre.case.description import SimulationSettings
from givre.testing.femur_phantom import femur_phantom
from givre.testing.iliac_phantom import iliac_phantom
from givre.testing.vertebra_phantom import vertebra_phantom

_MAKERS = {
    "phantom-vertebra": vertebra_phantom,
    "phantom-iliac": iliac_phantom,
    "phantom-femur": femur_phantom,
}

_NOT_AT_RISK = ("tumour", "bone", "disc")


def phantom_scan(name: str) -> SampleScan:
    """The phantom of a name, always the same.

    Raises:
        UnknownSample: if no phantom has this name.
    """
    if name not in _MAKERS:
        raise UnknownSample(f'no phantom is called "{name}"; choose one of {", ".join(_MAKERS)}')
    phantom = _MAKERS[name](seed=0)
    return SampleScan(
        ct=phantom.ct,
        masks=phantom.masks,
        placements=phantom.placements,
        anatomy=phantom.anatomy,
        question="Phantom: does the ice cover the synthetic lesion and spare its neighbours?",
        organs_at_risk=tuple(structure for structure in phantom.masks if structure not in _NOT_AT_RISK),
        settings=SimulationSettings(domain_margin_mm=60.0),
        remarks=("Nothing in this folder comes from a patient.",),
    )
