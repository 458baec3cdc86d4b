"""Blind listening tests: ABX, preference and MUSHRA, as data without a page.

* **ABX** asks whether there is any difference to hear; only right answers count.
* **Preference** asks which of two is better.
* **MUSHRA** asks how good each of several versions is, from 0 to 100, with the reference and low-passed
  anchors hidden among them.

Sounds are brought to one loudness (ITU-R BS.1770), their order and names are random for every listener, and
what was what stays hidden until that listener's last answer. Every answer is on disk before the next
question, so a test goes on where it was left. Whoever serves a test gives a client nothing but
``session.current()`` and ``session.wav(...)``; a listener who opens the browser's tools and compares bytes is
beyond any blind.

Examples
--------
>>> from course_lib.evaluation.listening import ListeningTest
>>> test = ListeningTest.create(
...     "tests/codec",
...     kind="abx",
...     items={"seven": {"original": y, "codec": decoded}, "two": {"original": "two.wav", "codec": "2c.wav"}},
...     sr=8000,
...     repeats=8,
... )
>>> session = test.start()
>>> session.listener
'k7m2p9qd'
>>> trial = session.current()
>>> trial["sounds"]
{'A': '0f3a...', 'B': '91c7...', 'X': 'd26b...'}
>>> bytes_to_play = session.wav(trial["sounds"]["X"])
>>> session.answer(trial["number"], "A", seconds=4.2)

After a break, or a crash, ``test.resume("k7m2p9qd")`` is at the second trial. When listeners have finished:

>>> test.write_csv("codec.csv")
>>> found = test.analyse()
>>> found["all"]["correct"], found["all"]["trials"], found["all"]["p"]
(13, 16, 0.0106)

How many trials it takes is known before: ``chance.trials_needed(skill=0.7)`` are 37, and with 16 a listener
who is right in 70 % is found in 45 % of the cases (``chance.power(16, skill=0.7)``).
"""

from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.listening_test import ListeningTest
from course_lib.evaluation.listening.results import analyse, read_csv, write_csv
from course_lib.evaluation.listening.session import Session

__all__ = ["ListeningError", "ListeningTest", "Session", "analyse", "read_csv", "write_csv"]
