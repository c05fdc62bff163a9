"""The bilinear form of an elliptic problem, in the simplest form that its coefficients allow."""

from dataclasses import dataclass
from typing import Any

from tensorfem.boundary import Condition
from tensorfem.problems.cell_form import CellForm
from tensorfem.problems.coefficient_data import is_of_all_coordinates
from tensorfem.problems.form import Form, dirichlet_ends, elliptic_form, robin_coefficients
from tensorfem.problems.found import MULTIPLIED, Coefficient, found_diffusion, found_reaction
from tensorfem.problems.gauss_grid import GaussGrid
from tensorfem.space import Space


@dataclass(frozen=True, eq=False)
class Elliptic:
    """What was made of the coefficients of a problem.

    Attributes
    ----------
    form : Form
    reaction : float
        The mean of the reaction.
    words : dict of str
        What was found, by coefficient.
    description : str
        The same in one line; empty where no coefficient may depend on all coordinates.
    """

    form: Form
    reaction: float
    words: dict[str, str]
    description: str

    @classmethod
    def of(cls, space: Space, diffusion: Any, reaction: Any, conditions: dict[str, Condition]) -> "Elliptic":
        """From data as of `Poisson`.

        Raises
        ------
        ValueError
            If a coefficient is nothing of what is allowed, fails, or diffusion is not positive somewhere.
        """
        a, c = found_diffusion(space, diffusion), found_reaction(space, reaction)
        words = {"diffusion": a.words, "reaction": c.words}
        general = any(is_of_all_coordinates(space, given) for given in (diffusion, reaction))
        description = "; ".join(f"{name}: {found}" for name, found in words.items()) if general else ""
        if a.axes is not None and c.axes is not None:
            form = elliptic_form(space, a.axes, a.how == MULTIPLIED, c.axes, conditions)
            return cls(form, sum(part.mean for part in c.axes), words, description)
        grid = GaussGrid(space, middles=not (a.varies_in(space) or c.varies_in(space)))
        cells = _cell_form(space, a, c, grid, conditions)
        return cls(cells, 0.0 if cells.reaction is None else grid.mean(cells.reaction), words, description)


def _cell_form(space: Space, diffusion: Coefficient, reaction: Coefficient, grid: GaussGrid, conditions: dict[str, Condition]) -> CellForm:
    present = reaction.axes is None or any(part.varies or part.least for part in reaction.axes)
    return CellForm(
        space,
        diffusion.on(grid),
        reaction.on(grid)[0] if present else None,
        dirichlet_ends(space, conditions),
        robin_coefficients(space, conditions),
    )
