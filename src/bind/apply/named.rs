//! What a name stands for while `$apply` is bound, and what may be asked of it.

use crate::diag::{Code, Problem, Span};
use crate::model::{Attribute, Reference};
use crate::plan::{GroupMember, GroupValue, OutputKind, Term};
use crate::value::{Kind, Language};

use super::super::subject::{LinkSubject, Subject};

/// The binary digits that a number of rows has at most.
pub(super) const COUNT_BITS: u8 = 31;

/// A value that each row has.
#[derive(Debug, Clone)]
pub(super) struct Named<'a> {
    /// The names that lead to it.
    pub(super) path: Vec<String>,
    /// The value as it is shown.
    pub(super) term: Term,
    /// The folded text that decides which values are equal, where that is not the value itself.
    pub(super) compared: Option<Term>,
    /// Whether it may be null.
    pub(super) nullable: bool,
    /// What it is.
    pub(super) what: What<'a>,
    /// Whether the request has made it: it is no property of the rows.
    pub(super) made: bool,
    /// For whole numbers: how many binary digits they have at most, without the sign.
    pub(super) bits: u8,
    /// Which parts of a concatenation have it.
    pub(super) parts: u64,
    /// The function that made it, where `$filter` takes no condition on it: neither does a filter
    /// over groups, which may be as many as the rows.
    pub(super) unasked: Option<&'static str>,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// An attribute.
    Attribute(&'a Attribute),
    /// A reference, or the key of its target.
    Link(&'a Reference, bool),
    /// A whole number.
    Number,
    /// A decimal number, in millionths.
    Decimal,
    /// A point in time.
    Time,
    /// A date, as text.
    Date,
    /// A text that compares exactly.
    Text,
}

impl What<'_> {
    /// What values of it are in the output.
    pub(super) fn value(self) -> GroupValue {
        match self {
            Self::Attribute(attribute) => GroupValue::Value(attribute.kind, attribute.enumeration),
            Self::Link(_, true) => GroupValue::Value(Kind::Guid, None),
            Self::Link(reference, false) => GroupValue::Link(reference.target),
            Self::Number => GroupValue::Value(Kind::Int64, None),
            Self::Decimal => GroupValue::Decimal,
            Self::Time => GroupValue::Value(Kind::DateTimeOffset, None),
            Self::Date => GroupValue::Date,
            Self::Text => GroupValue::Value(Kind::String, None),
        }
    }

    /// What a column of it holds.
    pub(super) fn kind(self) -> OutputKind {
        match self.value() {
            GroupValue::Link(_) | GroupValue::Expanded(_) | GroupValue::Value(Kind::Guid, _) => {
                OutputKind::Guid
            }
            GroupValue::Value(Kind::Boolean, _) => OutputKind::Boolean,
            GroupValue::Decimal
            | GroupValue::Value(Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64, _) => {
                OutputKind::Integer
            }
            GroupValue::Value(Kind::DateTimeOffset, _) => OutputKind::Timestamp,
            // Bytes neither group nor aggregate.
            GroupValue::Date
            | GroupValue::Value(
                Kind::String | Kind::Enumeration | Kind::Multilanguage | Kind::Binary,
                _,
            ) => OutputKind::Text,
        }
    }

    /// Whether it is a whole number.
    pub(super) fn is_number(self) -> bool {
        match self.value() {
            GroupValue::Value(Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64, _) => true,
            GroupValue::Value(
                Kind::Guid
                | Kind::String
                | Kind::Boolean
                | Kind::DateTimeOffset
                | Kind::Binary
                | Kind::Multilanguage
                | Kind::Enumeration,
                _,
            )
            | GroupValue::Link(_)
            | GroupValue::Expanded(_)
            | GroupValue::Decimal
            | GroupValue::Date => false,
        }
    }

    /// Whether it is a point in time.
    pub(super) fn is_time(self) -> bool {
        self.value() == GroupValue::Value(Kind::DateTimeOffset, None)
    }

    /// What it is, for messages.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Attribute(_) => "an attribute",
            Self::Link(..) => "a reference",
            Self::Number => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Time => "a point in time",
            Self::Date => "a date",
            Self::Text => "a text",
        }
    }
}

impl<'a> Named<'a> {
    /// An attribute of the rows; nothing for calculated ones. A text in several languages is ordered
    /// by, in the language that is named or that of the request; of the one that is named there are
    /// pieces too.
    pub(super) fn attribute(subject: &Subject<'a>, language: &Language) -> Option<Self> {
        let located = subject.located?;
        let attribute = subject.attribute;
        let compared = located.shadow.and_then(|shadow| match attribute.kind {
            Kind::String => attribute.folded.then_some(Term::Column(shadow)),
            Kind::Multilanguage => Some(match subject.language.clone() {
                Some(key) => Term::Language { shadow, key },
                None => Term::LanguageOrFirst {
                    shadow,
                    key: language.key().to_owned(),
                },
            }),
            Kind::Guid
            | Kind::Boolean
            | Kind::Byte
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::DateTimeOffset
            | Kind::Binary
            | Kind::Enumeration => None,
        });
        Some(Self {
            path: names(&subject.path.to_string()),
            term: Term::Column(located.column),
            compared,
            // A language may be missing.
            nullable: located.nullable || subject.language.is_some(),
            what: What::Attribute(attribute),
            made: false,
            bits: bits(attribute.kind),
            parts: GroupMember::EVERYWHERE,
            unasked: None,
        })
    }

    /// A reference of the rows.
    pub(super) fn link(link: &LinkSubject<'a>) -> Self {
        Self {
            path: names(&link.path.to_string()),
            term: Term::Column(link.column),
            compared: None,
            nullable: link.nullable,
            what: What::Link(link.reference, link.key),
            made: false,
            bits: 0,
            parts: GroupMember::EVERYWHERE,
            unasked: None,
        }
    }

    /// Something new that is called `name`.
    pub(super) fn new(name: &str, term: Term, nullable: bool, what: What<'a>) -> Self {
        Self {
            path: vec![name.to_owned()],
            term,
            compared: None,
            nullable,
            what,
            made: true,
            bits: 0,
            parts: GroupMember::EVERYWHERE,
            unasked: None,
        }
    }

    /// What tells values apart.
    pub(super) fn key(&self) -> &Term {
        self.compared.as_ref().unwrap_or(&self.term)
    }

    /// The name as a query writes it.
    pub(super) fn label(&self) -> String {
        self.path.join("/")
    }

    /// Whether it is a text in several languages.
    pub(super) fn is_multilanguage(&self) -> bool {
        self.what.value() == GroupValue::Value(Kind::Multilanguage, None)
    }

    /// Whether it is one language of such a text.
    pub(super) const fn is_one_language(&self) -> bool {
        matches!(self.compared, Some(Term::Language { .. }))
    }

    /// Whether it may make groups.
    pub(super) fn is_dimension(&self) -> bool {
        match self.what {
            What::Attribute(attribute) => attribute.is_dimension(),
            What::Link(reference, _) => reference.is_dimension(),
            What::Number | What::Decimal | What::Time | What::Date | What::Text => true,
        }
    }

    /// Whether its greatest value may be asked for.
    pub(super) fn is_measure(&self) -> bool {
        match self.what {
            What::Attribute(attribute) => attribute.is_measure(),
            What::Number | What::Decimal | What::Time => true,
            What::Link(..) | What::Date | What::Text => false,
        }
    }

    /// A problem about it.
    pub(super) fn problem(&self, code: Code, text: impl Into<String>, span: Span) -> Problem {
        Problem::new(code, text).about(self.label()).at(span)
    }
}

fn names(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

/// How many binary digits values of a kind have at most, without the sign.
const fn bits(kind: Kind) -> u8 {
    match kind {
        Kind::Byte => 8,
        Kind::Int16 => 15,
        Kind::Int32 => 31,
        Kind::Int64 => 63,
        Kind::Guid
        | Kind::String
        | Kind::Boolean
        | Kind::DateTimeOffset
        | Kind::Binary
        | Kind::Multilanguage
        | Kind::Enumeration => 0,
    }
}
