"""What happens during ``fit``: control, learning rate, history, previews, checkpoints."""
