"""Queues, schedulers, shapers and meters of an interface: they know no box, and time is passed in.

| module | |
|---|---|
| `meter` | token buckets: policing (RFC 2697, RFC 2698) and shaping |
| `red` | weighted random early detection |
| `queues` | what waits: one queue, or one a flow |
| `thresholds` | a queue with several thresholds, as ports of switches have them |
| `scheduler` | whose turn it is: priority, fair shares, hierarchies of shapers |
"""
