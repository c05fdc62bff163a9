"""The peers by name, and those for which there is no program here."""

from benchmarks.comparison.assembled import RugeStuben, SmoothedAggregation, SparseLU
from benchmarks.comparison.floors import Copy, Products, Transforms
from benchmarks.comparison.ngsolve_peer import NGSolve
from benchmarks.comparison.scikit_fem import ScikitFem
from benchmarks.comparison.tensorfem_solvers import FastDiagonalization, Multigrid

PEERS = {
    peer.name: peer
    for peer in (FastDiagonalization, Multigrid, Transforms, Products, Copy, RugeStuben, SmoothedAggregation, ScikitFem, NGSolve, SparseLU)
}
# Modules of packages that could not be installed where this was written; a program that never ran would compare nothing.
WITHOUT_PROGRAM = {"pyiga": "pyiga", "PETSc": "petsc4py", "DOLFINx": "dolfinx"}
