"""What a Kronecker product gets from its factors, one by one: inverses, invariants, decompositions."""
