"""Where things lie before the first evaluation: the exemplar, small, sewn together anew."""
