"""A student learns from a teacher: what is compared where, the teacher asked or looked up, the loop of a run."""
