"""All that is uncertain in one plan, and the plan as it comes out for one set of standard scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.foundation.errors import InputError
from givre.planning.trial.prepared import PreparedCase
from givre.planning.uncertainty.spread import Factor, SpreadSettings, law_of, normal_law, usual_spreads
from givre.planning.uncertainty.spread_placement import ERRORS, misplaced, placement_factors
from givre.planning.uncertainty.spread_tissue import TissueFactor, scaled_material, tissue_factors

COLDEST_SURFACE_C, WARMEST_SURFACE_C = -200.0, -20.0
"""What a cryoprobe may be in the catalogue."""

LOWEST_THRESHOLD_C, HIGHEST_THRESHOLD_C = -150.0, 0.0
"""What a lethal temperature may be in the goals of a case."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnPlan:
    """A plan as it comes out.

    Attributes:
        prepared: the case with the tissue and the cryoprobes as they really are.
        placements: the probes where they really lie.
        lethal_temp_c: the temperature that really kills.
    """

    prepared: PreparedCase
    placements: tuple[Placement, ...]
    lethal_temp_c: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanSpread:
    """What is uncertain in the plans of one case.

    Scores come in the order of `factors`: tissues, cryoprobes, threshold, then five for each probe in turn; plans
    of the same case with the same cryoprobe models share all but the last, so that they can be compared on the same
    draws.

    Attributes:
        tissues: factors of tissues, with what they do.
        models: the cryoprobe models whose surface temperature is uncertain.
        model_factors: their factors, in the same order.
        threshold: the factor of the lethal temperature.
        settings: how wide it all is.
    """

    tissues: tuple[TissueFactor, ...]
    models: tuple[CryoprobeModel, ...]
    model_factors: tuple[Factor, ...]
    threshold: Factor
    settings: SpreadSettings

    @property
    def physical(self) -> tuple[Factor, ...]:
        """Every factor but the placements."""
        return (*(tissue.factor for tissue in self.tissues), *self.model_factors, self.threshold)

    def factors(self, placements: Sequence[Placement]) -> tuple[Factor, ...]:
        """Every factor of a plan, in the order of the scores."""
        placing = [factor for p in placements for factor in placement_factors(p.label, self.settings)]
        return (*self.physical, *placing)

    def size(self, probes: int) -> int:
        """Number of scores of a plan with so many probes."""
        return len(self.physical) + len(ERRORS) * probes

    def drawn(self, prepared: PreparedCase, placements: tuple[Placement, ...], scores: Sequence[float]) -> DrawnPlan:
        """The plan as it comes out; all scores 0 give it as planned, the same values.

        Args:
            prepared: the case as laid out.
            placements: as planned.
            scores: one for each factor; more than needed are left unread.

        Raises:
            InputError: if there are too few scores, or a probe is of a model that was not in the spread.
            InvalidMaterial: if a material becomes impossible.
        """
        if len(scores) < self.size(len(placements)):
            raise InputError(
                f"{len(scores)} scores for {self.size(len(placements))} uncertain inputs; draw them for this plan"
            )
        tissue_end = len(self.tissues)
        model_end = tissue_end + len(self.models)
        changes_c = {
            model.id: factor.law.at(score) - model.surface_temp_c.value
            for model, factor, score in zip(self.models, self.model_factors, scores[tissue_end:model_end], strict=True)
        }
        placing = scores[model_end + 1 :]
        return DrawnPlan(
            prepared=replace(
                prepared,
                material=scaled_material(prepared.material, self.tissues, scores[:tissue_end]),
                knowledge=_with_surfaces(prepared.knowledge, changes_c),
            ),
            placements=tuple(
                self._as_placed(placement, placing[len(ERRORS) * n : len(ERRORS) * (n + 1)], changes_c)
                for n, placement in enumerate(placements)
            ),
            lethal_temp_c=self.threshold.law.at(scores[model_end]),
        )

    def _as_placed(self, placement: Placement, scores: Sequence[float], changes_c: Mapping[str, float]) -> Placement:
        if placement.model not in changes_c:
            raise InputError(
                f"probe {placement.label} is a {placement.model}, whose spread was not laid out; "
                f"known here: {', '.join(sorted(changes_c))}"
            )
        factors = placement_factors(placement.label, self.settings)
        along, head, side, tilt_head, tilt_side = (
            factor.law.at(score) for factor, score in zip(factors, scores, strict=True)
        )
        placed = misplaced(placement, (along, head, side, tilt_head, tilt_side))
        change_c = changes_c[placement.model]
        if placed.surface_temp_c is None or change_c == 0:
            return placed
        return replace(placed, surface_temp_c=_possible_surface_c(placed.surface_temp_c + change_c))


def spread_of_plans(prepared: PreparedCase, models: Iterable[str], settings: SpreadSettings) -> PlanSpread:
    """What is uncertain in the plans of a case that use some cryoprobe models.

    Args:
        prepared: the case on its lattice.
        models: catalogue ids; order and repeats do not matter.
        settings: how wide the inputs spread.

    Raises:
        UnknownCryoprobe: if a model is not in the catalogue.
    """
    chosen = tuple(find_cryoprobe(prepared.knowledge.catalogue, name) for name in sorted(set(models)))
    return PlanSpread(
        tissues=tissue_factors(prepared, width=settings.tissue_width),
        models=chosen,
        model_factors=tuple(_surface_factor(model, settings.probe_width) for model in chosen),
        threshold=_threshold_factor(prepared, settings.threshold_sigma_c),
        settings=settings,
    )


def _surface_factor(model: CryoprobeModel, width: float) -> Factor:
    return Factor(
        what="surface_temp_c",
        group=model.id,
        law=law_of(model.surface_temp_c, width=width, least=COLDEST_SURFACE_C, most=WARMEST_SURFACE_C),
        shown_for=model.id,
        source=model.surface_temp_c.source,
        status=model.surface_temp_c.status,
    )


def _threshold_factor(prepared: PreparedCase, sigma_c: float) -> Factor:
    usual = usual_spreads()["threshold_sigma_c"]
    is_usual = sigma_c == usual.value
    return Factor(
        what="lethal_temp_c",
        group="goal",
        law=normal_law(
            prepared.description.goals.lethal_temp_c,
            sigma_c,
            "C",
            least=LOWEST_THRESHOLD_C,
            most=HIGHEST_THRESHOLD_C,
        ),
        shown_for="goal",
        source=usual.source if is_usual else "chosen by the user",
        status=usual.status if is_usual else "assumption",
    )


def _with_surfaces(knowledge: Knowledge, changes_c: Mapping[str, float]) -> Knowledge:
    """The tables with the surface temperature of some models moved."""
    moved = {}
    for name, change_c in changes_c.items():
        model = knowledge.catalogue[name]
        surface_c = model.surface_temp_c.value + change_c
        if change_c != 0:
            drawn = replace(model.surface_temp_c, value=surface_c, low=surface_c, high=surface_c)
            moved[name] = replace(model, surface_temp_c=drawn)
    return replace(knowledge, catalogue={**knowledge.catalogue, **moved}) if moved else knowledge


def _possible_surface_c(temp_c: float) -> float:
    return min(max(temp_c, COLDEST_SURFACE_C), WARMEST_SURFACE_C)
