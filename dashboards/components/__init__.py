"""Views that pages and notebooks share. Panel and Bokeh only: no network, no TensorFlow."""
