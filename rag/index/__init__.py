"""Pieces in, snapshots out: the catalogue, the vectors, the indexing run and the search over the live snapshot."""
