//! The table of OData's functions and what this service does with each.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{CompareOperator, MatchKind};
use crate::syntax::ast::Name;
use crate::value::{Function, Rounding, TextFunction, TimeFunction};

use super::suggest;

/// What a function is to the binder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// A text function over an attribute: `contains`.
    Match(MatchKind),
    /// The vendor's comparison that is also true for null.
    OrNull(CompareOperator),
    /// Accepted around an attribute, and computed for constants.
    Wrap(Wrap),
    /// `indexof`: some of its comparisons are `contains`.
    IndexOf,
    /// Computed for constants only.
    Constant(Function),
    /// A point in time.
    Moment(Moment),
    /// `cast`: of constants, and of attributes to the type that they have.
    Cast,
    /// `isof`: of constants, and of the row itself.
    IsOf,
    /// OData knows it; no attribute declares it and the service does not compute it, for a reason.
    Known(&'static str),
}

/// Functions around an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wrap {
    /// `tolower`.
    Lower,
    /// `toupper`.
    Upper,
    /// `trim`.
    Trim,
    /// `date`.
    Date,
    /// `year`.
    Year,
}

impl Wrap {
    /// What it computes.
    pub(super) const fn function(self) -> Function {
        match self {
            Self::Lower => Function::Text(TextFunction::Lower),
            Self::Upper => Function::Text(TextFunction::Upper),
            Self::Trim => Function::Text(TextFunction::Trim),
            Self::Date => Function::Time(TimeFunction::Date),
            Self::Year => Function::Time(TimeFunction::Year),
        }
    }
}

/// Points in time that no argument says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// `now`.
    Now,
    /// `mindatetime`.
    Min,
    /// `maxdatetime`.
    Max,
}

/// One function of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    least: usize,
    most: usize,
    pub(super) role: Role,
}

const fn f(name: &'static str, least: usize, most: usize, role: Role) -> Row {
    Row {
        name,
        least,
        most,
        role,
    }
}

/// OData 4.01 Part 2, 5.1.1.5 to 5.1.1.13, and the vendor's three.
const FUNCTIONS: &[Row] = &[
    f("contains", 2, 2, Role::Match(MatchKind::Contains)),
    f("startswith", 2, 2, Role::Match(MatchKind::StartsWith)),
    f("endswith", 2, 2, Role::Match(MatchKind::EndsWith)),
    f("equalnull", 2, 2, Role::OrNull(CompareOperator::Eq)),
    f("lessequalnull", 2, 2, Role::OrNull(CompareOperator::Le)),
    f("greaterequalnull", 2, 2, Role::OrNull(CompareOperator::Ge)),
    f("tolower", 1, 1, Role::Wrap(Wrap::Lower)),
    f("toupper", 1, 1, Role::Wrap(Wrap::Upper)),
    f("trim", 1, 1, Role::Wrap(Wrap::Trim)),
    f("date", 1, 1, Role::Wrap(Wrap::Date)),
    f("year", 1, 1, Role::Wrap(Wrap::Year)),
    f("indexof", 2, 2, Role::IndexOf),
    f("now", 0, 0, Role::Moment(Moment::Now)),
    f("mindatetime", 0, 0, Role::Moment(Moment::Min)),
    f("maxdatetime", 0, 0, Role::Moment(Moment::Max)),
    f(
        "concat",
        2,
        2,
        Role::Constant(Function::Text(TextFunction::Concat)),
    ),
    f(
        "length",
        1,
        1,
        Role::Constant(Function::Text(TextFunction::Length)),
    ),
    f(
        "month",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::Month)),
    ),
    f(
        "day",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::Day)),
    ),
    f(
        "hour",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::Hour)),
    ),
    f(
        "minute",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::Minute)),
    ),
    f(
        "second",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::Second)),
    ),
    f(
        "fractionalseconds",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::FractionalSeconds)),
    ),
    f(
        "time",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::Time)),
    ),
    f(
        "totalseconds",
        1,
        1,
        Role::Constant(Function::Time(TimeFunction::TotalSeconds)),
    ),
    f(
        "substring",
        2,
        3,
        Role::Constant(Function::Text(TextFunction::Substring)),
    ),
    f(
        "round",
        1,
        1,
        Role::Constant(Function::Rounded(Rounding::Round)),
    ),
    f(
        "floor",
        1,
        1,
        Role::Constant(Function::Rounded(Rounding::Floor)),
    ),
    f(
        "ceiling",
        1,
        1,
        Role::Constant(Function::Rounded(Rounding::Ceiling)),
    ),
    f("cast", 1, 2, Role::Cast),
    f("isof", 1, 2, Role::IsOf),
    f(
        "matchespattern",
        2,
        2,
        Role::Known("regular expressions differ between databases"),
    ),
    f(
        "isdefined",
        1,
        1,
        Role::Known("every property that is declared is defined"),
    ),
    f("hassubset", 2, 2, Role::Known("no attribute holds a list")),
    f(
        "hassubsequence",
        2,
        2,
        Role::Known("no attribute holds a list"),
    ),
    f(
        "totaloffsetminutes",
        1,
        1,
        Role::Known("times are kept in UTC"),
    ),
    f(
        "case",
        1,
        usize::MAX,
        Role::Known("it takes pairs, `case(condition:value)`"),
    ),
    f(
        "geo.distance",
        2,
        2,
        Role::Known("no attribute holds a place"),
    ),
    f(
        "geo.intersects",
        2,
        2,
        Role::Known("no attribute holds a place"),
    ),
    f(
        "geo.length",
        1,
        1,
        Role::Known("no attribute holds a place"),
    ),
];

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|f| f.name)
}

/// The function of a name, called with so many arguments.
///
/// Built-in names are case-insensitive (OData 4.01 Part 2, 5.1.1).
pub(super) fn find(name: &Name, arguments: usize, span: Span) -> Result<&'static Row> {
    let is = |f: &&Row| match f.name.split_once('.') {
        Some((space, rest)) => {
            name.namespace.eq_ignore_ascii_case(space) && name.name.eq_ignore_ascii_case(rest)
        }
        None => name.namespace.is_empty() && name.name.eq_ignore_ascii_case(f.name),
    };
    let function = FUNCTIONS
        .iter()
        .find(is)
        .ok_or_else(|| suggest::unknown_function(name, span))?;
    if (function.least..=function.most).contains(&arguments) {
        return Ok(function);
    }
    let wanted = match function.least {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        n => format!("{n} arguments"),
    };
    let text = format!("`{}` takes {wanted}, not {arguments}", function.name);
    Err(Problem::new(Code::TypeMismatch, text)
        .about(function.name)
        .at(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name_in_any_case() {
        for function in FUNCTIONS {
            let (namespace, name) = function.name.split_once('.').unwrap_or(("", function.name));
            let name = Name {
                namespace: namespace.to_owned(),
                name: name.to_uppercase(),
            };
            let found = find(&name, function.least, Span::default()).unwrap();
            assert_eq!(found.name, function.name);
            if let Some(fewer) = function.least.checked_sub(1) {
                let problem = find(&name, fewer, Span::default()).unwrap_err();
                assert_eq!(problem.code(), Code::TypeMismatch, "{}", function.name);
            }
        }
    }
}
