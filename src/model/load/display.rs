//! Takes display formats apart: `{Name} <{Login}>`.

/// A piece of a display format, names unresolved.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text as it stands.
    Literal(&'a str),
    /// A member between braces, without its `:T` (the text in the reader's language, always so).
    Member(&'a str),
}

/// The pieces of a format; nothing where braces do not match.
pub(super) fn pieces(format: &str) -> Option<Vec<Piece<'_>>> {
    let (mut pieces, mut rest) = (Vec::new(), format);
    while let Some((literal, after)) = rest.split_once('{') {
        let (member, tail) = after.split_once('}')?;
        if literal.contains('}') || member.contains('{') || member.is_empty() {
            return None;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        pieces.push(Piece::Member(member.strip_suffix(":T").unwrap_or(member)));
        rest = tail;
    }
    if rest.contains('}') {
        return None;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_apart() {
        let expected = vec![
            Piece::Member("User.Name"),
            Piece::Literal(" <"),
            Piece::Member("Login"),
            Piece::Literal(">"),
        ];
        assert_eq!(pieces("{User.Name:T} <{Login}>"), Some(expected));
        assert_eq!(pieces(""), Some(Vec::new()));
        for broken in ["{Name", "Name}", "{}", "{{Name}}", "{A} }"] {
            assert_eq!(pieces(broken), None, "{broken}");
        }
    }
}
