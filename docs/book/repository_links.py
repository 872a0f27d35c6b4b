"""A preprocessor of mdBook: links to files outside of docs/ lead to the repository.

On GitHub `[the action](../action.yml)` works as it is; the book has no such page. Fails for a file that does not exist.
"""

import json
import re
import sys
from pathlib import Path

REPOSITORY = "https://github.com/prompt-assay/prompt-assay/blob/main/"
ROOT = Path(__file__).resolve().parent.parent.parent
LINK = re.compile(r"\]\(\.\./([^)#\s]+)")


def outside(link: re.Match[str]) -> str:
    path = link.group(1)
    if not (ROOT / path).exists():
        raise SystemExit(f"a page links to ../{path}, which does not exist")
    return f"]({REPOSITORY}{path}"


def rewrite(items: list) -> None:
    for item in items:
        if isinstance(item, dict) and "Chapter" in item:
            chapter = item["Chapter"]
            chapter["content"] = LINK.sub(outside, chapter["content"])
            rewrite(chapter["sub_items"])


def main() -> None:
    if sys.argv[1:2] == ["supports"]:
        return
    _, book = json.load(sys.stdin)
    rewrite(book["items"])
    json.dump(book, sys.stdout)


main()
