//! `$apply`, rule by rule of the ABNF of Data Aggregation 4.0.

use super::{check_queries, parse_query};
use crate::syntax::Limits;

/// Rule, texts that it reads (each is also what is printed), texts that it does not.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const RULES: &[Row] = &[
    (
        "applyExpr",
        &[
            "identity",
            "identity/identity",
            "filter(A eq 1)/groupby((B))/aggregate($count as N)",
        ],
        &[
            ("", "expected a transformation such as `groupby(…)`"),
            (
                "identity/",
                "expected a transformation such as `groupby(…)`",
            ),
            (
                "identity identity",
                "expected `/` and a transformation, found `identity`",
            ),
        ],
    ),
    (
        "aggregateTrafo",
        &[
            "aggregate($count as N)",
            "aggregate(A with sum as S,B with max as M)",
            "aggregate(A/B with Ns.Custom as X,Forecast)",
        ],
        &[
            ("aggregate", "expected `(` after `aggregate`"),
            ("aggregate()", "expected what is aggregated"),
            ("aggregate(A with)", "expected `,` or `)`, found `with`"),
            (
                "aggregate(A with sum as)",
                "expected `,` or `)`, found `as`",
            ),
            ("aggregate(A with sum as 1)", "expected a name after `as`"),
            ("aggregate($count as N", "unclosed `(`"),
        ],
    ),
    (
        "aggregateFrom",
        &[
            "aggregate(A with sum from B with max as X)",
            "aggregate(A with sum from B with max from C as X)",
            "aggregate($count from B as X)",
        ],
        &[
            ("aggregate(A from )", "expected a property after `from`"),
            (
                "aggregate(A from B with 1)",
                "expected a method such as `max`",
            ),
        ],
    ),
    (
        "groupbyTrafo",
        &[
            "groupby((A))",
            "groupby((A,B/C),aggregate($count as N))",
            "groupby((A),filter(B)/topcount(1,C))",
        ],
        &[
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
        ],
    ),
    (
        "rollupSpec",
        &[
            "groupby((rollup(A,B)))",
            "groupby((rollup($all,A),C))",
            "groupby((rollup(A)),aggregate($count as N))",
        ],
        &[
            ("groupby((rollup(A))", "unclosed `(`"),
            ("groupby((rollup(A", "unclosed `(`"),
        ],
    ),
    (
        "filterTrafo",
        &[
            "filter(A)",
            "filter(A eq ')')",
            "filter(contains(A,'x') and B)",
        ],
        &[
            ("filter()", "expected a condition"),
            ("filter(A,B)", "expected `,` or `)`"),
        ],
    ),
    (
        "searchTrafo",
        &[
            "search(ann)",
            "search(ann OR NOT bea)",
            "search(\"two words\")",
        ],
        &[
            ("search()", "expected a word to search for"),
            ("search(\"x)", "unclosed `\"`"),
        ],
    ),
    (
        "computeTrafo",
        &[
            "compute(year(A) as Y)",
            "compute(year(A) as Y,month(A) as M)",
            "compute(A mul 2 as Twice)",
        ],
        &[
            ("compute(year(A))", "expected `as` and a name"),
            ("compute(year(A) as )", "expected a name after `as`"),
        ],
    ),
    (
        "orderbyTrafo",
        &["orderby(A)", "orderby(A desc,B)", "orderby(A/B desc)"],
        &[
            ("orderby()", "expected a property to order by"),
            ("orderby(A up)", "expected `,` or `)`"),
        ],
    ),
    (
        "skipTrafo, topTrafo",
        &["skip(0)", "top(5)", "skip(10)/top(18446744073709551615)"],
        &[
            ("skip(-1)", "expected a whole number from 0"),
            (
                "top(18446744073709551616)",
                "expected a whole number from 0",
            ),
            ("top(a)", "expected a whole number from 0"),
        ],
    ),
    (
        "topcountTrafo and its siblings",
        &["topcount(2,A)", "bottompercent(50,A)", "topsum(10,A mul B)"],
        &[
            ("topcount(2)", "expected `,`"),
            ("topcount(A 2)", "expected `,`"),
            ("bottomsum(,A)", "expected a number"),
        ],
    ),
    (
        "concatTrafo",
        &[
            "concat(identity,identity)",
            "concat(groupby((A)),aggregate($count as N),identity)",
            "concat(filter(A)/groupby((B)),concat(identity,identity))",
        ],
        &[
            ("concat(identity)", "expected `,`"),
            (
                "concat(,identity)",
                "expected a transformation such as `groupby(…)`",
            ),
        ],
    ),
    (
        "transformations that are not read",
        &[
            "join(A as B,aggregate($count as N))",
            "Ns.F(a=')')",
            "traverse(x(y),z)",
        ],
        &[
            ("join(A", "unclosed `(`"),
            ("Ns.F", "expected `(` after `F`"),
            (
                "agregate($count as N)",
                "there is no transformation `agregate`",
            ),
            ("something(1)", "there is no transformation `something`"),
        ],
    ),
];

#[test]
fn every_rule_reads_and_refuses() {
    for (rule, valid, invalid) in RULES {
        assert!(valid.len() > 2 && invalid.len() > 1, "{rule}");
        for text in *valid {
            let query = format!("$apply={text}");
            check_queries(&[(query.as_str(), query.as_str())]);
        }
        for (text, message) in *invalid {
            let read = parse_query(&format!("$apply={text}"), &Limits::default());
            let problem = read.err().unwrap_or_else(|| panic!("{rule}: {text}"));
            assert!(
                problem.message().starts_with(message),
                "{rule}: {text}\n{problem:?}"
            );
        }
    }
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
