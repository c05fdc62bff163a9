"""Fields in other array libraries (PyTorch, CuPy, JAX, whatever follows the array API standard): one code for all of them.

One-dimensional work stays in NumPy and SciPy, in double precision, on the host. Its small matrices are placed beside the field, in the
field's own precision, and all that touches the whole field is a matrix product or an elementwise operation of the field's own library:
it runs on the field's device, and the library can differentiate through it.
"""
