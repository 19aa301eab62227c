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

/// What a query is refused with, if it is: the code and what it says of the limit.
fn refused(query: &str) -> Option<(Code, String)> {
    let problem = parse_query(query, &Limits::default()).err()?;
    Some((problem.code(), problem.helps().join("; ")))
}

#[test]
fn computed_values_end_at_their_limit_also_inside_expand() {
    let items = |number: usize| {
        let items: Vec<_> = (0..number).map(|n| format!("1 as A{n}")).collect();
        items.join(",")
    };
    let too_many = Some((
        Code::LimitExceeded,
        "at most 100 values are allowed".to_owned(),
    ));
    for (open, close) in [
        ("$compute=", ""),
        ("$expand=P($compute=", ")"),
        ("$apply=compute(", ")"),
    ] {
        let query = |number| format!("{open}{}{close}", items(number));
        assert_eq!(refused(&query(100)), None, "{open}");
        assert_eq!(refused(&query(101)), too_many, "{open}");
    }
}

#[test]
fn words_that_are_searched_end_at_their_limit() {
    let too_many = Some((
        Code::LimitExceeded,
        "at most 1000 words are allowed".to_owned(),
    ));
    for between in [" ", " AND ", " OR "] {
        let query = |words: usize| format!("$search={}", vec!["a"; words].join(between));
        assert_eq!(refused(&query(1_000)), None, "{between}");
        assert_eq!(refused(&query(1_001)), too_many, "{between}");
        assert_eq!(refused(&query(400_000)), too_many, "{between}");
    }
}

#[test]
fn a_query_ends_at_the_limit_of_all_its_parts() {
    let too_many = "at most 100000 values and conditions are allowed".to_owned();
    let too_many = Some((Code::LimitExceeded, too_many));
    let list = format!("A in ({})", vec!["1"; 9_000].join(","));
    let query = |lists: usize| format!("$filter={}", vec![list.as_str(); lists].join(" or "));
    assert_eq!(refused(&query(10)), None);
    assert_eq!(refused(&query(12)), too_many);
    let words = format!("({})", vec!["a"; 900].join(" "));
    let search = format!("$search={}", vec![words.as_str(); 200].join(" "));
    assert_eq!(refused(&search), too_many);
    // All options count together.
    let alias = |n: usize| format!("@a{n}={list}");
    let aliases: Vec<_> = (0..12).map(alias).collect();
    assert_eq!(refused(&aliases.join("&")), too_many);
}

#[test]
fn options_end_at_their_limit() {
    let query = |options: usize| vec!["a=1"; options].join("&");
    assert_eq!(refused(&query(1_000)), None);
    let too_many = Some((Code::LimitExceeded, "at most 1000 are allowed".to_owned()));
    assert_eq!(refused(&query(1_001)), too_many);
}

#[test]
fn problems_keep_little_of_long_texts() {
    let long = "x".repeat(1_000_000);
    for query in [
        format!("${long}=1"),
        format!("$filter=A {long} 1"),
        format!("$filter=A eq '{long}' and"),
        format!("$orderby={}", "A,".repeat(9_000)),
    ] {
        let problem = parse_query(&query, &Limits::default()).unwrap_err();
        let kept = problem.message().len()
            + problem.target().map_or(0, str::len)
            + problem.source().map_or(0, |source| source.text.len());
        assert!(kept < 8_000, "{kept}");
    }
}
