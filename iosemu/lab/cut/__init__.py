"""One lab over several processes: it is cut at cables, and each worker computes a part of it.

`partition` says who is computed where, `cable` is half a cable, `peers` what workers send each other, `rounds` how
they keep lab time in step, `part` and `worker` a worker, `front` the process that the user started.

Light and frames need time from one box to another, so that a worker that knows what the others have planned knows
for how long nothing can come from them: so far it computes alone. This is conservative synchronisation (Chandy and
Misra, Communications of the ACM 24(4), 1981; Bryant, 1977): a null message says from when on something can come. Events
have a place (`net.scheduler.Key`) that does not depend on who computes them: a seeded lab gives the same bytes cut or
whole.
"""
