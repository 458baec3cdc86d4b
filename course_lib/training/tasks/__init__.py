"""What the presets train on and how their runs are heard: one file a task, no loop and no network."""
