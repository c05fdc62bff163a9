"""The checks that scikit-learn has for estimators, where they apply."""

from typing import Any

import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.estimator_checks import estimator_checks_generator

from tensorfem.regression import SeparableRegressor


class ForScikitLearn(RegressorMixin, SeparableRegressor, BaseEstimator):
    """With the tags that scikit-learn asks for; the rest is ours."""


# What is left out, and why.
MEANT_OTHERWISE = {
    "check_estimators_unfitted": "asks for scikit-learn's own class of error; ours has the same bases",
    "check_sample_weight_equivalence_on_dense_data": "weights are precisions of the data here, not how often they occur",
    "check_sample_weight_equivalence_on_sparse_data": "sparse tables are refused",
    "check_all_zero_sample_weights_error": "asks for scikit-learn's words",
    "check_complex_data": "asks for scikit-learn's words",
    "check_estimators_empty_data_messages": "asks for scikit-learn's words",
    "check_requires_y_none": "asks for scikit-learn's words",
    "check_regressors_train": "has ten features: a tensor basis of ten axes is too large",
    "check_regressors_int": "has ten features",
    "check_regressor_data_not_an_array": "has ten features",
    "check_dtype_object": "has ten features",
    "check_estimators_dtypes": "has five features: right, and slow",
    "check_supervised_y_2d": "a value per point is a vector here: (n, 1) is refused",
    "check_readonly_memmap_input": "needs joblib's files",
    "check_array_api_input": "runs only with a setting of SciPy's",
}


def checks() -> list[Any]:
    named = [(check.func.__name__ if hasattr(check, "func") else check.__name__, check) for _, check in every()]
    return [pytest.param(check, id=name) for name, check in named if name not in MEANT_OTHERWISE]


def every() -> list[Any]:
    return list(estimator_checks_generator(ForScikitLearn(1, smoothing=1e-2)))


@pytest.mark.parametrize("check", checks())
def test_scikit_learn_s_checks(check: Any) -> None:
    check(ForScikitLearn(1, smoothing=1e-2))


def test_there_are_checks() -> None:
    assert len(checks()) > 30
