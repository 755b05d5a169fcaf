"""Notes to a trained recogniser: windows, weights, fitting, its card."""
