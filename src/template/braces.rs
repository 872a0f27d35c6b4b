//! The `braces` language: `{name}` of a variable that the case gives is filled in, every other brace stays
//! as it is. This is what applications do that call `.replace("{name}", value)`.

use super::fields::{Fields, Missing, Piece, is_name};

/// Reads a text; every text is one of this language.
pub(super) fn compile(path: &str, text: &str) -> Fields {
    let (mut pieces, mut literal, mut line) = (Vec::new(), String::new(), 1);
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        line += rest[..at].matches('\n').count();
        literal.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.split_once('}').filter(|(name, _)| is_name(name)) {
            Some((name, after)) => {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
                pieces.push(Piece::Field { name: name.to_owned(), keys: Vec::new(), line });
                rest = after;
            }
            None => literal.push('{'),
        }
    }
    literal.push_str(rest);
    pieces.push(Piece::Text(literal));
    Fields::new(path, pieces, Missing::Stays)
}
