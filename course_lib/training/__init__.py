"""From a preset to a run folder: presets, the run store, the spawned worker, callbacks."""
