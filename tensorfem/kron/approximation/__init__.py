"""Arrays and matrices approximated by Kronecker products."""
