"""The shows of GDOI."""
