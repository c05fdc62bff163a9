"""The comparison with other packages: cases, peers (one file each), measurement, tables and pictures. `benchmarks.peers` runs it."""
