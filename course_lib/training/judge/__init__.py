"""How the judge of generated digits is made and measured; :mod:`course_lib.models.judge` uses it."""
