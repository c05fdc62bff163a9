"""Matrix equations and least squares."""
