"""RQ workers: the functions of jobs, the worker that runs them, the scheduler that starts the periodic ones."""
