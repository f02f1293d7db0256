"""RQ workers: jobs, the worker that runs them, the list of periodic ones."""
