#!/usr/bin/env python3
"""Draws the demo's comment as GitHub shows it, and its page: docs/picture/render.py [COMMENT.md [PICTURE.png]]

Without arguments it runs the demo and writes docs/images/comment.png and docs/images/report.png. It needs Debian's packages
cmark-gfm (GitHub's own Markdown), chromium, fonts-liberation, fonts-noto-color-emoji and npm (for one pinned style sheet).
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STYLE = "github-markdown-css@5.9.0"
COMMENT, REPORT = (920, 1010), (1180, 1130)

PAGE = """<!doctype html>
<meta charset="utf-8">
<style>{style}</style>
<style>
  body {{ margin: 0; padding: 14px; background: #fff; overflow: hidden; }}
  .comment {{ border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }}
  .by {{ font: 14px "Liberation Sans", sans-serif; color: #59636e; background: #f6f8fa;
         border-bottom: 1px solid #d1d9e0; padding: 8px 16px; }}
  .by b {{ color: #1f2328; }}
  .markdown-body {{ padding: 16px; font: 14px/1.5 "Liberation Sans", sans-serif; }}
  .markdown-body pre, .markdown-body code {{ font-family: "Liberation Mono", monospace; }}
</style>
<div class="comment">
  <div class="by"><b>prompt-assay</b> commented</div>
  <div class="markdown-body">{body}</div>
</div>
"""


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def demo(folder):
    """Where the demo left its files; exit status 1 is what it should end with."""
    place = folder / "demo"
    ended = subprocess.run(
        ["cargo", "run", "--quiet", "--locked", "--", "demo", "--directory", place],
        cwd=ROOT, stdout=subprocess.DEVNULL, check=False,
    )
    if ended.returncode != 1:
        sys.exit(f"the demo ended with exit status {ended.returncode}")
    return place


def style(folder):
    """The style sheet, from the npm registry."""
    run("npm", "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", folder, STYLE)
    return (folder / "node_modules/github-markdown-css/github-markdown-light.css").read_text()


def coloured(block):
    """The lines of a diff, in the colours GitHub gives them."""
    kinds = {"+": "pl-mi1", "-": "pl-md", "@": "pl-mdr"}
    lines = []
    for line in block[1].split("\n"):
        kind = kinds.get(line[:1])
        lines.append(f'<span class="{kind}">{line}</span>' if kind else line)
    return '<pre lang="diff"><code>' + "\n".join(lines) + "</code></pre>"


def page(comment, css):
    """The comment as a page, its first folded case opened."""
    extensions = [part for name in ("table", "strikethrough", "autolink", "tagfilter") for part in ("-e", name)]
    done = run("cmark-gfm", "--unsafe", "--github-pre-lang", *extensions, comment, capture_output=True, text=True)
    body = re.sub(r'<pre lang="diff"><code>(.*?)</code></pre>', coloured, done.stdout, flags=re.S)
    return PAGE.format(style=css, body=body.replace("<details>", "<details open>", 1))


def screenshot(source, picture, size, folder):
    run(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={size[0]},{size[1]}",
        f"--screenshot={picture}", source.as_uri(), stderr=subprocess.DEVNULL,
    )
    print(f"{picture}: {picture.stat().st_size // 1000} kB")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        images = ROOT / "docs/images"
        if len(sys.argv) > 1:
            comment = pathlib.Path(sys.argv[1])
        else:
            place = demo(folder)
            comment = place / "comment.md"
            screenshot(place / "report.html", images / "report.png", REPORT, folder)
        picture = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else images / "comment.png"
        source = folder / "comment.html"
        source.write_text(page(comment, style(folder)))
        screenshot(source, picture.resolve(), COMMENT, folder)


if __name__ == "__main__":
    main()
