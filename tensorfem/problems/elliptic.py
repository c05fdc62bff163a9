"""The bilinear form of an elliptic problem, in the simplest form that its coefficients allow."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tensorfem.boundary import Condition
from tensorfem.problems.cell_form import CellForm
from tensorfem.problems.coefficient_data import is_of_all_coordinates
from tensorfem.problems.form import Form, dirichlet_ends, elliptic_form, robin_coefficients
from tensorfem.problems.found import MULTIPLIED, Coefficient, found_diffusion, found_reaction
from tensorfem.problems.gauss_grid import GaussGrid
from tensorfem.problems.terms_form import terms_form, words_of_cells
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
    made_in_cells : function
        Makes the form cell by cell, whatever structure was found.
    """

    form: Form
    reaction: float
    words: dict[str, str]
    description: str
    made_in_cells: Callable[[], CellForm]

    @classmethod
    def of(cls, space: Space, diffusion: Any, reaction: Any, conditions: dict[str, Condition]) -> "Elliptic":
        """From data as of `Poisson`.

        Raises
        ------
        ValueError
            If a coefficient is nothing of what is allowed, fails, or diffusion is not positive somewhere.
        """
        a, c = found_diffusion(space, diffusion), found_reaction(space, reaction)
        found = {"diffusion": a.words, "reaction": c.words}
        in_cells = functools.partial(_cell_form, space, a, c, conditions)
        if a.axes is not None and c.axes is not None:
            form: Form = elliptic_form(space, a.axes, a.how == MULTIPLIED, c.axes, conditions)
        elif (few := terms_form(space, a, c, conditions)) is not None:
            form, found = few
        else:
            form = in_cells()
            found = {"diffusion": words_of_cells(space, a), "reaction": words_of_cells(space, c)}
        general = any(is_of_all_coordinates(space, given) for given in (diffusion, reaction))
        description = "; ".join(f"{name}: {words}" for name, words in found.items()) if general else ""
        return cls(form, c.extent(space)[0], found, description, in_cells)

    @functools.cached_property
    def in_cells(self) -> CellForm:
        """The form cell by cell, made once; `form` itself where that is it."""
        return self.form if isinstance(self.form, CellForm) else self.made_in_cells()


def _cell_form(space: Space, diffusion: Coefficient, reaction: Coefficient, conditions: dict[str, Condition]) -> CellForm:
    grid = GaussGrid(space, middles=not (diffusion.varies_in(space) or reaction.varies_in(space)))
    own = None if reaction.is_zero else reaction.on(grid)[0]
    return CellForm(space, diffusion.on(grid), own, dirichlet_ends(space, conditions), robin_coefficients(space, conditions))
