//! A small world of prompts, shared parts and cases, edits on it, and what they affect.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;

/// Names of the variables every case has.
pub const VARIABLES: [&str; 3] = ["alpha", "beta", "gamma"];
const PARTS: usize = 3;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Words(u8),
    Variable(usize),
    /// Rendered only where the variable's value is even.
    Sometimes(usize, u8),
    Part(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub values: [u8; 3],
    pub wanted: u8,
    pub must_pass: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    pub pieces: Vec<Piece>,
    pub max_tokens: u16,
    pub cases: BTreeMap<String, Case>,
}

/// Parts hold no parts, so that no cycle can arise.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub prompts: BTreeMap<String, Prompt>,
    pub parts: Vec<Vec<Piece>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Compare,
    Score,
}

fn plain_piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        any::<u8>().prop_map(Piece::Words),
        (0..VARIABLES.len()).prop_map(Piece::Variable),
        (0..VARIABLES.len(), any::<u8>()).prop_map(|(variable, words)| Piece::Sometimes(variable, words)),
    ]
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![3 => plain_piece(), 1 => (0..PARTS).prop_map(Piece::Part)]
}

fn case() -> impl Strategy<Value = Case> {
    (any::<[u8; 3]>(), 0..4_u8, proptest::bool::weighted(0.2)).prop_map(|(values, wanted, must_pass)| Case {
        values: values.map(|v| v % 6),
        wanted,
        must_pass,
    })
}

fn prompt() -> impl Strategy<Value = Prompt> {
    (vec(piece(), 1..5), 1..3_u16, btree_map("[a-e]", case(), 1..4))
        .prop_map(|(pieces, size, cases)| Prompt { pieces, max_tokens: 100 * size, cases })
}

pub fn world() -> impl Strategy<Value = World> {
    (btree_map("p[a-f]", prompt(), 1..5), vec(vec(plain_piece(), 1..3), PARTS))
        .prop_map(|(prompts, parts)| World { prompts, parts })
}

/// One edit; indices pick among what is there.
#[derive(Clone, Debug)]
pub enum Edit {
    Piece(Index, Index, Piece),
    Part(usize, Vec<Piece>),
    Value(Index, Index, usize, u8),
    Wanted(Index, Index, u8),
    MustPass(Index, Index),
    AddCase(Index, Case),
    RemoveCase(Index, Index),
    Tokens(Index, u16),
    AddPrompt(Prompt),
}

pub fn edits(_world: &World) -> impl Strategy<Value = Vec<Edit>> + use<> {
    let at = any::<Index>;
    let edit = prop_oneof![
        3 => (at(), at(), piece()).prop_map(|(p, i, piece)| Edit::Piece(p, i, piece)),
        2 => (0..PARTS, vec(plain_piece(), 1..3)).prop_map(|(part, pieces)| Edit::Part(part, pieces)),
        1 => (at(), at(), 0..3_usize, 0..6_u8).prop_map(|(p, c, v, value)| Edit::Value(p, c, v, value)),
        1 => (at(), at(), 0..4_u8).prop_map(|(p, c, wanted)| Edit::Wanted(p, c, wanted)),
        1 => (at(), at()).prop_map(|(p, c)| Edit::MustPass(p, c)),
        1 => (at(), case()).prop_map(|(p, case)| Edit::AddCase(p, case)),
        1 => (at(), at()).prop_map(|(p, c)| Edit::RemoveCase(p, c)),
        1 => (at(), 1..3_u16).prop_map(|(p, size)| Edit::Tokens(p, 100 * size)),
        1 => prompt().prop_map(Edit::AddPrompt),
    ];
    vec(edit, 0..4)
}

impl World {
    fn prompt(&mut self, at: &Index) -> &mut Prompt {
        let name = self.prompts.keys().nth(at.index(self.prompts.len())).cloned().expect("never empty");
        self.prompts.get_mut(&name).expect("just found")
    }

    fn case(&mut self, prompt: &Index, at: &Index) -> &mut Case {
        let cases = &mut self.prompt(prompt).cases;
        let id = cases.keys().nth(at.index(cases.len())).cloned().expect("never empty");
        cases.get_mut(&id).expect("just found")
    }
}

impl Edit {
    pub fn apply(&self, world: &mut World) {
        match self {
            Edit::Piece(p, i, piece) => {
                let prompt = world.prompt(p);
                let at = i.index(prompt.pieces.len());
                prompt.pieces[at] = piece.clone();
            }
            Edit::Part(part, pieces) => world.parts[*part].clone_from(pieces),
            Edit::Value(p, c, variable, value) => world.case(p, c).values[*variable] = *value,
            Edit::Wanted(p, c, wanted) => world.case(p, c).wanted = *wanted,
            Edit::MustPass(p, c) => {
                let case = world.case(p, c);
                case.must_pass = !case.must_pass;
            }
            Edit::AddCase(p, case) => {
                world.prompt(p).cases.insert("new".to_owned(), case.clone());
            }
            Edit::RemoveCase(p, c) => {
                let cases = &mut world.prompt(p).cases;
                if cases.len() > 1 {
                    let id = cases.keys().nth(c.index(cases.len())).cloned().expect("never empty");
                    cases.remove(&id);
                }
            }
            Edit::Tokens(p, tokens) => world.prompt(p).max_tokens = *tokens,
            Edit::AddPrompt(added) => {
                world.prompts.insert("pz".to_owned(), added.clone());
            }
        }
    }
}

/// What would be sent: rendered without a template engine.
fn sent(world: &World, prompt: &Prompt, case: &Case) -> (String, u16) {
    fn text(world: &World, pieces: &[Piece], case: &Case) -> String {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => format!("w{words} "),
                Piece::Variable(variable) => format!("v{} ", case.values[*variable]),
                Piece::Sometimes(variable, words) if case.values[*variable].is_multiple_of(2) => {
                    format!("s{words} ")
                }
                Piece::Sometimes(..) => String::new(),
                Piece::Part(part) => text(world, &world.parts[*part], case),
            })
            .collect()
    }
    (text(world, &prompt.pieces, case), prompt.max_tokens)
}

/// The affected cases, from the worlds alone (decisions.md#affected-cases).
pub fn truth(base: &World, head: &World) -> BTreeMap<(String, String), Kind> {
    let mut affected = BTreeMap::new();
    for (name, prompt) in &head.prompts {
        for (id, case) in &prompt.cases {
            let key = (name.clone(), id.clone());
            let Some(old) = base.prompts.get(name) else {
                affected.insert(key, Kind::Score);
                continue;
            };
            let now = sent(head, prompt, case);
            if sent(base, old, case) != now {
                affected.insert(key, Kind::Compare);
                continue;
            }
            let same = old.cases.get(id).is_some_and(|before| {
                sent(base, old, before) == now
                    && before.wanted == case.wanted
                    && before.must_pass == case.must_pass
            });
            if !same {
                affected.insert(key, Kind::Score);
            }
        }
    }
    affected
}
