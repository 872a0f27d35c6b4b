//! Mutations of bytes: what fuzzers do, without coverage, and the same for the same seed.

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another; 0 below 0.
    pub fn below(&mut self, most: usize) -> usize {
        (self.next() % (most as u64).max(1)) as usize
    }
}

/// Longer inputs are cut.
const MOST_BYTES: usize = 64 << 10;

/// What readers of such files look at.
const TOKENS: &[&str] = &[
    "\"",
    "'",
    "`",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    ": ",
    "- ",
    ",",
    "\n",
    "\r\n",
    "\n  ",
    "\t",
    "|",
    "|-\n",
    ">",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "# ",
    "---\n",
    "...\n",
    "%",
    "{{",
    "}}",
    "{%",
    "%}",
    "{{ name }}",
    "{% for x in items %}",
    "{% endfor %}",
    "{% include 'a' %}",
    "|tojson",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "NaN",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "\u{0}",
    "\u{1b}[2J",
    "\u{feff}",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "é",
    "漢",
    "🙂",
    "<!--",
    "-->",
    "<script>",
    "</details>",
    "````",
    "::error::",
    "##[",
    "@octocat",
    "https://evil.example",
    "../",
    "/etc/passwd",
    "checks",
    "text",
    "messages",
    "input",
    "cases",
    "contains",
    "regex",
    "json_schema",
    "judge",
    "$ref",
    "vars",
    "include",
    "prompts",
    "tests",
    "assert",
    "schema_version",
    "(a+)+$",
    ".*",
    "\\",
];

/// An input changed in one to six places; `others` are inputs to take parts of.
pub fn mutated(input: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(6) {
        mutate(&mut bytes, others, dice);
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let stretch = at..bytes.len().min(at + 1 + dice.below(40));
    match dice.below(9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        1 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
        2 => drop(bytes.drain(stretch)),
        3 => {
            let copied = bytes[stretch].to_vec();
            let to = dice.below(bytes.len() + 1);
            bytes.splice(to..to, copied);
        }
        // Deep, or long.
        4 => {
            let copied = bytes[stretch].repeat(1 + dice.below(200));
            bytes.splice(at..at, copied);
        }
        5 if dice.below(4) == 0 => bytes.truncate(at),
        6 => {
            if let Some(other) = others.get(dice.below(others.len())) {
                let from = dice.below(other.len() + 1);
                let to = other.len().min(from + dice.below(200));
                bytes.splice(at..at, other[from..to].iter().copied());
            }
        }
        _ => {
            let token = TOKENS[dice.below(TOKENS.len())];
            bytes.splice(at..at, token.bytes());
        }
    }
}
