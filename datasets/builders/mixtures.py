"""Write the fixed lists of test mixtures and noisy strings, their hashes and fingerprints.

    python datasets/builders/mixtures.py            # write datasets/mixtures
    python datasets/builders/mixtures.py --check    # say whether what is there is what would be written

Run it again only when a data set's files change: every published comparison names these lists.
"""

from __future__ import annotations

import argparse
import sys

from course_lib.data import fixed_lists

DATASETS = ("digits", "fsdd")
# Sounds of the bundled data set only: it is on every machine.
REFERENCE = "digits"


def files() -> dict[str, str]:
    """{file name: text} of everything in the folder."""
    recipes = {
        fixed_lists.recipe_name(dataset, kind): fixed_lists.make_recipe(dataset, kind)
        for dataset in DATASETS
        for kind in fixed_lists.KINDS
    }
    hashes = "".join(f"{fixed_lists.text_hash(text)}  {name}\n" for name, text in sorted(recipes.items()))
    return recipes | {"recipes.sha256": hashes}


def fingerprints() -> str:
    """CSV text: two numbers for each sound of the reference data set (see ``fixed_lists.fingerprint``)."""
    lists = {
        "mixtures": list(fixed_lists.load_mixtures(REFERENCE).mixture),
        "strings": [string.noisy for string in fixed_lists.load_noisy_strings(REFERENCE)],
    }
    lines = ["list,index,rms,centre"]
    for kind, sounds in lists.items():
        for index, y in enumerate(sounds):
            rms, centre = fixed_lists.fingerprint(y)
            lines.append(f"{kind},{index},{rms:.7f},{centre:.7f}")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    folder = fixed_lists.folder()
    wrong = []
    for name, text in files().items():
        path = folder / name
        if check:
            wrong += [name] if not path.is_file() or path.read_text(encoding="utf-8") != text else []
        else:
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if check:
        print(f"differs: {', '.join(wrong)}" if wrong else "all recipes are what the builder writes")
        return bool(wrong)
    (folder / f"{REFERENCE}_samples.csv").write_text(fingerprints(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
