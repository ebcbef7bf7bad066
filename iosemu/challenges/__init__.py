"""Labs with a fault to find: chosen by a seed, with its ground truth, and graded by what the lab does."""
