"""From lessons to a scoreboard: which trainings, found or made; their scores, kept; the spread over them."""
