"""Many shots at once: on this machine, or as tasks of a farm that is there already. No scheduler of our own."""
