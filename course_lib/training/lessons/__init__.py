"""The lessons of the scoreboard: what each trains, how it is scored, and the bars it must reach.

To add one:

1. Write a file here with one subclass of :class:`course_lib.training.lessons.lesson.Lesson`. Its class
   attributes say what is trained (a preset, a data set, speakers held out, seconds) and which columns and
   bars its table has; ``evaluate(run, *, n=None, on_row=None)`` scores one finished run::

       class Denoising(Lesson):
           name, title, preset = "denoising", "Denoising at 0 dB", "denoising"
           holdout, seconds = ("george", "theo"), 480.0
           conditions = ("white", "babble")             # two tables in one
           share_words = "from the noisy string to its ceiling"
           metrics = (Metric("stoi", "STOI"), Metric("si_sdr", "SI-SDR", digits=1, unit="dB"))
           bars = (Bar("stoi", 0.80, condition="white"), Bar("si_sdr", 10.0, condition="white"))

           def evaluate(self, run, *, n=None, on_row=None):
               train, test, representation = load_split(run)
               return enhancement.evaluate(...)         # {"rows", "protocol", "settings"}

2. Name it in :data:`course_lib.training.lessons.registry.LESSONS`.

``course bench NAME`` then trains it, reuses what is trained already, and prints its table; ``course bench``
lists it; ``course evaluate RUN`` scores any run of its preset. Nothing heavy is imported at module level: the
command line reads these files for its help.
"""
