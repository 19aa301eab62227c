//! Names of members: properties, and annotations of objects and properties.

/// What the name of a member stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberName<'a> {
    /// A property.
    Property(&'a str),
    /// An annotation: of a property, or else of the object.
    Annotation(Option<&'a str>, Term),
    /// An annotation that means nothing here.
    Unknown,
}

/// What an annotation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// `@odata.id`: which object it is.
    Id,
    /// `@odata.type`: of which type it is.
    Type,
    /// `Person@odata.bind`: what a reference points at.
    Bind,
    /// `Groups@delta`: changes of a collection.
    Delta,
    /// `@removed`: an object that a delta takes away.
    Removed,
    /// `@erpnet.action`: what happens to the object.
    Action,
    /// `@erpnet.findBy`: how the object is found.
    FindBy,
    /// `@ext.initialPassword`: a password in plain text, to be hashed.
    InitialPassword,
    /// `@ext.passwordHash`: a ready hash.
    PasswordHash,
    /// What answers carry and a payload may echo: it says nothing.
    Echo,
}

/// Annotations of OData: they may carry the prefix `odata.` (OData JSON 4.01, section 4.6).
const STANDARD: &[(&str, Term)] = &[
    ("id", Term::Id),
    ("type", Term::Type),
    ("bind", Term::Bind),
    ("delta", Term::Delta),
    ("removed", Term::Removed),
    ("context", Term::Echo),
    ("metadataEtag", Term::Echo),
    ("etag", Term::Echo),
    ("editLink", Term::Echo),
    ("readLink", Term::Echo),
    ("navigationLink", Term::Echo),
    ("associationLink", Term::Echo),
    ("count", Term::Echo),
    ("nextLink", Term::Echo),
    ("deltaLink", Term::Echo),
];

/// Annotations of others.
const OTHERS: &[(&str, Term)] = &[
    ("erpnet.action", Term::Action),
    ("erpnet.findBy", Term::FindBy),
    ("ext.initialPassword", Term::InitialPassword),
    ("ext.passwordHash", Term::PasswordHash),
    ("Core.Messages", Term::Echo),
];

/// Reads the name of a member.
pub(super) fn member_name(text: &str) -> MemberName<'_> {
    let Some((property, term)) = text.split_once('@') else {
        return MemberName::Property(text);
    };
    let find = |table: &[(&str, Term)], name: &str| {
        let mut rows = table.iter();
        rows.find(|(known, _)| *known == name)
            .map(|(_, term)| *term)
    };
    let standard = find(STANDARD, term.strip_prefix("odata.").unwrap_or(term));
    match standard.or_else(|| find(OTHERS, term)) {
        Some(term) => MemberName::Annotation((!property.is_empty()).then_some(property), term),
        None => MemberName::Unknown,
    }
}

/// Every annotation with an effect, for messages.
pub(super) fn known() -> String {
    let words = STANDARD.iter().chain(OTHERS);
    let words = words.filter(|(_, term)| *term != Term::Echo);
    let words: Vec<_> = words.map(|(word, _)| format!("`@{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (text, expected) in [
            ("Login", MemberName::Property("Login")),
            ("@odata.id", MemberName::Annotation(None, Term::Id)),
            ("@id", MemberName::Annotation(None, Term::Id)),
            (
                "Person@odata.bind",
                MemberName::Annotation(Some("Person"), Term::Bind),
            ),
            (
                "Groups@delta",
                MemberName::Annotation(Some("Groups"), Term::Delta),
            ),
            ("@erpnet.findBy", MemberName::Annotation(None, Term::FindBy)),
            ("@odata.erpnet.findBy", MemberName::Unknown),
            ("@odata.colour", MemberName::Unknown),
            ("@", MemberName::Unknown),
        ] {
            assert_eq!(member_name(text), expected, "{text}");
        }
    }
}
