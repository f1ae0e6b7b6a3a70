"""Does a rate mean what it says? Contacts whose true rates are drawn, judged by the product's own sums.

`python -m tests.truth.calibration [--plot FILE]` prints ten bins of the posterior against what then
happened, and of those listed how many did not deserve it, expected and real.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from config.policy import Policy
from reports.detect.scoring.counts import posterior, probability

DRAWS, CONTACTS = 200, 300
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Drawn:
    """Contacts of many draws: true rate, meetings, late ones, the next meeting's end.

    All of shape (draws, contacts). `then`: the meeting after those counted was given up late.
    """

    rate: Floats
    n: Ints
    k: Ints
    then: npt.NDArray[np.bool_]


def drawn(seed: int, rates: str, *, draws: int = DRAWS, contacts: int = CONTACTS) -> Drawn:
    """Rates from Beta(2, 8) (`prior`), or four of five 5 % and one of five 50 % (`mixture`)."""
    dice = np.random.default_rng(seed)
    shape = (draws, contacts)
    rate: Floats = (
        dice.beta(2, 8, shape)
        if rates == "prior"
        else np.where(dice.random(shape) < 0.2, 0.5, 0.05)
    )
    n = 1 + dice.poisson(5, shape)
    return Drawn(rate, n, dice.binomial(n, rate), dice.random(shape) < rate)


def bins(one: Drawn, policy: Policy) -> pd.DataFrame:
    """Ten equal groups by posterior mean: mean posterior, share that then gave up, its error."""
    mean = posterior(one.k.ravel(), one.n.ravel(), policy)
    frame = pd.DataFrame({"posterior": mean, "then": one.then.ravel()})
    frame["group"] = pd.qcut(frame["posterior"].rank(method="first"), 10, labels=False)
    by = frame.groupby("group")
    table = pd.DataFrame(
        {"posterior": by["posterior"].mean(), "then": by["then"].mean(), "contacts": by.size()}
    )
    spread = table["posterior"] * (1 - table["posterior"]) / table["contacts"]
    return table.assign(error=np.sqrt(spread))


@dataclass(frozen=True)
class Chance:
    """Of each draw: how many were listed, how many by chance as expected, and really."""

    listed: Floats
    expected: Floats
    real: Floats

    @property
    def error(self) -> float:
        """The standard error of the mean difference between expected and real."""
        return float(np.std(self.expected - self.real, ddof=1) / np.sqrt(len(self.real)))


def chance(one: Drawn, policy: Policy) -> Chance:
    """Those listed by R1, and those of them whose true rate is at most the baseline."""
    sure = probability(one.k, one.n, policy)
    listed = (one.k >= policy.list_k) & (sure >= policy.list_probability)
    return Chance(
        listed.sum(axis=1).astype("float64"),
        np.where(listed, 1 - sure, 0.0).sum(axis=1),
        (listed & (one.rate <= policy.baseline)).sum(axis=1).astype("float64"),
    )


def plot(table: pd.DataFrame, file: str) -> None:
    """The bins as points against the line on which they belong."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    top = float(max(table["posterior"].max(), table["then"].max())) * 1.1
    axes.plot([0, top], [0, top], color="#9aa8a1", linewidth=1, label="as it should be")
    axes.errorbar(
        table["posterior"], table["then"], yerr=2 * table["error"], fmt="o", color="#0b5a4e",
        label="ten equal groups, with two standard errors",
    )  # fmt: skip
    axes.set_xlabel("rate of late changes as noshow estimates it")
    axes.set_ylabel("share of next meetings given up late")
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(file, dpi=120, metadata={"Software": None})


def main() -> int:
    """Print the tables; draw the plot where asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth.calibration", description=__doc__)
    parser.add_argument("--plot", help="write the picture of the bins here")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    policy = Policy()
    one = drawn(given.seed, "prior")
    table = bins(one, policy)
    print("rates from Beta(2, 8):", f"{DRAWS} draws of {CONTACTS} contacts")
    print(table.round(4).to_string())
    for name in ("prior", "mixture"):
        found = chance(drawn(given.seed, name), policy)
        print(
            f"{name:8} listed {found.listed.mean():6.2f} a draw, by chance expected"
            f" {found.expected.mean():5.2f}, really {found.real.mean():5.2f}"
            f" (standard error {found.error:.2f})"
        )
    if given.plot:
        plot(table, given.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
