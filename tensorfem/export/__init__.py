"""Files and labelled arrays of samples on a rectilinear grid: arrays, axes and names in, files out, whole or not at all.

Nothing here knows a space or a field, and nothing outside this folder imports xarray. It is imported at the first use.
"""

from tensorfem.export.atomic import atomic, write_text
from tensorfem.export.labelled import labelled
from tensorfem.export.npz import read_npz, write_npz
from tensorfem.export.pvd import write_collection
from tensorfem.export.vtr import write_vtr

__all__ = ["atomic", "labelled", "read_npz", "write_collection", "write_npz", "write_text", "write_vtr"]
