"""Estimates from scenarios, with their standard errors."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

Array = npt.NDArray[np.float64]


class Estimate(NamedTuple):
    """A figure from a sample and its standard error, in the same unit; arrays where several are estimated at once."""

    value: Array
    standard_error: Array


def mean_estimate(values: npt.ArrayLike, n_per_sample: int = 1) -> Estimate:
    """Mean over the last axis, the scenarios, in the order of the scenarios.

    n_per_sample   successive scenarios that make one independent sample: 2 for antithetic pairs (2j, 2j + 1), whose sum
                   and not whose members are independent.  The number of scenarios must be a multiple of it and hold at
                   least two samples.

    The standard error is sd / sqrt(number of samples), sd with one degree of freedom less.
    """
    x = np.ascontiguousarray(values, dtype=np.float64)
    n = x.shape[-1]
    if n_per_sample < 1 or n % n_per_sample or n < 2 * n_per_sample:
        raise ValueError(
            f"{n} scenarios in samples of {n_per_sample}; allowed is a multiple of the sample, at least two samples: "
            "run more scenarios or correct the sample size"
        )
    if not np.all(np.isfinite(x)):
        bad = int(np.flatnonzero(~np.isfinite(x.reshape(-1, n)).all(axis=0))[0])
        raise ValueError(f"scenario {bad} has a value that is not finite; allowed are finite USD: look at its path")
    samples = x.reshape(*x.shape[:-1], n // n_per_sample, n_per_sample).mean(axis=-1)
    error = samples.std(axis=-1, ddof=1) / np.sqrt(samples.shape[-1])
    return Estimate(samples.mean(axis=-1), error)


def errors_allowed(samples: int, limit: float = 4.0) -> float:
    """Standard errors within which a mean of ``samples`` must lie, as improbable as ``limit`` of them with many samples.

    With few samples the standard error is itself uncertain; the quantile is Student's.
    """
    return float(stdtrit(samples - 1, ndtr(limit)))
