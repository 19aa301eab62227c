//! The table of OData's functions and what this service does with each.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{CompareOperator, MatchKind};
use crate::syntax::ast::Name;

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
    Constant(Computed),
    /// OData knows it; no attribute declares it and the service does not compute it.
    Known,
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

/// Functions of constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Computed {
    /// `now`.
    Now,
    /// `mindatetime`.
    Min,
    /// `maxdatetime`.
    Max,
    /// `concat`.
    Concat,
    /// `length`.
    Length,
    /// `month`.
    Month,
    /// `day`.
    Day,
}

/// One function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    least: usize,
    most: usize,
    pub(super) role: Role,
}

const fn f(name: &'static str, least: usize, most: usize, role: Role) -> Function {
    Function {
        name,
        least,
        most,
        role,
    }
}

/// OData 4.01 Part 2, 5.1.1.5 to 5.1.1.13, and the vendor's three.
const FUNCTIONS: &[Function] = &[
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
    f("now", 0, 0, Role::Constant(Computed::Now)),
    f("mindatetime", 0, 0, Role::Constant(Computed::Min)),
    f("maxdatetime", 0, 0, Role::Constant(Computed::Max)),
    f("concat", 2, 2, Role::Constant(Computed::Concat)),
    f("length", 1, 1, Role::Constant(Computed::Length)),
    f("month", 1, 1, Role::Constant(Computed::Month)),
    f("day", 1, 1, Role::Constant(Computed::Day)),
    f("substring", 2, 3, Role::Known),
    f("matchespattern", 2, 2, Role::Known),
    f("hassubset", 2, 2, Role::Known),
    f("hassubsequence", 2, 2, Role::Known),
    f("hour", 1, 1, Role::Known),
    f("minute", 1, 1, Role::Known),
    f("second", 1, 1, Role::Known),
    f("fractionalseconds", 1, 1, Role::Known),
    f("time", 1, 1, Role::Known),
    f("totaloffsetminutes", 1, 1, Role::Known),
    f("totalseconds", 1, 1, Role::Known),
    f("round", 1, 1, Role::Known),
    f("floor", 1, 1, Role::Known),
    f("ceiling", 1, 1, Role::Known),
    f("cast", 1, 2, Role::Known),
    f("isof", 1, 2, Role::Known),
    f("case", 1, usize::MAX, Role::Known),
    f("geo.distance", 2, 2, Role::Known),
    f("geo.intersects", 2, 2, Role::Known),
    f("geo.length", 1, 1, Role::Known),
];

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|f| f.name)
}

/// The function of a name, called with so many arguments.
///
/// Built-in names are case-insensitive (OData 4.01 Part 2, 5.1.1).
pub(super) fn find(name: &Name, arguments: usize, span: Span) -> Result<&'static Function> {
    let is = |f: &&Function| match f.name.split_once('.') {
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
