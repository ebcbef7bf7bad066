"""BGP at work on a box: the engines joined to TCP, routing tables and lab time."""
