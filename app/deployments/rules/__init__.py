"""The rules of rollouts: pure functions, standard library only, time and chance as arguments."""
