"""Parses the module for Terraform and says what its expressions name that it does not declare, and what it declares that
nothing names. Providers come from another registry, so that their arguments are not checked here."""

import pathlib
import re
import sys

import hcl2

files = sorted(pathlib.Path(sys.argv[1]).glob("*.tf"))
declared, text = set(), ""
for file in files:
    with open(file) as opened:
        parsed = hcl2.load(opened)
    plain = lambda name: name.strip('"')
    for block in parsed.get("variable", []):
        declared.update(f"var.{plain(name)}" for name in block)
    for block in parsed.get("locals", []):
        declared.update(f"local.{plain(name)}" for name in block if not name.startswith("__"))
    for kind, prefix in (("resource", ""), ("data", "data.")):
        for block in parsed.get(kind, []):
            for of, names in block.items():
                declared.update(f"{prefix}{plain(of)}.{plain(name)}" for name in names if not name.startswith("__"))
    # Comments name nothing; a `#` inside quotes is none.
    text += re.sub(r'(?m)^((?:[^"#\n]|"[^"\n]*")*)#.*$', r"\1", file.read_text()) + "\n"
name = r"[A-Za-z_][A-Za-z0-9_-]*"
named = set(re.findall(rf"\b(?:var|local)\.{name}", text))
named |= {"data." + found for found in re.findall(rf"\bdata\.({name}\.{name})", text)}
named |= set(re.findall(rf"(?<![.\w-])(?:aws|archive)_\w+\.{name}", text))
print("files:", *(file.name for file in files))
print("named and not declared:", *sorted(named - declared))
print("declared and not named:", *sorted(one for one in declared - named if one.startswith(("var.", "local.", "data."))))
