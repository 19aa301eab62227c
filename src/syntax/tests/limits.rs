//! Limits: at each, and one past it.

use super::{parse_expression, parse_query};
use crate::diag::Code;
use crate::syntax::Limits;

/// What the text is refused with, if it is.
fn refusal(text: &str) -> Option<Code> {
    parse_expression(text, &Limits::default())
        .err()
        .map(|problem| problem.code())
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!("{}A{}", open.repeat(levels), close.repeat(levels))
    };
    for (open, close) in [
        ("(", ")"),
        ("not ", ""),
        ("f(", ")"),
        ("[", "]"),
        ("A/any(x:", ")"),
    ] {
        assert_eq!(refusal(&nested(open, close, 63)), None, "{open}");
        assert_eq!(
            refusal(&nested(open, close, 64)),
            Some(Code::LimitExceeded),
            "{open}"
        );
        assert_eq!(
            refusal(&nested(open, close, 10_000)),
            Some(Code::LimitExceeded),
            "{open}"
        );
        assert_eq!(
            refusal(&open.repeat(10_000)),
            Some(Code::LimitExceeded),
            "{open}"
        );
    }
    let expand = format!("$expand={}", "A($expand=".repeat(10_000));
    let problem = parse_query(&expand, &Limits::default()).unwrap_err();
    assert_eq!(problem.code(), Code::LimitExceeded);
    let search = format!("$search={}", "(".repeat(10_000));
    let problem = parse_query(&search, &Limits::default()).unwrap_err();
    assert_eq!(problem.code(), Code::LimitExceeded);
}

#[test]
fn operators_that_lean_left_count_as_nesting() {
    let sum = |terms: usize| vec!["1"; terms].join(" add ");
    assert_eq!(refusal(&sum(64)), None);
    assert_eq!(refusal(&sum(65)), Some(Code::LimitExceeded));
    assert_eq!(refusal(&sum(10_000)), Some(Code::LimitExceeded));
    let both = format!("({}) eq 1 eq 1", sum(63));
    assert_eq!(refusal(&both), Some(Code::LimitExceeded));
}

#[test]
fn lists_end_at_the_limit() {
    let list = |items: usize| format!("A in ({})", vec!["1"; items].join(","));
    assert_eq!(refusal(&list(10_000)), None);
    assert_eq!(refusal(&list(10_001)), Some(Code::LimitExceeded));
    let chain = |items: usize| vec!["A eq 1"; items].join(" or ");
    assert_eq!(refusal(&chain(10_000)), None);
    assert_eq!(refusal(&chain(10_001)), Some(Code::LimitExceeded));
}

#[test]
fn names_end_at_128_characters() {
    assert_eq!(refusal(&"я".repeat(128)), None);
    assert_eq!(refusal(&"я".repeat(129)), Some(Code::SyntaxError));
}
