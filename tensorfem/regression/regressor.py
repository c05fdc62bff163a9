"""The estimator: smooth functions of several coordinates, fitted to data."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import choice, integer, real
from tensorfem.field import Field
from tensorfem.regression.axis_basis import AxisBasis, Piecewise
from tensorfem.regression.evaluation import combine
from tensorfem.regression.families import FAMILIES, Names
from tensorfem.regression.fit import Fit
from tensorfem.regression.fitting import axis_bases, fitted, spread
from tensorfem.regression.observations import listed_axes, observations, points_of
from tensorfem.regression.parameters import Parameters
from tensorfem.regression.pictures import plot, plot_search, plot_standard_error
from tensorfem.regression.settings import axis_domains, chosen_smoothing, robust_loss
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
HIGHEST_ORDER = 8
EXTRAPOLATIONS = ("error", "linear")


class NotFittedError(ValueError, AttributeError):
    """An estimator was asked before `fit`; the bases are those of scikit-learn's error of this name."""


class SeparableRegressor(Parameters):
    """A smooth function of d coordinates in a tensor-product basis, fitted by penalized least squares.

    The fit minimizes the mean square of ``y - f`` plus, for each axis i, ``smoothing_i`` times the roughness of f along it: the integral
    of the square of its derivative of order `penalty`, in the mean over the data's points of the other axes. On a full grid everything is
    elementwise in the modes that diagonalize the data's Gram matrix and the roughness of each axis at once: the fit, GCV and REML, degrees
    of freedom and standard errors.

    Parameters
    ----------
    bases : sequence of bases, one basis, or None
        One per axis: `BSpline`, `Lagrange`, `OneHot`, `Polynomials`, `Columns`, a matrix of the functions at the data's points of the axis
        (n_i, m_i), or a number of cells of splines. None takes a cell for every four points, at most 40 along an axis.
    degree : int or sequence of int
        Of the splines that numbers of cells, or None, make: 3 is cubic, 1 piecewise linear.
    domain : sequence of (lower, upper), or None
        The box of the function, an interval per axis: that on which splines are made from `bases` of None or numbers of cells. None, for
        all axes or for one of them, takes the extent of the data. A basis given as such has its own interval, and no domain.
    penalty : int or sequence of int
        The order of the derivative that is rough, per axis or for all; 0 is ridge regression.
    smoothing : {"gcv", "reml", "minimum norm"}, float or sequence of float
        What is minimized to choose one smoothing parameter per axis (of smooth surfaces "reml" keeps more freedom, see
        `regression.criteria`); or these themselves, >= 0. With 0 the fit is that of least squares.
        "minimum norm" does not smooth either, and takes the least coefficients where the data do not fix them.
    family : {"gaussian", "poisson", "binomial"}
        Measurements; counts, fitted by the logarithm of their mean; or shares of successes among as many trials as the weights say, fitted
        by the logit of the probability.
    robust : bool or {"huber", "bisquare"}
        Whether outliers count less; True is the bisquare.
    extrapolation : {"error", "linear"}
        What predictions do outside the fitted box; read when they are made, so it may change after the fit.

    Attributes
    ----------
    coefficients_ : (m_0, m_1, ...) array
    smoothing_ : tuple of float
    degrees_of_freedom_ : float
        The trace of the map from the data to the fitted values.
    noise_ : float
        Estimated standard deviation of the data around the function.
    search_ : Search or None
        The criterion over the smoothing parameters tried.
    robust_weights_ : array of the shape of the data, or None
        How much each datum counts in a robust fit, from 0 to 1.
    deviance_ : float
        The weighted sum of squared residuals, or the deviance of counts or shares; of a robust fit twice the sum of the losses.
    residuals_ : array of the shape of the data
        NaN where nothing was observed.
    bases_ : tuple of AxisBasis
    n_features_in_ : int

    References
    ----------
    Eilers & Marx, "Flexible smoothing with B-splines and penalties", Statist. Sci. 11 (1996); Eilers, Currie & Durban 2006;
    Currie, Durban & Eilers, "Generalized linear array models", J. R. Stat. Soc. B 68 (2006); Wood, J. R. Stat. Soc. B 73 (2011).

    Examples
    --------
    >>> x, y = np.linspace(0, 1, 30), np.linspace(0, 2, 20)
    >>> fit = SeparableRegressor(bases=(6, 5), smoothing=1e-3).fit((x, y), x[:, None] + y**2)
    >>> fit.predict((x, y)).shape, fit.predict([[0.5, 1.0]]).round(2)
    ((30, 20), array([1.5]))
    """

    def __init__(
        self,
        bases: Any = None,
        *,
        degree: Any = 3,
        domain: Any = None,
        penalty: Any = 2,
        smoothing: Any = "gcv",
        family: str = "gaussian",
        robust: Any = False,
        extrapolation: str = "error",
    ) -> None:
        self.bases = bases
        self.degree = degree
        self.domain = domain
        self.penalty = penalty
        self.smoothing = smoothing
        self.family = family
        self.robust = robust
        self.extrapolation = extrapolation

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "SeparableRegressor":
        """Fit to data.

        Parameters
        ----------
        X : tuple of (n_i,) arrays, or (n, d) array_like
            A tuple means a grid and has the points of each of its axes; a table has one scattered point per row.
        y : array of shape (n_0, n_1, ...), or (n,)
            On a grid NaN where nothing was observed.
        sample_weight : array_like of the shape of y, optional

        Returns
        -------
        the estimator itself

        Raises
        ------
        ValueError
            If data or settings do not fit together.
        """
        data = observations(X, y, sample_weight)
        bases = axis_bases(self.bases, data, axis_domains(self.domain, data.axes), self.degree)
        count = len(bases)
        orders = spread(self.penalty, "penalty", count, lambda value, name: integer(value, name, 0, HIGHEST_ORDER))
        smoothing, loss = chosen_smoothing(self.smoothing, count), robust_loss(self.robust, self.family)
        self._adopt(bases, fitted(data, bases, orders, smoothing, family=self.family, robust=loss))
        residuals = data.values - self._mean(combine(self._matrices(data.axes), self.fit_.coefficients, grid=data.grid))
        self.residuals_ = residuals if data.weights is None else np.where(data.weights > 0, residuals, np.nan)
        return self

    def _adopt(self, bases: tuple[AxisBasis, ...], fit: Fit) -> None:
        self.bases_, self.n_features_in_, self.fit_ = bases, len(bases), fit
        self.coefficients_, self.smoothing_, self.search_ = fit.coefficients, fit.smoothing, fit.search
        self.degrees_of_freedom_, self.noise_, self.robust_weights_ = fit.degrees_of_freedom, fit.noise, fit.shares
        self.deviance_ = fit.deviance
        self._family = FAMILIES[self.family]

    def predict(self, X: Any) -> FloatArray:
        """The mean of the data on a grid (a tuple of axes), or at scattered points (a table).

        Parameters
        ----------
        X : tuple of (n_i,) arrays, or (n, d) array_like
            As of `fit`, and at any points within the fitted box: `domain`, or the extent of the data.

        Returns
        -------
        array of shape (n_0, n_1, ...), or (n,)
            Of counts their mean, of shares the probability.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            Outside the fitted box, unless `extrapolation` is "linear". That setting is read now and not by `fit`:
            ``set_params(extrapolation="linear")`` needs no new fit.
        """
        return self._mean(self.predictor(X))

    def predictor(self, X: Any) -> FloatArray:
        """The function itself, at points as of `predict`: of counts the logarithm of the mean, of shares its logit; else the mean."""
        matrices, grid = self._at(X)
        return combine(matrices, self.fit_.coefficients, grid=grid)

    def _mean(self, predictor: FloatArray) -> FloatArray:
        return self._family.mean(predictor)  # of the fit: settings changed since then await the next one

    @property
    def names_(self) -> Names:
        """What pictures call the data, their mean and the function."""
        self._require_fit()
        return self._family.names

    def standard_error(self, X: Any) -> FloatArray:
        """The standard deviation of the fitted function (of `predictor`) at points as of `predict`.

        ``noise * sqrt(b^T A^-1 b / n)`` with the functions b at the point, the normal matrix A (data and roughness) and n data: the
        posterior of Wahba (1983), which counts what smoothing flattens too, and takes the smoothing as known. Exact, not sampled. With p
        coefficients in all, a fit on a full grid costs what predicting the squares of the modes does. Other fits factorize A once, O(p^3),
        and then take O(p) a point per function that is not 0 there, up to 3000 coefficients; beyond, an iterative solve per point, of 5000
        points at most.

        Raises
        ------
        NotFittedError, ValueError
            As of `predict`; and if there are too many points for a solve each.

        References
        ----------
        Wahba, J. R. Stat. Soc. B 45 (1983); Nychka, J. Am. Stat. Assoc. 83 (1988).
        """
        matrices, grid = self._at(X)
        return self.fit_.noise * np.sqrt(np.maximum(self.fit_.covariance.variance(matrices, grid=grid), 0.0))

    def band(self, X: Any, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends of pointwise confidence intervals of the mean: of the function, and not of further data.

        They are ``predictor +- q standard_error`` with the normal quantile q of (1 + level) / 2, 1.96 for 0.95; of counts and shares then
        turned into means, so positive, or between 0 and 1. A new measurement varies by the noise besides, about
        ``predict +- q sqrt(standard_error**2 + noise_**2)``.

        Parameters
        ----------
        X : as of `predict`
        level : float
            The share of all points, on average over the box, whose interval holds the true mean (Nychka 1988). At a single one, say a sharp
            peak, it may be less; and that all hold it at once is less likely.

        Returns
        -------
        two arrays as of `predict`
            At the cost of `standard_error`.

        Raises
        ------
        NotFittedError, ValueError
            As of `standard_error`; and if the level does not lie between 0 and 1.

        Examples
        --------
        >>> from tensorfem.regression import Polynomials
        >>> x = np.arange(4.0)
        >>> lower, upper = SeparableRegressor(Polynomials(0, (0, 3)), smoothing=0.0).fit((x,), [1.0, 3.0, 1.0, 3.0]).band([[1.5]])
        >>> ((lower + upper) / 2).round(6), ((upper - lower) / 2).round(6)
        (array([2.]), array([1.131586]))
        """
        if not 0 < real(level, "level") < 1:
            raise ValueError(f"level: got {level!r}; allowed is a number between 0 and 1")
        middle, half = self.predictor(X), NormalDist().inv_cdf((1 + level) / 2) * self.standard_error(X)
        return self._mean(middle - half), self._mean(middle + half)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The coefficient of determination R^2 of the predictions: 1 minus the squares of residuals over those around the mean."""
        data = observations(X, y, sample_weight)
        weights = np.ones_like(data.values) if data.weights is None else data.weights
        residuals = np.where(weights > 0, data.values - self.predict(X), 0.0)
        around = data.values - np.average(data.values, weights=weights)
        total = float(np.sum(weights * around**2))
        return 1 - float(np.sum(weights * residuals**2)) / total if total else float(not residuals.any())

    def to_field(self) -> Field:
        """The fitted function as a field: with its gradient, integral, norms, plots, files, and as a datum of problems.

        Raises
        ------
        ValueError
            If an axis has no `BSpline` or `Lagrange` basis.
        """
        self._require_fit()
        others = [repr(basis) for basis in self.bases_ if not isinstance(basis, Piecewise)]
        if others:
            raise ValueError(f"to_field: got the basis {others[0]}; a field needs BSpline or Lagrange along every axis")
        space = Space(*(basis.basis for basis in self.bases_ if isinstance(basis, Piecewise)))
        return Field(space, self.fit_.coefficients)

    plot = plot
    plot_search = plot_search
    plot_standard_error = plot_standard_error

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "fit_")

    def _require_fit(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"{type(self).__name__}: this estimator is not fitted yet; call fit(X, y) first")

    def _at(self, X: Any) -> tuple[list[Any], bool]:
        self._require_fit()
        axes, _, grid = points_of(X)
        if len(axes) != self.n_features_in_:
            hint = "; a grid is a tuple: predict((x, y))" if listed_axes(X) and len(X) == self.n_features_in_ else ""
            raise ValueError(
                f"X has {len(axes)} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input: "
                f"one per axis that it was fitted with{hint}"
            )
        return self._matrices(axes), grid

    def _matrices(self, axes: Sequence[FloatArray]) -> list[Any]:
        beyond = choice(self.extrapolation, "extrapolation", EXTRAPOLATIONS)
        return [basis.matrix(x, extrapolation=beyond) for basis, x in zip(self.bases_, axes, strict=True)]
