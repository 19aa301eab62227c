//! `$apply`: what is said of faults in it. The rules of its ABNF are in `tests/abnf/apply.txt`.

use super::{check_queries, parse_query};
use crate::syntax::Limits;

/// Texts that are not read, and how the message about each begins.
const FAULTS: &[(&str, &str)] = &[
    ("", "expected a transformation such as `groupby(…)`"),
    (
        "identity/",
        "expected a transformation such as `groupby(…)`",
    ),
    (
        "identity identity",
        "expected `/` and a transformation, found `identity`",
    ),
    ("aggregate", "expected `(` after `aggregate`"),
    ("aggregate()", "expected what is aggregated"),
    ("aggregate(A with)", "expected `,` or `)`, found `with`"),
    (
        "aggregate(A with sum as)",
        "expected `,` or `)`, found `as`",
    ),
    ("aggregate(A with sum as 1)", "expected a name after `as`"),
    ("aggregate($count as N", "unclosed `(`"),
    ("aggregate(A from )", "expected a property after `from`"),
    (
        "aggregate(A from B with 1)",
        "expected a method such as `max`",
    ),
    (
        "groupby(A)",
        "expected `(` and what groups, such as `groupby((A,B))`",
    ),
    ("groupby(())", "expected a property to group by"),
    (
        "groupby((A),)",
        "expected a transformation such as `groupby(…)`",
    ),
    ("groupby((year(A)))", "only properties group"),
    ("groupby((rollup(A))", "unclosed `(`"),
    ("groupby((rollup(A", "unclosed `(`"),
    ("filter()", "expected a condition"),
    ("filter(A,B)", "expected `,` or `)`"),
    ("search()", "expected a word to search for"),
    ("search(\"x)", "unclosed `\"`"),
    ("compute(year(A))", "expected `as` and a name"),
    ("compute(year(A) as )", "expected a name after `as`"),
    ("orderby()", "expected a property to order by"),
    ("orderby(A up)", "expected `,` or `)`"),
    ("skip(-1)", "expected a whole number from 0"),
    (
        "top(18446744073709551616)",
        "expected a whole number from 0",
    ),
    ("top(a)", "expected a whole number from 0"),
    ("topcount(2)", "expected `,`"),
    ("topcount(A 2)", "expected `,`"),
    ("bottomsum(,A)", "expected a number"),
    ("concat(identity)", "expected `,`"),
    (
        "concat(,identity)",
        "expected a transformation such as `groupby(…)`",
    ),
    ("join(A", "unclosed `(`"),
    ("Ns.F", "expected `(` after `F`"),
    (
        "agregate($count as N)",
        "there is no transformation `agregate`",
    ),
    ("something(1)", "there is no transformation `something`"),
];

#[test]
fn faults_say_what_is_expected() {
    for (text, message) in FAULTS {
        let read = parse_query(&format!("$apply={text}"), &Limits::default());
        let problem = read.err().unwrap_or_else(|| panic!("{text}"));
        let said = problem.message();
        assert!(said.starts_with(message), "{text}\n{problem:?}");
    }
}

#[test]
fn an_unknown_word_is_told_what_is_offered() {
    let help = |text: &str| {
        let read = parse_query(&format!("$apply={text}"), &Limits::default());
        read.err().unwrap().helps().join("; ")
    };
    assert_eq!(
        help("foo(1)"),
        "there are identity, filter, search, compute, orderby, skip, top, aggregate, groupby, \
         concat, topcount, bottomcount"
    );
    // What is meant is told as what it is, later.
    assert_eq!(help("topsun(1,A)"), "did you mean `topsum`?");
}

#[test]
fn blanks_and_cases_do_not_matter() {
    check_queries(&[
        (
            "$apply=GroupBy( ( A , B ) , Aggregate( $count  as  N ) ) / Top( 5)",
            "$apply=groupby((A,B),aggregate($count as N))/top(5)",
        ),
        (
            "$apply=aggregate(A With Sum As S)",
            "$apply=aggregate(A with Sum as S)",
        ),
        (
            "$expand=A($apply=groupby((B),aggregate($count as N));$top=1)",
            "$expand=A($apply=groupby((B),aggregate($count as N));$top=1)",
        ),
    ]);
}

#[test]
fn nesting_is_limited() {
    let deep = |levels: usize| {
        let mut text = "identity".to_owned();
        for _ in 0..levels {
            text = format!("concat({text},identity)");
        }
        parse_query(&format!("$apply={text}"), &Limits::default())
    };
    assert!(deep(60).is_ok());
    let problem = deep(70).unwrap_err();
    assert_eq!(problem.message(), "the expression is nested too deeply");
}
