"""Phase planes: fields, nullclines, resting points, separatrices, basins."""
