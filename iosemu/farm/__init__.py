"""Many labs from one template: worker processes that share the work, one front door, and a teacher's view of all."""
