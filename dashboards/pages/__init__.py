"""One file a page; a page only arranges components around a state."""
