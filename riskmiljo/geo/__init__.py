"""Reference systems, grids and the gazetteer."""
