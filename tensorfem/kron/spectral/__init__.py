"""What a Kronecker sum gets from its axes: eigenvalues, Schur forms, determinants, functions."""
