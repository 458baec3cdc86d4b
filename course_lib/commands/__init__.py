"""One module a command of ``course``; heavy imports only inside the functions."""
