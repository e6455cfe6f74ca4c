"""Work beside the request: worker processes with bounds, queues, schedules, long-running parts."""
