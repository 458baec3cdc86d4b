"""Live dashboards: they read run folders and hand work to a queue; they never train."""
