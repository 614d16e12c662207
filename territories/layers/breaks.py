"""Where values are cut into classes: quantiles, natural breaks, and never a class with both signs in it.

All of it works on the distinct values and how often each occurs, so equal values always fall together. A cut is the
index of the first distinct value of a class.
"""

from __future__ import annotations

from math import floor, log10

import numpy

# Distinct values that natural breaks look at one by one; beyond it they are first gathered in as many even steps.
EXACT = 10_000


def quantiles(counts: numpy.ndarray, classes: int) -> list[int]:
    """Cuts that leave about as many values in each class; fewer of them where equal values leave no other choice."""
    below = numpy.concatenate(([0], numpy.cumsum(counts)))
    targets = below[-1] * numpy.arange(1, classes) / classes
    places = numpy.searchsorted(below, targets)
    nearer = numpy.where(targets - below[places - 1] < below[places] - targets, places - 1, places)
    return sorted({int(cut) for cut in nearer if 0 < cut < len(counts)})


def natural(values: numpy.ndarray, counts: numpy.ndarray, classes: int) -> list[list[int]]:
    """For 1 to ``classes`` classes the cuts with the least sum of squared distances to the mean of each class.

    Exact, by dynamic programming (Fisher 1958, "On Grouping for Maximum Homogeneity"; the optimum that Jenks' breaks look
    for). The best last cut never moves left as more values come in, so each row is found by halving, O(k n log n).
    ``values`` ascend; there are no more classes than values.
    """
    if len(values) > EXACT:
        return _gathered(values, counts, classes)
    centred = values - numpy.average(values, weights=counts)
    weight, total, square = (
        numpy.concatenate(([0.0], numpy.cumsum(counts * centred**power))) for power in (0, 1, 2)
    )

    def spread(start, end):
        """Of the values from ``start`` to before ``end``; either may be an array."""
        return square[end] - square[start] - (total[end] - total[start]) ** 2 / (weight[end] - weight[start])

    size = len(values)
    best = numpy.concatenate(([0.0], spread(0, numpy.arange(1, size + 1))))
    lasts: list[numpy.ndarray] = []
    for parts in range(2, min(classes, size) + 1):
        row, last = numpy.full(size + 1, numpy.inf), numpy.zeros(size + 1, dtype=int)
        waiting = [(parts, size, parts - 1, size - 1)]
        while waiting:
            low, high, left, right = waiting.pop()
            if low > high:
                continue
            end = (low + high) // 2
            starts = numpy.arange(left, min(right, end - 1) + 1)
            costs = best[starts] + spread(starts, end)
            chosen = int(numpy.argmin(costs))
            row[end], last[end] = costs[chosen], starts[chosen]
            waiting += [(low, end - 1, left, int(starts[chosen])), (end + 1, high, int(starts[chosen]), right)]
        best = row
        lasts.append(last)
    found: list[list[int]] = [[]]
    for parts in range(2, min(classes, size) + 1):
        cuts, end = [], size
        for last in reversed(lasts[: parts - 1]):
            end = int(last[end])
            cuts.append(end)
        found.append(cuts[::-1])
    return found


def _gathered(values: numpy.ndarray, counts: numpy.ndarray, classes: int) -> list[list[int]]:
    steps = numpy.floor((values - values[0]) / (values[-1] - values[0]) * (EXACT - 1)).astype(int)
    _kept, first = numpy.unique(steps, return_index=True)
    sums = numpy.add.reduceat(counts, first)
    means = numpy.add.reduceat(values * counts, first) / sums
    return [[int(first[cut]) for cut in cuts] for cuts in natural(means, sums, classes)]


def spread_of(values: numpy.ndarray, counts: numpy.ndarray, cuts: list[int]) -> float:
    """The sum of squared distances to the mean of each class."""
    parts = zip(numpy.split(values, cuts), numpy.split(counts, cuts), strict=True)
    return float(sum((weights * (some - numpy.average(some, weights=weights)) ** 2).sum() for some, weights in parts))


def roundest(above: float, upto: float, *, whole: bool = False) -> float:
    """The number with the fewest figures that is greater than ``above`` and not greater than ``upto``; an integer if ``whole``.

    Any number between two values cuts them alike: people read the roundest, and none is told from some.
    """
    if above < 0 <= upto:
        return 0
    if whole and above == 0:
        return 1
    finest = 0 if whole else -15
    for exponent in range(floor(log10(max(abs(above), abs(upto)))), finest - 1, -1):
        step = 10 ** abs(exponent)
        found = floor(upto / step) * step if exponent >= 0 else floor(upto * step) / step
        if above < found <= upto:
            return found
    return upto
