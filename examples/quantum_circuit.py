"""A quantum circuit: gates are Kronecker products of 2 x 2 matrices, and no gate on 20 qubits is ever formed.

A Hadamard gate and a CNOT make the Bell state: both qubits agree. The chain of CNOTs on 20 qubits makes the GHZ state, all 0 or all 1.
Hadamard gates on every qubit then let these two interfere: one sees that every odd number of ones has vanished. Had a coin chosen
between all 0 and all 1, every number would stay, as the line shows. A gate on all qubits has 2^40 entries as a matrix, 8.8 TB.
"""

from math import comb, sqrt
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from tensorfem.kron import kron, mode_product

H = np.array([[1.0, 1.0], [1.0, -1.0]]) / sqrt(2)
X = np.array([[0.0, 1.0], [1.0, 0.0]])
zero, one = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])

# CNOT = |0><0| x I + |1><1| x X: what happens to the second qubit depends on the first.
cnot = kron(zero, np.eye(2)) + kron(one, X)
bell = cnot @ (kron(H, np.eye(2)) @ np.array([[1.0, 0.0], [0.0, 0.0]]))

qubits = 20


def controlled(gate, state, control, target):
    """A gate on one qubit where another is 1; a state has one axis of length 2 per qubit."""
    return mode_product(zero, state, control) + mode_product(gate, mode_product(one, state, control), target)


state = np.zeros((2,) * qubits)
state[(0,) * qubits] = 1
ghz = mode_product(H, state, 0)
for qubit in range(1, qubits):
    ghz = controlled(X, ghz, qubit - 1, qubit)
everywhere = kron(*[H] * qubits)
final = everywhere @ ghz

ones = np.bitwise_count(np.arange(final.size))  # how many qubits are 1 in each basis state
counts = np.bincount(ones, weights=final.ravel() ** 2)
binomial = np.array([comb(qubits, k) for k in range(qubits + 1)]) / 2**qubits


def draw(axes=None):
    """The probabilities of the Bell state, and of the number of ones among 20 qubits."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", width_ratios=(1, 2.2))[1]
    axes[0].bar(["00", "01", "10", "11"], bell.ravel() ** 2, color="C0", width=0.7)
    axes[0].set(title="Bell state", xlabel="qubits", ylabel="probability", ylim=(0, 0.6))
    axes[1].bar(range(qubits + 1), counts, color="C0", width=0.7, label="GHZ state")
    axes[1].plot(binomial, "C3o-", markersize=3.5, linewidth=1, label="all 0 or all 1, by a coin")
    axes[1].set(
        title=f"H on each of {qubits} qubits, {final.size:,} amplitudes", xlabel="number of ones", ylim=(0, 0.4), xticks=range(0, 21, 2)
    )
    axes[1].legend(title="before that", loc="upper left")
    return axes


if __name__ == "__main__":
    print(f"Bell state  {bell.ravel().round(4)}")
    print(
        f"GHZ state   all 0: {ghz.flat[0] ** 2:.3f}, all 1: {ghz.flat[-1] ** 2:.3f}; then an odd number of ones: {counts[1::2].sum():.1e}"
    )
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/quantum_circuit.png", dpi=150)
    print("picture     out/quantum_circuit.png")
